"""Large pictures and the hardest one: seconds and memory of what is made of them.

    python -m benchmarks large_pictures [--only 4K]

One thread, a process for each row, processor time. "4K" is a scene of some 30 layers, exported in
four ways; "64 megapixels" an easy drawing; "checkerboard" has a region at every pixel.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..harness.measure import print_row, run_row, save_results
from ..inputs.deep_scenes import deep_picture
from ..inputs.ellipses import ellipses

# Name -> picture, side in pixels, what is made of its layers.
ROWS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "4K": ("gradients, outlined", 4096, ("EXR", "PSD", "SVG", "paper-cut")),
    "64 megapixels": ("easy", 8000, ()),
    "checkerboard": ("checkerboard", 2048, ("SVG",)),
}


def _picture(name: str, side: int) -> Any:
    import numpy as np

    from illustrators_depth.types import Image

    if name == "easy":
        return ellipses(side, side)
    if name != "checkerboard":
        return deep_picture(name, side)
    rgba = np.ones((side, side, 4), np.float32)
    rgba[..., :3] = (np.add.outer(np.arange(side), np.arange(side)) % 2)[..., None]
    return Image(rgba, name)


def _exports(stack: Any, depth: Any, folder: Path) -> dict[str, Callable[[], Any]]:
    from illustrators_depth import vectorize
    from illustrators_depth.export.stack_writer import write_stack
    from illustrators_depth.papercut import papercut, write_papercut

    return {
        "EXR": lambda: write_stack(stack, folder / "a.exr", depth=depth),
        "PSD": lambda: write_stack(stack, folder / "a.psd"),
        "SVG": lambda: vectorize(stack),
        "paper-cut": lambda: write_papercut(papercut(stack), folder / "a.svg", False),
    }


def _row(row: str) -> None:
    import cv2

    from illustrators_depth import decompose
    from illustrators_depth.predictors.onnx import OnnxPredictor
    from illustrators_depth.settings import DepthSettings
    from illustrators_depth.threads import limit_threads

    limit_threads(1)
    cv2.setNumThreads(1)
    name, side, exports = ROWS[row]
    predictor = OnnxPredictor.shipped(DepthSettings())
    image = _picture(name, side)
    seconds: dict[str, float] = {}
    peaks: dict[str, float] = {}

    def measured(what: str, run: Callable[[], Any]) -> Any:
        start = time.process_time()
        made = run()
        seconds[what] = round(time.process_time() - start, 2)
        peaks[what] = round(_peak_mb())
        return made

    depth = measured("depth", lambda: predictor.predict(image))
    stack = measured("layers", lambda: decompose(image, depth))
    with tempfile.TemporaryDirectory() as folder:
        ways = _exports(stack, depth, Path(folder))
        for what in exports:
            measured(what, ways[what])
    print_row(seconds=seconds, peaks_mb=peaks, layers=len(stack), side=side)


def _peak_mb() -> float:
    """Peak resident memory of this process (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith("VmHWM:"))) / 1024


def main() -> int:
    """Measure every row, print and save; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="*", default=[*ROWS], choices=[*ROWS])
    parser.add_argument("--row", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        _row(chosen.row)
        return 0
    rows = []
    for row in chosen.only:
        rows.append({"row": row, **run_row(__spec__.name, row)})
        print(rows[-1], flush=True)
    if chosen.only == [*ROWS]:
        save_results("large_pictures", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
