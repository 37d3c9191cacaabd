"""Deep pictures, stage by stage: what people bring, not what is easy.

    python -m benchmarks deep_pictures [--side 1024] [--only valley] [--clean]

One thread, a process for each picture, processor time; "one pass" is one copy of the picture's
float pixels, the least that a stage which reads and writes them all could take.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from typing import Any

from ..harness.measure import print_row, run_row, save_results
from ..harness.process_stats import memory_mb
from ..inputs.deep_scenes import PICTURES, deep_picture
from ..inputs.ellipses import ellipses

SIDE = 1024
REPEATS = 2
STAGES = ("depth", "layers", "relief", "SVG")
EASY = "easy drawing"


def _cpu(run: Callable[[], Any]) -> tuple[Any, float]:
    """What a function gives, and the processor seconds that it took."""
    start = time.process_time()
    result = run()
    return result, time.process_time() - start


def _stages(image: Any, predictor: Any) -> dict[str, Any]:
    """Seconds of each stage on a picture that was never seen before, and what came out."""
    from illustrators_depth import decompose
    from illustrators_depth.geometry import relief
    from illustrators_depth.predictors.regional import compose_depth, prepare
    from illustrators_depth.types import DepthMap

    prepared, regions_s = _cpu(lambda: prepare(image, 192, 32))
    (dense, values), network_s = _cpu(lambda: predictor.run(prepared))
    composed, borders_s = _cpu(lambda: compose_depth(prepared, dense, values, predictor.borders))
    depth = DepthMap(composed[0], confidence=composed[1])
    stack, layers_s = _cpu(lambda: decompose(image, depth))
    _, relief_s = _cpu(lambda: relief(stack))
    peak = memory_mb("VmHWM")
    return {
        "depth": regions_s + network_s + borders_s,
        "layers": layers_s,
        "relief": relief_s,
        "regions": regions_s,
        "network": network_s,
        "borders": borders_s,
        "result": (prepared.segments.count, peak, stack),
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
    _stages(ellipses(256, 256), predictor)  # all modules are loaded from here on
    image = ellipses(side, side) if name == EASY else deep_picture(name, side, jpeg)
    before = memory_mb()
    runs = [_stages(type(image)(image.rgba.copy(), image.name), predictor) for _ in range(REPEATS)]
    copies = [_cpu(image.rgba.copy)[1] for _ in range(5)]
    regions, peak, stack = runs[0]["result"]
    seconds = {s: round(min(r[s] for r in runs), 4) for s in runs[0] if s != "result"}
    print_row(
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
            row |= run_row(__spec__.name, name, jpeg, chosen.side)
            rows.append(row)
            if "not run" in row:
                print(f"{name}: not run: {row['not run']}", flush=True)
                continue
            times = ", ".join(f"{s} {row['seconds'][s]:.2f}" for s in STAGES)
            print(f"{name}{', JPEG' if jpeg else ''}: {times} s; {row['regions']} regions, "
                  f"{row['layers']} layers, {row['bytes_per_pixel']:.0f} bytes per pixel",
                  flush=True)  # fmt: skip
    if chosen.only == [EASY, *PICTURES] and not chosen.clean:
        save_results("deep_pictures", rows, side=chosen.side)
    return 0


if __name__ == "__main__":
    sys.exit(main())
