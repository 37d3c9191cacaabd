"""Deep pictures, stage by stage: what people bring, not what is easy.

    python benchmarks/deep_pictures.py [--side 1024] [--only valley] [--clean]

One thread, a process for each picture, processor time; "one pass" is one copy of the picture's
float pixels, the least that a stage which reads and writes them all could take.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _deep import PICTURES, deep_picture
from _measure import answer, drawing, in_child, save

SIDE = 1024
REPEATS = 2
STAGES = ("depth", "layers", "relief", "SVG")
EASY = "easy drawing"


def _status(field: str) -> float:
    """A field of this process's status (Linux), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{field}:"))) / 1024


def _cpu(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    made = run()
    return made, time.process_time() - start


def _stages(image: Any, predictor: Any) -> dict[str, Any]:
    """Seconds of each stage on a picture that was never seen before, and what came out."""
    from illustrators_depth import decompose
    from illustrators_depth.geometry import relief
    from illustrators_depth.predictors.regional import compose_depth, prepare
    from illustrators_depth.types import DepthMap

    prepared, regions = _cpu(lambda: prepare(image, 192, 32))
    (dense, values), network = _cpu(lambda: predictor.run(prepared))
    composed, painted = _cpu(lambda: compose_depth(prepared, dense, values, predictor.borders))
    depth = DepthMap(composed[0], confidence=composed[1])
    stack, layers = _cpu(lambda: decompose(image, depth))
    _, meshes = _cpu(lambda: relief(stack))
    peak = _status("VmHWM")
    return {
        "depth": regions + network + painted,
        "layers": layers,
        "relief": meshes,
        "regions": regions,
        "network": network,
        "borders": painted,
        "found": (prepared.segments.count, peak, stack),
    }


def _row(name: str, jpeg: bool, side: int) -> None:
    """Print one row: the least over some runs, each on a picture that was never seen before."""
    import cv2

    from illustrators_depth.predictors.onnx import OnnxPredictor
    from illustrators_depth.settings import DepthSettings
    from illustrators_depth.threads import limit_threads
    from illustrators_depth.tracing import vectorize

    limit_threads(1)
    cv2.setNumThreads(1)
    predictor = OnnxPredictor.shipped(DepthSettings())
    _stages(drawing(256, 256), predictor)  # all modules are loaded from here on
    image = drawing(side, side) if name == EASY else deep_picture(name, side, jpeg)
    before = _status("VmRSS")
    runs = [_stages(type(image)(image.rgba.copy(), image.name), predictor) for _ in range(REPEATS)]
    copies = [_cpu(image.rgba.copy)[1] for _ in range(5)]
    regions, peak, stack = runs[0]["found"]
    seconds = {s: round(min(r[s] for r in runs), 4) for s in runs[0] if s != "found"}
    answer(
        seconds=seconds | {"SVG": round(_cpu(lambda: vectorize(stack))[1], 4)},
        regions=regions,
        layers=len(stack),
        size=[image.width, image.height],
        one_pass=round(min(copies), 5),
        bytes_per_pixel=round((peak - before) * 2**20 / (image.width * image.height)),
    )


def main() -> int:
    """Measure every picture, print and save; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--side", type=int, default=SIDE)
    parser.add_argument("--only", nargs="*", default=[EASY, *PICTURES], help="names of pictures")
    parser.add_argument("--clean", action="store_true", help="leave out the JPEG files")
    parser.add_argument("--row", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        name, jpeg, side = chosen.row
        _row(name, jpeg == "1", int(side))
        return 0
    rows = []
    for name in chosen.only:
        for jpeg in (0,) if chosen.clean or name == EASY else (0, 1):
            row = {"picture": name, "jpeg": bool(jpeg)}
            row |= in_child(__file__, name, jpeg, chosen.side)
            rows.append(row)
            if "not run" in row:
                print(f"{name}: not run: {row['not run']}", flush=True)
                continue
            times = ", ".join(f"{s} {row['seconds'][s]:.2f}" for s in STAGES)
            print(f"{name}{', JPEG' if jpeg else ''}: {times} s; {row['regions']} regions, "
                  f"{row['layers']} layers, {row['bytes_per_pixel']:.0f} bytes per pixel",
                  flush=True)  # fmt: skip
    if chosen.only == [EASY, *PICTURES] and not chosen.clean:
        save("deep_pictures", rows, side=chosen.side)
    return 0


if __name__ == "__main__":
    sys.exit(main())
