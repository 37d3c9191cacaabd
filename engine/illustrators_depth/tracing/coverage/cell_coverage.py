"""Exact coverage of pixels by many rings at once, kept for the pixels that outlines cross.

As in the smooth rasterizer of FreeType (Turner 2000): each piece of an outline within one pixel
adds the height that it crosses and the area beside it; coverage is the running sum along a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CellCoverage", "cell_coverage", "cell_keys", "cells_of_keys"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]

_SIDE_BITS = 20
_OFFSET = 4


@dataclass(frozen=True)
class CellCoverage:
    """Coverage of pixels, sparse.

    Attributes:
        keys: int64 (k,), the crossed pixels, rising.
        own: float64 (k,), coverage of each.
        after: float64 (k + 1,), coverage of pixels to the right of the first n, up to the next.
    """

    keys: Int
    own: Float
    after: Float

    def at(self, picture: Int, cols: Int, rows: Int) -> Float:
        """Coverage of pixels (n,) of the pictures that rings were told to be in."""
        return self.of_keys(cell_keys(picture, cols, rows))

    def of_keys(self, asked: Int) -> Float:
        """Coverage of the pixels of keys (n,) as of `cell_keys`."""
        place = np.searchsorted(self.keys, asked)
        inside = self.keys.take(place, mode="clip") == asked
        return np.where(inside, self.own.take(place, mode="clip"), self.after[place])


def cell_coverage(points: Float, following: Float, picture: Int) -> CellCoverage:
    """Coverage by closed rings of straight pieces, their inside on the right (y down).

    Args:
        points, following: float64 (n, 2), where each piece begins and ends, in pixels >= 0.
        picture: int64 (n,), number of the picture that it is in: each is covered by its own rings.
    """
    owner, begin, end = _cut_at_grid(points, following)
    middle = 0.5 * (begin + end)
    cells = np.floor(middle).astype(np.int64)
    keys = cell_keys(picture[owner], cells[:, 0], cells[:, 1])
    height = begin[:, 1] - end[:, 1]
    beside = height * (cells[:, 0] + 1.0 - middle[:, 0])
    # Along an outline keys rise or fall over long stretches, which a stable sort merges.
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    crossed = np.add.reduceat(height[order], first)
    # Each row of a closed ring goes up as far as it goes down: no sum runs on into the next row.
    total = np.concatenate([[0.0], np.cumsum(crossed)])
    return CellCoverage(keys[first], total[:-1] + np.add.reduceat(beside[order], first), total)


def cell_keys(picture: Int, cols: Int, rows: Int) -> Int:
    """One number for each pixel of each picture: rising by picture, row and column."""
    return ((picture << _SIDE_BITS | (rows + _OFFSET)) << _SIDE_BITS) | (cols + _OFFSET)


def cells_of_keys(keys: Int) -> tuple[Int, Int, Int]:
    """Pictures, columns and rows of keys as of `cell_keys`."""
    side = (1 << _SIDE_BITS) - 1
    return keys >> 2 * _SIDE_BITS, (keys & side) - _OFFSET, (keys >> _SIDE_BITS & side) - _OFFSET


def _cut_at_grid(points: Float, following: Float) -> tuple[Int, Float, Float]:
    """Pieces cut where they pass from one pixel into the next: owner, begin and end of each."""
    count = len(points)
    step = following - points
    owners, shares = [np.arange(count)], [np.zeros(count)]
    for axis in (0, 1):
        start, end, length = (
            np.ascontiguousarray(part[:, axis]) for part in (points, following, step)
        )
        low = np.floor(np.minimum(start, end)).astype(np.int64)
        high = np.ceil(np.maximum(start, end)).astype(np.int64)
        lines = np.maximum(high - low - 1, 0)
        owner = np.repeat(np.arange(count), lines)
        number = np.arange(len(owner)) - (np.cumsum(lines) - lines).take(owner)
        grid = low.take(owner) + 1 + number
        owners.append(owner)
        shares.append((grid - start.take(owner)) / length.take(owner))
    owner, share = np.concatenate(owners), np.concatenate(shares)
    # Three runs, each nearly in order: a stable sort merges them.
    order = np.argsort(owner + np.minimum(share, 1.0) * 0.999, kind="stable")
    owner, share = owner[order], share[order]
    begin = points.take(owner, axis=0) + step.take(owner, axis=0) * share[:, None]
    end = np.concatenate([begin[1:], begin[:1]])
    last = np.append(owner[1:] != owner[:-1], True)
    end[last] = following[owner[last]]
    return owner, begin, end
