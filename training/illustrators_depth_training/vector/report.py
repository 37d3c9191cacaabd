"""The vector table in Markdown, and the sheet of what each method drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.index_colors import color_index
from ..evaluation.report import number_text
from ..samples.drawings import DrawingSet
from .methods import PAPER_VECTOR_ROWS
from .reading import ReadSvg

__all__ = ["pick_for_sheet", "vector_sheet", "vector_table"]

_HEADER = (
    "| drawing made by | pictures | occlusion Order | Order | Order (ties kept) | MAE | MSE | "
    "path count error | its median | RGB MSE x 1e-2 | SSIM | LPIPS | CPU ms / picture |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
)
_CAPTION_PX = 16  # height of the strip below a tile


def vector_table(rows_of_methods: Sequence[Mapping[str, Any]], not_run: Mapping[str, str]) -> str:
    """The vector table in Markdown: a row per method, then what could not run, then the paper's.

    Args:
        rows_of_methods: evaluations as `VectorEvaluation.to_json` gives them, a row each.
        not_run: what could not be measured here, with the reason.
    """
    lines = [_HEADER]
    for item in rows_of_methods:
        mean = item["mean"]
        cells = [
            str(item["predictor"]), str(item["pictures"]),
            _cell_of(item, "occlusion_order", 3), _cell_of(item, "order", 3),
            f"{mean['order_paper']:.3f}", _cell_of(item, "mae", 2), f"{mean['mse']:.2f}",
            _cell_of(item, "path_error", 2), _median_of(item, "path_error"),
            _cell_of(item, "rgb_mse", 3, 100.0), _cell_of(item, "ssim", 4),
            _cell_of(item, "lpips", 4) if "lpips" in mean else "not run",
            f"{item['seconds_median'] * 1e3:.0f}" if item.get("seconds_median") else "not measured",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    lines += [f"| {name} | not run: {reason} |" + " |" * 11 for name, reason in not_run.items()]
    # The paper measures on 100 drawings, and prints no processor time.
    for name, order, mae, path, rgb, ssim, lpips in PAPER_VECTOR_ROWS:
        lines.append(
            f"| {name} | 100 | | | {order:.3f} | {mae:.2f} | | {path:.2f} | | {rgb:.3f} "
            f"| {ssim:.3f} | {lpips:.3f} | |"
        )
    return "\n".join(lines)


def _cell_of(item: Mapping[str, Any], metric: str, digits: int, factor: float = 1.0) -> str:
    """Mean of a metric times `factor`, with its 95 % interval, or that it was not stored."""
    if metric not in item["mean"]:
        return "not stored"
    mean, (low, high) = item["mean"][metric], item["interval95"][metric]
    shown = (
        number_text(None if value is None else value * factor, digits)
        for value in (mean, low, high)
    )
    return "{} ({} to {})".format(*shown)


def _median_of(item: Mapping[str, Any], metric: str) -> str:
    median = item.get("median")
    return number_text(median[metric], 2) if median else "not saved"


def pick_for_sheet(layers: NDArray[np.int64], numbers: Sequence[int], count: int) -> list[int]:
    """`count` of the numbers, spread evenly from drawings of few layers to those of many.

    Args:
        layers: int64 (N,), how many layers each drawing of the set has.
        numbers: of drawings, to choose from.
    """
    ranked = sorted(numbers, key=lambda n: (layers[n], n))
    if len(ranked) <= count:
        return ranked
    places = np.linspace(0, len(ranked) - 1, count).round().astype(int)
    return [ranked[p] for p in places]


def vector_sheet(
    drawings: DrawingSet,
    numbers: Sequence[int],
    methods: Sequence[str],
    drawn: Mapping[tuple[int, str], ReadSvg],
    side: int = 168,
) -> NDArray[np.uint8]:
    """One row per drawing: picture and true index, then every method's picture and index.

    Args:
        numbers: of drawings in the set.
        drawn: what each method drew, by (number, method); grey where it has drawn nothing.
        side: of a picture on the sheet, in pixels.

    Returns:
        RGB, uint8 (H, W, 3). Index maps are coloured by rank, dark blue = bottom, yellow = top.
    """
    rows = []
    for number in numbers:
        drawing = drawings[number]
        layers = int(drawing.meta["layers"])
        cells = [_tile(drawing.rgb, drawing.index, f"truth: {layers} layers", side)]
        for method in methods:
            read = drawn.get((number, method))
            if read is None:
                blank = np.full((8, 8, 3), 200, np.uint8)
                cells.append(_tile(blank, np.zeros((8, 8), np.int32), f"{method}: none", side))
            else:
                cells.append(_tile(read.rgb, read.index, f"{method}: {read.layers}", side))
        rows.append(np.concatenate(cells, axis=1))
    return np.concatenate(rows, axis=0)


def _tile(
    rgb: NDArray[np.uint8], index: NDArray[np.int32], caption: str, side: int
) -> NDArray[np.uint8]:
    """A picture beside its coloured index, both stretched to squares, with a caption below."""
    size = (side, side)
    left = cv2.resize(np.ascontiguousarray(rgb), size, interpolation=cv2.INTER_AREA)
    shades = np.ascontiguousarray(color_index(index))
    right = cv2.resize(shades, size, interpolation=cv2.INTER_NEAREST)
    pair = cv2.copyMakeBorder(
        np.concatenate([left, right], axis=1), 2, _CAPTION_PX, 2, 4,
        cv2.BORDER_CONSTANT, value=(225, 225, 225),
    )  # fmt: skip
    place = (4, pair.shape[0] - 4)
    cv2.putText(pair, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (20, 20, 20), 1, cv2.LINE_AA)
    return pair
