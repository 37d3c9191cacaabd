"""What outlines leave out of a drawing whose areas lie over one another, to look up at points."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage, cell_keys
from .field_stack import FieldStack, MissingCoverage

__all__ = ["Drawing", "DrawingTarget"]

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Drawing(Protocol):
    """All areas of a drawing, one over the other."""

    def begin(self, cover: CellCoverage) -> bool:
        """Note the pixels along outlines, which cover so much; False if it cannot be told."""
        ...

    def missing(self, cover: CellCoverage) -> tuple[Int, Float]:
        """Keys of areas and pixels, rising, and the coverage that each lacks; NaN for unknown."""
        ...


class DrawingTarget:
    """Looks up what a drawing lacks, where `fields` looks up what each area lacks."""

    def __init__(self, fields: FieldStack, drawing: Drawing) -> None:
        self._fields, self._drawing = fields, drawing

    def missing(self, cover: CellCoverage, number: Int) -> MissingCoverage:
        """What is missing where `cover` is what outlines cover, for points (n,) by their fields."""
        keys, values = self._drawing.missing(cover)
        lookup = self._fields.of(number)

        def missing_at(x: Float, y: Float) -> Float:
            asked = cell_keys(number, *lookup.cells(x, y))
            place = np.searchsorted(keys, asked)
            hit = keys.take(place, mode="clip") == asked
            return np.where(hit, values.take(place, mode="clip"), np.nan)

        return missing_at
