"""Measured coverage of many windows, to look up all outlines of a picture at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage

__all__ = ["FieldLookup", "FieldStack", "MissingCoverage"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]
MissingCoverage = Callable[[Float, Float], Float]
"""From x and y of points, float64 (n,) each, to what is missing there; NaN where it is unknown."""


class FieldStack:
    """Coverage in windows of different sizes, to be looked up together.

    Args:
        fields: float32 (h, w), coverage of pixels.
        seen: for each field bool (h, w), where it is known; None for everywhere.
    """

    def __init__(
        self, fields: Sequence[NDArray[np.float32]], seen: Sequence[NDArray[np.bool_] | None]
    ) -> None:
        self.size = np.array([field.shape[::-1] for field in fields], np.int64)
        self.values = [np.ascontiguousarray(field).reshape(-1) for field in fields]
        self.known = [
            None if known is None else np.ascontiguousarray(known).reshape(-1) for known in seen
        ]

    def of(self, number: Int) -> FieldLookup:
        """Fields for points (n,), by their numbers, which rise."""
        begin = np.searchsorted(number, np.arange(len(self.values) + 1))
        width, height = self.size.T
        return FieldLookup(self, begin, width[number], height[number])

    def missing(self, cover: CellCoverage, number: Int) -> MissingCoverage:
        """What `cover` leaves out of each field, for points (n,) by numbers of fields, rising."""
        lookup = self.of(number)

        def missing_at(x: Float, y: Float) -> Float:
            cols, rows, measured = lookup.at(x, y)
            return np.asarray(measured - cover.at(number, cols, rows))

        return missing_at


@dataclass(frozen=True)
class FieldLookup:
    """The field of each of many points: where those of each field begin, its width and height.

    Outlines touch few pixels of a window: these are read where they lie, for copies of all windows
    would be as large as all layers.
    """

    stack: FieldStack
    begin: NDArray[np.intp]
    width: Int
    height: Int

    def cells(self, x: Float, y: Float) -> tuple[Int, Int]:
        """Columns and rows of the pixels in which points (n,) lie; beyond a window, its border."""
        cols = np.clip(np.floor(x).astype(np.int64), 0, self.width - 1)
        return cols, np.clip(np.floor(y).astype(np.int64), 0, self.height - 1)

    def at(self, x: Float, y: Float) -> tuple[Int, Int, NDArray[np.float32]]:
        """Columns and rows of the pixels in which points (n,) lie, and what is covered of them.

        Coverage is NaN where it is unknown. Beyond a window its border counts.
        """
        cols, rows = self.cells(x, y)
        flat = rows * self.width + cols
        covered = np.empty(len(flat), np.float32)
        bounds = self.begin.tolist()
        for number, (begin, end) in enumerate(pairwise(bounds)):
            if begin == end:
                continue
            own, known = flat[begin:end], self.stack.known[number]
            covered[begin:end] = self.stack.values[number].take(own)
            if known is not None:
                covered[begin:end][~known.take(own)] = np.nan
        return cols, rows, covered
