"""Large pictures in strips and tiles: what is worked on stays in the processor's cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "nonzero_places", "strips", "tiles_with"]

Box = tuple[slice, slice]

# Pixels of a strip.
_STRIP_PX = 1 << 18


def strips(height: int, width: int, pixels: int = _STRIP_PX) -> Iterator[slice]:
    """Rows of a picture, top to bottom, in runs of about so many pixels; at least a row each."""
    rows = max(1, pixels // max(1, width))
    for top in range(0, height, rows):
        yield slice(top, min(height, top + rows))


def tiles_with(chosen: NDArray[np.uint8], side: int) -> Iterator[Box]:
    """Square tiles, from the upper left, that hold anything but zeros of a uint8 (H, W) plane."""
    height, width = chosen.shape
    lefts = np.arange(0, width, side)
    for top in range(0, height, side):
        rows = slice(top, min(height, top + side))
        across = chosen[rows].max(axis=0)
        for left in lefts[np.maximum.reduceat(across, lefts) > 0].tolist():
            yield rows, slice(left, min(width, left + side))


def nonzero_places(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """`np.nonzero` of a bool (H, W) plane, several times faster where little of it is set."""
    rows, cols = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, cols
