"""What reading files that hold their layers costs, and how near it is to the data builder's truth.

    python -m benchmarks layered_files [--runs 5] [--agree FILE.svg ...]

Processor time of one thread, the best of some runs after a first one: an SVG of 100 paths to a
stack of 20 layers at 1024 x 1024, a PSD of 30 layers at 4K. With `--agree`, for each drawing the
share of pixels at which its layers (`split="strokes"`) and the index map that training is built
from are one, under the best mapping of layers that keeps their order.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..harness.measure import save_results

PATHS, LAYERS, SIDE_PX = 100, 20, 1024
PSD_LAYERS, PSD_SIZE = 30, (2160, 3840)
AGREEMENT_SIDE_PX = 512
GOOD_AGREEMENT = 0.995


def svg_of_paths() -> str:
    """Leaves of 20 colours in turn, five of each colour one after the other."""
    rng = np.random.default_rng(0)
    body = fill = ""
    for number in range(PATHS):
        x, y = rng.uniform(100, 900, 2)
        turn, size = rng.uniform(0, 360), rng.uniform(40, 140)
        if number % (PATHS // LAYERS) == 0:
            fill = "#{:02x}{:02x}{:02x}".format(*rng.integers(0, 256, 3))
        body += (
            f'<path fill="{fill}" transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})" '
            f'd="M0 {-size:.1f}C{size:.1f} {-size / 2:.1f} {size:.1f} {size / 2:.1f} 0 {size:.1f}'
            f'S{-size:.1f} {-size / 2:.1f} 0 {-size:.1f}z"/>'
        )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000">{body}</svg>'


def write_psd_of_layers(path: Path) -> float:
    """A PSD of soft discs of half the page's height; returns its millions of layer pixels."""
    from PIL import Image
    from psd_tools import PSDImage

    height, width = PSD_SIZE
    document = PSDImage.new("RGB", (width, height), color=(255, 255, 255))
    rng = np.random.default_rng(0)
    reach = np.hypot(*np.mgrid[-570:570, -570:570])
    alpha = np.clip(565.0 - reach, 0.0, 1.0) * 255.0
    total = 0
    for number in range(PSD_LAYERS):
        rgba = np.empty((*alpha.shape, 4), np.uint8)
        rgba[..., :3] = rng.integers(0, 256, 3)
        rgba[..., 3] = alpha
        place = [int(rng.integers(0, most - 1140)) for most in PSD_SIZE]
        document.create_pixel_layer(
            Image.fromarray(rgba), name=f"disc {number}", top=place[0], left=place[1]
        )
        total += alpha.size
    document.save(path)
    return total / 1e6


def best_of(run: Callable[[], Any], runs: int) -> float:
    """The least processor time of some runs, after one that loads what is needed."""
    run()
    seconds = math.inf
    for _ in range(runs):
        start = time.process_time()
        run()
        seconds = min(seconds, time.process_time() - start)
    return seconds


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Share of pixels that agree under the best mapping of numbers that keeps their order."""
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1), np.int64)
    np.add.at(table, (one.ravel(), other.ravel()), 1)
    best = np.zeros(table.shape[1], np.int64)
    for row in table:
        best = np.maximum.accumulate(best) + row
    return float(best.max()) / one.size


def agreements(files: list[str]) -> list[dict[str, Any]]:
    """One row per drawing that both readers take."""
    from illustrators_depth import read_layers
    from illustrators_depth.errors import InputError
    from illustrators_depth_training.data.drawing.sample import Recipe, make_sample
    from illustrators_depth_training.data.reasons import Discarded
    from illustrators_depth_training.data.render.renderer import Renderer

    rows = []
    with Renderer() as renderer:
        for file in files:
            try:
                stack = read_layers(file, split="strokes", size=AGREEMENT_SIDE_PX)
                recipe = Recipe(stack.width, stack.height)
                sample = make_sample(renderer, Path(file).read_bytes(), recipe)
            except (InputError, Discarded) as error:
                print(f"{Path(file).name}: left out, {error}")
                continue
            share = agreement(stack.discrete_depth().astype(int), sample.index)
            print(f"{share:.4f}  {Path(file).name}{'' if sample.flat else '  (not flat)'}")
            rows.append({"file": Path(file).name, "share": share, "flat": bool(sample.flat)})
    for kind in (True, False):
        shares = [row["share"] for row in rows if row["flat"] is kind]
        if shares:
            good = sum(share >= GOOD_AGREEMENT for share in shares)
            print(
                f"{'flat' if kind else 'others'}: {len(shares)} drawings, "
                f"mean {np.mean(shares):.4f}, median {np.median(shares):.4f}, "
                f"{good} of them {GOOD_AGREEMENT} or more"
            )
    return rows


def main() -> int:
    """Measure both files and the agreement, print and save; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--agree", nargs="*", default=[])
    options = parser.parse_args()
    from illustrators_depth import read_layers

    with tempfile.TemporaryDirectory() as folder:
        svg, psd = Path(folder) / "leaves.svg", Path(folder) / "discs.psd"
        svg.write_text(svg_of_paths())
        megapixels = write_psd_of_layers(psd)
        stack = read_layers(svg, size=SIDE_PX)
        rows: list[dict[str, Any]] = [
            {
                "file": f"SVG of {PATHS} paths, {len(stack)} layers, {SIDE_PX} x {stack.height}",
                "seconds": best_of(lambda: read_layers(svg, size=SIDE_PX), options.runs),
                "bar": 1.0,
                "drawn": sum(layer.outline is not None for layer in stack),
            },
            {
                "file": f"PSD of {PSD_LAYERS} layers ({megapixels:.0f} million pixels) at 4K",
                "seconds": best_of(lambda: read_layers(psd), options.runs),
                "bar": 4.0,
            },
        ]
    for row in rows:
        print(f"{row['seconds']:.2f} s (bar {row['bar']:.1f} s)  {row['file']}")
    save_results("layered_files", rows, agreement=agreements(options.agree))
    return 0


if __name__ == "__main__":
    sys.exit(main())
