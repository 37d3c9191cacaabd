"""How long a person waits for depth: the shipped model by the clock, Depth Anything V2 beside it.

    python -m benchmarks depth_speed [--threads 2]

Each row runs in a process of its own, so that resident memory is its own. Depth Anything V2 Small
runs with random weights (only its time counts) if transformers and torch are installed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from ..harness.measure import print_row, run_row, save_results
from ..inputs.ellipses import ellipses
from .peer_networks import depth_anything_small

RUNS, UNMEASURED_RUNS = 7, 2
OURS = "compact"
ROWS = ((OURS, 256), (OURS, 512), (OURS, 1024), ("depth-anything-v2-small", 518))
"""Network, and pixels of a side: of the picture for ours, of its input for the other."""


def _compact(size: int) -> Callable[[], Any]:
    """A whole prediction by the shipped model on an easy drawing, reading the file excluded."""
    from illustrators_depth.predictors import make_predictor
    from illustrators_depth.settings import DepthSettings
    from illustrators_depth.types import Image

    predictor, drawing = make_predictor(DepthSettings()), ellipses(size, size)
    # A picture that was seen before would be segmented faster: each run gets a copy.
    return lambda: predictor.predict(Image(drawing.rgba.copy()))


def _depth_anything(size: int) -> Callable[[], Any]:
    """A forward pass of Depth Anything V2 Small at size x size, random weights."""
    import torch

    model, picture = depth_anything_small(size)

    def run() -> None:
        with torch.inference_mode():
            model(pixel_values=picture)

    return run


def _row(name: str, size: int) -> None:
    """Print one row: median and least seconds of the clock."""
    import statistics

    run = _compact(size) if name == OURS else _depth_anything(size)
    seconds = []
    for _ in range(UNMEASURED_RUNS + RUNS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    measured = seconds[UNMEASURED_RUNS:]
    print_row(seconds=statistics.median(measured), least_seconds=min(measured))


def main() -> int:
    """Run every row in its own process, print and save the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--row", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.row:
        _row(options.row[0], int(options.row[1]))
        return 0
    rows: list[dict[str, Any]] = []
    for name, size in ROWS:
        row = run_row(__spec__.name, name, size, threads=options.threads)
        if "not run" in row:
            rows.append({"what": name, "size": size, **row})
            print(f"{name} {size}: not run ({row['not run']})")
            continue
        row["resident_mb"] = row.pop("peak_mb")
        rows.append({"what": name, "size": size, **row})
        print(
            f"{name} at {size}: {row['seconds']:.3f} s (least {row['least_seconds']:.3f} s), "
            f"{row['resident_mb']:.0f} MB",
            flush=True,
        )
    save_results("depth_speed", rows, threads=options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
