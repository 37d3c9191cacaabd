"""How far hidden pixels reach that a layer may continue on: the rest need not be looked at."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box

__all__ = ["CELL_PX", "hidden_reach", "highest_in_cells"]

CELL_PX = 8
"""Side of the cells that the label map is reduced to."""
# Curves are looked at this far to their sides, shapes cut out with this margin, in pixels.
_MARGIN_PX = 8


def highest_in_cells(numbers: NDArray[np.integer]) -> NDArray[np.integer]:
    """The highest number in each cell, (ceil(H / CELL_PX), ceil(W / CELL_PX))."""
    return _pooled(np.maximum, numbers)


def hidden_reach(
    highest: NDArray[np.integer],
    numbers: NDArray[np.integer],
    number: int,
    window: Box,
    curves: list[NDArray[np.float64]],
) -> Box:
    """A box around a layer, its curves, and every hidden area that touches either, with a margin.

    Args:
        highest: from `highest_in_cells`.
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        number: of the layer.
        window: bounding box of what is seen of it.
        curves: float64 (n, 2), x and y in the picture.
    """
    touched = np.zeros(highest.shape, np.uint8)
    rows, cols = (slice(side.start // CELL_PX, -(-side.stop // CELL_PX)) for side in window)
    part = numbers[
        rows.start * CELL_PX : rows.stop * CELL_PX, cols.start * CELL_PX : cols.stop * CELL_PX
    ]
    touched[rows, cols] = _pooled(np.logical_or, part == number)
    for curve in curves:
        # Between two points, too: they may be farther apart than a cell.
        points = np.clip(curve / CELL_PX, -4.0, max(touched.shape) + 4.0)
        cv2.polylines(touched, [np.floor(points).astype(np.int32)], False, 1)
    # A cell off, for rounding and for what lies beside.
    touched = cv2.dilate(touched, np.ones((5, 5), np.uint8))
    above = (highest > number).view(np.uint8)
    _, areas = cv2.connectedComponents(above, connectivity=8)
    reached = np.zeros(int(areas.max()) + 1, bool)
    reached[areas[touched > 0]] = True
    reached[0] = False
    inside = reached[areas] | (touched > 0)
    box = []
    for axis, size in enumerate(numbers.shape):
        cells = np.flatnonzero(inside.any(axis=1 - axis))
        box.append(
            slice(
                max(0, int(cells[0]) * CELL_PX - _MARGIN_PX),
                min(size, (int(cells[-1]) + 1) * CELL_PX + _MARGIN_PX),
            )
        )
    return box[0], box[1]


def _pooled(pool: np.ufunc, plane: NDArray[Any]) -> NDArray[Any]:
    height, width = plane.shape
    rows = pool.reduceat(plane, np.arange(0, height, CELL_PX), axis=0)
    pooled: NDArray[Any] = pool.reduceat(rows, np.arange(0, width, CELL_PX), axis=1)
    return pooled
