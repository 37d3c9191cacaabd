"""Measures layers and drawings: how long, beside VTracer, and how that grows.

    python -m benchmarks layers_speed

Everything runs side by side in one process, in turns, one thread, and processor time is compared.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..harness.measure import ROOT, print_row, run_row, save_results
from ..inputs.ellipses import ellipses

REPEATS = 5
SIDE = 1024
EXAMPLES = ("parrot", "valley", "autumn", "goldfish", "beach-trip", "reef")


def seconds(*runs: Callable[[], Any]) -> list[float]:
    """Median CPU seconds of each function, all of them in turn, `REPEATS` times."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(REPEATS):
        for run, taken in zip(runs, times, strict=True):
            start = time.process_time()
            run()
            taken.append(time.process_time() - start)
    return [statistics.median(taken) for taken in times]


def grid(side: int, count: int) -> tuple[Any, Any]:
    """`count` - 1 discs of their own colours that share the picture evenly, on a page."""
    import cv2
    import numpy as np

    from illustrators_depth.types import DepthMap, Image

    across = int(np.ceil(np.sqrt(count - 1)))
    step = 2 * side / across
    rng = np.random.default_rng(1)
    large = np.full((2 * side, 2 * side, 3), 255, np.uint8)
    index = np.ones((2 * side, 2 * side), np.float32)
    for number in range(count - 1):
        centre = (int((number % across + 0.5) * step), int((number // across + 0.5) * step))
        color = tuple(int(v) for v in rng.integers(0, 230, 3))
        cv2.circle(large, centre, int(0.6 * step), color, -1)
        cv2.circle(index, centre, int(0.6 * step), float(number + 2), -1)
    small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    rgba = np.dstack([small / 255.0, np.ones((side, side))]).astype(np.float32)
    return Image(rgba, f"grid of {count}"), DepthMap(np.ascontiguousarray(index[::2, ::2]))


def example(name: str) -> tuple[Any, Any]:
    """An example picture at 1024 pixels and its predicted depth."""
    import cv2
    import numpy as np

    from illustrators_depth import predict_depth
    from illustrators_depth.io.pictures.read_image import read_image
    from illustrators_depth.types import Image

    picture = read_image(ROOT / "examples" / f"{name}.png")
    scale = SIDE / max(picture.rgba.shape[:2])
    small = cv2.resize(picture.rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    image = Image(np.ascontiguousarray(small), name)
    return image, predict_depth(image)


def vtracer(image: Any) -> str:
    """VTracer with the paper's settings."""
    import cv2
    import numpy as np
    import vtracer as library

    pixels = np.rint(image.over() * 255).astype(np.uint8)[..., ::-1]
    data = cv2.imencode(".png", np.ascontiguousarray(pixels), [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    svg: str = library.convert_raw_image_to_svg(
        data.tobytes(),
        img_format="png",
        colormode="color",
        hierarchical="stacked",
        filter_speckle=8,
        color_precision=7,
        layer_difference=5,
    )
    return svg


def potrace(image: Any) -> float | None:
    """CPU seconds of VTracer's clusters in area order, traced by Potrace; None if it cannot run."""
    try:
        from illustrators_depth_training.vector.potrace import potrace_svg, potrace_trouble
    except ImportError:
        return None
    if potrace_trouble():
        return None
    start = time.process_time()
    made = potrace_svg(image)
    return time.process_time() - start if made else None


def measure(image: Any, depth: Any) -> dict[str, Any]:
    """One row: decompose, vectorize and VTracer on the same picture."""
    from illustrators_depth import decompose, predict_depth, vectorize

    depth = predict_depth(image) if depth is None else depth
    stack = decompose(image, depth)
    cut, traced, theirs = seconds(
        lambda: decompose(image, depth), lambda: vectorize(stack), lambda: vtracer(image)
    )
    return {
        "picture": image.name,
        "size": [image.width, image.height],
        "layers": len(stack),
        "decompose": cut,
        "vectorize": traced,
        "vtracer": theirs,
        "vectorize_over_vtracer": traced / theirs,
        "vtracer_potrace": potrace(image),
    }


def growth() -> float:
    """CPU time of 64 layers over that of 8, decompose and vectorize together."""
    from illustrators_depth import decompose, vectorize
    from illustrators_depth.settings import DecomposeSettings

    every = DecomposeSettings(max_layers=255)

    def run(count: int) -> Callable[[], Any]:
        image, depth = grid(SIDE, count)
        made = len(decompose(image, depth, every))
        assert made == count, f"{made} layers instead of {count}"
        return lambda: vectorize(decompose(image, depth, every))

    few, many = seconds(run(8), run(64))
    return many / few


def peak(side: int) -> None:
    """A row: peak memory of decompose and vectorize at one size, beyond what was there before."""
    from illustrators_depth import decompose, vectorize
    from illustrators_depth.types import DepthMap

    def run(width: int) -> None:
        image = ellipses(width, width)
        luminance = image.rgba[..., :3].sum(axis=2)
        vectorize(decompose(image, DepthMap(luminance)))

    run(64)  # all modules are loaded from here on
    before = _status("VmRSS")
    run(side)
    # Not ru_maxrss: that of a child begins with what its parent held.
    print_row(used_mb=_status("VmHWM") - before)


def _status(field: str) -> float:
    """A field of this process's status (Linux), in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{field}:"))) / 1024


def main() -> int:
    """Measure, print ratios first, save; returns the exit code."""
    import cv2

    cv2.setNumThreads(1)
    if sys.argv[1:2] == ["--row"]:
        peak(int(sys.argv[2]))
        return 0
    flat = ellipses(SIDE, SIDE)
    rows = []
    for image, depth in [(flat, None), *map(example, EXAMPLES)]:
        row = measure(image, depth)
        rows.append(row)
        print(
            f"{row['picture']}: vectorize {row['vectorize_over_vtracer']:.2f} x VTracer; "
            f"{row['layers']} layers, decompose {row['decompose']:.2f} s, vectorize "
            f"{row['vectorize']:.2f} s, VTracer {row['vtracer']:.2f} s; "
            f"VTracer + Potrace: {row['vtracer_potrace'] or 'not run'}",
            flush=True,
        )
    many = growth()
    print(f"64 layers over 8: {many:.2f} x the time", flush=True)
    memory = {}
    for side in (512, 1024, 2048):
        found = run_row(__spec__.name, side)
        if "not run" not in found:
            memory[str(side)] = found["used_mb"]
            print(f"{side}: {memory[str(side)] * 2**20 / side**2:.0f} bytes per pixel", flush=True)
    save_results("layers_speed", rows, layers_64_over_8=many, memory_mb=memory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
