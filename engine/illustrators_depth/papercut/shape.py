"""The part of a sheet that a layer fills: its pixels, and the curves that a vector file gave."""

from __future__ import annotations

from dataclasses import dataclass

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..outlines.drawn_outline import drawn_area
from ..types import Layer

__all__ = ["Shape"]


@dataclass(frozen=True, eq=False)
class Shape:
    """A part of the picture, as pixels and, where they are known, as exact curves.

    Attributes:
        mask: bool (H, W).
        drawn: the same area from the curves of a vector file, in pixels, y down; else None.
    """

    mask: NDArray[np.bool_]
    drawn: manifold3d.CrossSection | None

    @classmethod
    def of(cls, layer: Layer) -> Shape:
        """The whole of a layer."""
        return cls(np.asarray(layer.mask), drawn_area(layer))

    def united(self, other: Shape) -> Shape:
        """Both together; `drawn` only where both have it."""
        drawn = None if self.drawn is None or other.drawn is None else self.drawn + other.drawn
        return Shape(self.mask | other.mask, drawn)

    def without_specks(self, smallest: float) -> manifold3d.CrossSection:
        """The drawn area without pieces and holes of fewer than `smallest` square pixels."""
        if self.drawn is None:
            return manifold3d.CrossSection()
        rings = [r for r in self.drawn.to_polygons() if abs(_signed_area(r)) >= smallest]
        return manifold3d.CrossSection(rings, manifold3d.FillRule.Positive)


def _signed_area(ring: NDArray[np.float64]) -> float:
    """Area of a closed ring (n, 2) by the shoelace formula, positive counter-clockwise (y up)."""
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
