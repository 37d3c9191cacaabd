"""Pictures made of large square pixels: what is hidden there is made of the same squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box

__all__ = ["PixelGrid", "on_grid", "pixel_grid"]

PixelGrid = tuple[NDArray[np.intp], NDArray[np.intp]]
"""First rows and first columns of the squares, and the picture's height and width last."""

# Least side of a square in pixels, and how many changes from row to row, or column to column, it
# takes to know the grid by.
_MIN_SIDE_PX, _MIN_CHANGES = 3, 6
# Changes are so near to the lines of the grid, in pixels, and squares so nearly square.
_OFF_LINE_PX, _NOT_SQUARE = 0.75, 0.06


def pixel_grid(numbers: NDArray[np.integer]) -> PixelGrid | None:
    """The grid that all borders of a label map, (H, W), lie on; None if there is none."""
    lines = []
    for axis, other in ((0, 1), (1, 0)):
        changed = (np.diff(numbers, axis=axis) != 0).any(axis=other)
        lines.append(_even_lines(np.flatnonzero(changed) + 1, numbers.shape[axis]))
    (rows, height), (cols, width) = lines
    if rows is None or cols is None or abs(height - width) > _NOT_SQUARE * height:
        return None
    return rows, cols


def _even_lines(changes: NDArray[np.intp], size: int) -> tuple[NDArray[np.intp] | None, float]:
    """Evenly spaced lines that all changes lie on, from 0 to `size`, and their distance."""
    if len(changes) < _MIN_CHANGES:
        return None, 0.0
    gaps = np.diff(changes)
    side = float(gaps.min())
    if side < _MIN_SIDE_PX:
        return None, 0.0
    steps = np.rint(gaps / side)
    side = float(gaps.sum() / steps.sum())
    steps = np.concatenate([[0.0], np.cumsum(np.rint(gaps / side))])
    side = float(np.polyfit(steps, changes, 1)[0])
    first = float(np.mean(changes - side * steps))
    if np.abs(first + side * steps - changes).max() > _OFF_LINE_PX:
        return None, 0.0
    lines = first + side * np.arange(-np.floor(first / side), np.ceil((size - first) / side))
    inner = np.rint(lines).astype(np.intp)
    # Where a change is, exactly there.
    inner[np.abs(lines[:, None] - changes).argmin(axis=0)] = changes
    inner = inner[(inner > 0) & (inner < size)]
    return np.unique(np.concatenate([[0], inner, [size]])), side


def on_grid(mask: NDArray[np.bool_], box: Box, grid: PixelGrid) -> tuple[Box, NDArray[np.bool_]]:
    """The squares of which more than half is a mask's.

    Args:
        mask: bool (h, w), in its box in the picture.

    Returns:
        A box of whole squares, and bool of its size.
    """
    first = [int(np.searchsorted(g, s.start, "right")) - 1 for g, s in zip(grid, box, strict=True)]
    last = [int(np.searchsorted(g, s.stop, "left")) for g, s in zip(grid, box, strict=True)]
    edges = [g[a : b + 1] for g, a, b in zip(grid, first, last, strict=True)]
    whole = np.zeros([int(e[-1] - e[0]) for e in edges], np.intp)
    top, left = (s.start - int(e[0]) for s, e in zip(box, edges, strict=True))
    whole[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
    for axis, lines in enumerate(edges):
        whole = np.add.reduceat(whole, lines[:-1] - lines[0], axis=axis)
    sides = [np.diff(lines) for lines in edges]
    own = 2 * whole > np.outer(*sides)
    rows, cols = (slice(int(lines[0]), int(lines[-1])) for lines in edges)
    return (rows, cols), own.repeat(sides[0], axis=0).repeat(sides[1], axis=1)
