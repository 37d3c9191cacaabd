"""A label map reduced to cells of some pixels: nothing behind a cover needs full resolution."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.push_pull_fill import push_pull_fill
from ..raster.tiling import Box

__all__ = ["Cells", "area_mean", "enlarged", "working_step"]

# Longest side at which hidden outlines are worked out.
_WORKING_SIZE = 384
# Entries of the table of mixed cells that are counted at a time.
_AT_ONCE = 1 << 22


def working_step(height: int, width: int) -> int:
    """By how much pictures are reduced before hidden outlines are worked out."""
    return max(1, max(height, width) // _WORKING_SIZE)


class Cells:
    """Squares of pixels, and how many pixels of each are of which layer.

    Args:
        numbers: unsigned (H, W), 0 = nothing, 1..count = layers, bottom to top.
        count: number of layers.

    Attributes:
        step: pixels along a cell's side. Cells at the right and lower border may reach beyond it;
            the border's pixels are repeated there.
    """

    def __init__(self, numbers: NDArray[np.integer], count: int) -> None:
        height, width = numbers.shape
        self.step = step = working_step(height, width)
        rows, cols = -(-height // step), -(-width // step)
        if (rows * step, cols * step) != (height, width):
            numbers = np.pad(
                numbers, ((0, rows * step - height), (0, cols * step - width)), mode="edge"
            )
        blocks = numbers.reshape(rows, step, cols, step)
        self._low, self._high = _extremes(blocks)
        # Most cells lie inside one layer. In the others pixels are counted.
        mixed = self._low != self._high
        self._mixed = np.flatnonzero(mixed)
        self._up_to = _counted(blocks.transpose(0, 2, 1, 3)[mixed], count)

    def membership(self, index: int) -> NDArray[np.float32]:
        """Share of layer `index` in each cell among what is not above it, run on below what is.

        Returns float32 (rows, columns), 0..1.
        """
        number = index + 1
        share = (self._low == number).astype(np.float32)
        known = (self._low <= number).astype(np.float32)
        if len(self._mixed):
            seen = self._up_to[:, number].astype(np.float32)
            own = seen - self._up_to[:, number - 1]
            share.ravel()[self._mixed] = own / np.maximum(seen, 1.0)
            known.ravel()[self._mixed] = seen > 0.0
        return push_pull_fill(share, known)

    def window(self, chosen: NDArray[np.bool_]) -> Box | None:
        """The pixels of the chosen cells, as a box around all of them; None if there are none."""
        rows, cols = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
        if len(rows) == 0:
            return None
        step = self.step
        return (
            slice(int(rows[0]) * step, (int(rows[-1]) + 1) * step),
            slice(int(cols[0]) * step, (int(cols[-1]) + 1) * step),
        )

    def above(self, index: int) -> NDArray[np.bool_]:
        """Cells in which a layer above `index` is seen, bool (rows, columns)."""
        return np.asarray(self._high > index + 1)


def area_mean(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Means of (H, W) or (H, W, C) over cells; beyond the right and lower border all is zero."""
    down, right = -values.shape[0] % step, -values.shape[1] % step
    if down or right:
        values = cv2.copyMakeBorder(values, 0, down, 0, right, cv2.BORDER_CONSTANT, value=0.0)
    size = (values.shape[1] // step, values.shape[0] // step)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def enlarged(values: NDArray[np.float32], step: int, box: Box) -> NDArray[np.float32]:
    """Values of cells, (h, w) or (h, w, C), linearly interpolated at the pixels of a box."""
    if step == 1:
        return values[box]
    # The cells that the box's pixels lie between.
    first = [max(0, side.start // step - 1) for side in box]
    last = [-(-side.stop // step) + 1 for side in box]
    part = np.ascontiguousarray(values[first[0] : last[0], first[1] : last[1]])
    size = (part.shape[1] * step, part.shape[0] * step)
    fine = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    top, left = box[0].start - first[0] * step, box[1].start - first[1] * step
    height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
    return np.asarray(fine[top : top + height, left : left + width])


def _extremes(blocks: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Least and greatest number of each block of (rows, step, columns, step)."""
    # One row of blocks' pixels after the other: NumPy is slow to reduce axes of a few entries.
    down = [blocks[:, row] for row in range(blocks.shape[1])]
    low, high = functools.reduce(np.minimum, down), functools.reduce(np.maximum, down)
    across = range(blocks.shape[3])
    return (
        functools.reduce(np.minimum, [low[..., col] for col in across]),
        functools.reduce(np.maximum, [high[..., col] for col in across]),
    )


def _counted(cells: NDArray[np.integer], count: int) -> NDArray[np.unsignedinteger]:
    """Pixels of numbers up to 0, 1, .. count in each cell, (M, count + 1)."""
    flat = cells.reshape(len(cells), cells.shape[1] * cells.shape[2])
    small = np.dtype(np.uint16 if flat.shape[1] < 1 << 16 else np.uint32)
    table: NDArray[np.unsignedinteger] = np.empty((len(cells), count + 1), small)
    at_once = max(1, _AT_ONCE // max(count + 1, flat.shape[1]))
    for start in range(0, len(cells), at_once):
        part = flat[start : start + at_once].astype(np.intp)
        part += np.arange(len(part))[:, None] * (count + 1)
        counts = np.bincount(part.ravel(), minlength=len(part) * (count + 1))
        table[start : start + at_once] = counts.reshape(len(part), count + 1).cumsum(axis=1)
    return table
