"""Measures depth prediction on this machine: the shipped model, and Depth Anything V2 beside it.

    python benchmarks/depth_speed.py [--threads 2]

Each row runs in a process of its own, so that resident memory is its own. Depth Anything V2 Small
runs with random weights (only its time counts) if transformers and torch are installed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Any

from _measure import save
from _peers import depth_anything_small

REPEATS = 7
ROWS = (("compact", 256), ("compact", 512), ("compact", 1024), ("depth-anything-v2-small", 518))


def compact(size: int) -> list[float]:
    """Seconds of each prediction by the shipped model on a flat drawing, reading excluded."""
    import cv2
    import numpy as np

    from illustrators_depth.predictors import make_predictor
    from illustrators_depth.settings import DepthSettings
    from illustrators_depth.types import Image

    rng = np.random.default_rng(0)
    canvas = np.full((2 * size, 2 * size, 3), 255, np.uint8)
    for _ in range(24):  # a drawing of some 25 layers, anti-aliased by reduction
        centre = tuple(int(v) for v in rng.integers(0, 2 * size, 2))
        axes = tuple(int(v) for v in rng.integers(size // 8, size // 2, 2))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, color, -1)
    small = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)
    rgba = np.dstack([small / 255.0, np.ones((size, size))]).astype(np.float32)
    predictor = make_predictor(DepthSettings())
    return _timed(lambda: predictor.predict(Image(rgba)))


def depth_anything(size: int) -> list[float]:
    """Seconds of each forward pass of Depth Anything V2 Small at size x size, random weights."""
    import torch

    model, picture = depth_anything_small(size)

    def run() -> None:
        with torch.inference_mode():
            model(pixel_values=picture)

    return _timed(run)


def _timed(run: Any) -> list[float]:
    times = []
    for i in range(REPEATS + 2):
        start = time.perf_counter()
        run()
        if i >= 2:
            times.append(time.perf_counter() - start)
    return times


def _child(what: str, size: int) -> None:
    times = compact(size) if what == "compact" else depth_anything(size)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report = {"median": statistics.median(times), "least": min(times), "resident_mb": peak}
    print(json.dumps(report))


def main() -> int:
    """Run every row in its own process, print and save the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--row", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        _child(options.row[0], int(options.row[1]))
        return 0
    rows: list[dict[str, Any]] = []
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads)}
    for what, size in ROWS:
        command = [sys.executable, __file__, "--row", what, str(size)]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            why = (done.stderr.strip() or "no word").splitlines()[-1]
            rows.append({"what": what, "size": size, "not run": why})
            print(f"{what} {size}: not run ({why})")
            continue
        found = json.loads(done.stdout.strip().splitlines()[-1])
        row = {
            "what": what,
            "size": size,
            "seconds": found["median"],
            "least_seconds": found["least"],
            "resident_mb": found["resident_mb"],
        }
        rows.append(row)
        print(
            f"{what} at {size}: {row['seconds']:.3f} s (least {row['least_seconds']:.3f} s), "
            f"{row['resident_mb']:.0f} MB",
            flush=True,
        )
    save("depth_speed", rows, threads=options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
