"""A label map reduced to cells of some pixels, at which hidden outlines are worked out.

What no one sees needs no full resolution.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ..raster.push_pull_fill import push_pull_fill
from ..raster.tiling import Box

__all__ = ["Cells", "working_step"]

# Longest side, in cells, at which hidden outlines are worked out.
_WORKING_SIZE = 384
# Entries of the table of mixed cells that are counted at a time.
_MAX_TABLE_ENTRIES = 1 << 22


def working_step(height: int, width: int) -> int:
    """Side of a cell, in pixels of a picture of this size; 1 for small pictures."""
    return max(1, max(height, width) // _WORKING_SIZE)


class Cells:
    """Square cells of pixels, and how many pixels of each belong to which layer.

    Args:
        numbers: unsigned (H, W), 0 = no layer, 1..count = layers, bottom to top.
        count: number of layers.

    Attributes:
        step: pixels along a cell's side. Cells at the right and lower border may reach beyond the
            picture, where its border is repeated.
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
        # Most cells lie within one layer; pixels are counted in the others alone.
        mixed = self._low != self._high
        self._mixed = np.flatnonzero(mixed)
        self._cumulative_counts = _counted(blocks.transpose(0, 2, 1, 3)[mixed], count)

    def membership(self, index: int) -> NDArray[np.float32]:
        """Share of layer `index` in each cell, among the pixels where no higher layer is seen.

        Cells without such pixels get a value interpolated from the cells around them.

        Returns float32 (rows, columns), 0..1.
        """
        number = index + 1
        share = (self._low == number).astype(np.float32)
        known = (self._low <= number).astype(np.float32)
        if len(self._mixed):
            not_above = self._cumulative_counts[:, number].astype(np.float32)
            of_layer = not_above - self._cumulative_counts[:, number - 1]
            share.ravel()[self._mixed] = of_layer / np.maximum(not_above, 1.0)
            known.ravel()[self._mixed] = not_above > 0.0
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


def _extremes(blocks: NDArray[np.integer]) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Least and greatest number in each block of an array (rows, step, columns, step)."""
    # Each row of pixels in a block is an array: NumPy is slow to reduce axes of a few entries.
    pixel_rows = [blocks[:, row] for row in range(blocks.shape[1])]
    low, high = functools.reduce(np.minimum, pixel_rows), functools.reduce(np.maximum, pixel_rows)
    pixel_columns = range(blocks.shape[3])
    return (
        functools.reduce(np.minimum, [low[..., col] for col in pixel_columns]),
        functools.reduce(np.maximum, [high[..., col] for col in pixel_columns]),
    )


def _counted(cells: NDArray[np.integer], count: int) -> NDArray[np.unsignedinteger]:
    """How many pixels of each of M cells have a number up to 0, 1, .. count: (M, count + 1)."""
    flat = cells.reshape(len(cells), cells.shape[1] * cells.shape[2])
    dtype = np.dtype(np.uint16 if flat.shape[1] < 1 << 16 else np.uint32)
    table: NDArray[np.unsignedinteger] = np.empty((len(cells), count + 1), dtype)
    batch = max(1, _MAX_TABLE_ENTRIES // max(count + 1, flat.shape[1]))
    for start in range(0, len(cells), batch):
        part = flat[start : start + batch].astype(np.intp)
        part += np.arange(len(part))[:, None] * (count + 1)
        counts = np.bincount(part.ravel(), minlength=len(part) * (count + 1))
        table[start : start + batch] = counts.reshape(len(part), count + 1).cumsum(axis=1)
    return table
