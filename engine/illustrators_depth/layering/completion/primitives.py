"""Outlines that are ellipses, rounded rectangles or regular polygons, as far as they are seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains
from .pairing import Pairing
from .primitive_fits import ellipse, regular_polygon, rounded_rectangle
from .rings import Ring, closed_rings, sections

__all__ = ["primitive_curves"]

# No more than this share of an outline may be hidden.
_MAX_HIDDEN_SHARE = 0.62


def primitive_curves(
    chains: OutlineChains, ends: HiddenEnds, pairing: Pairing, frame: tuple[int, ...]
) -> dict[int, NDArray[np.float64]]:
    """By number of the pair, points (n, 2) of the curves that complete primitive outlines."""
    curves: dict[int, NDArray[np.float64]] = {}
    for ring in closed_rings(chains, ends, pairing):
        outline = _primitive(ring, float(max(frame)))
        if outline is None:
            continue
        if _area(outline) * _way_round(ring, outline.mean(axis=0)) < 0.0:
            outline = outline[::-1]
        curves.update(sections(outline, ring, ends, pairing, _MAX_HIDDEN_SHARE))
    return curves


def _primitive(ring: Ring, frame: float) -> NDArray[np.float64] | None:
    points = ring.points
    outline = ellipse(points, frame)
    if outline is None:
        outline = rounded_rectangle(points)
    return regular_polygon(ring.chains) if outline is None else outline


def _area(outline: NDArray[np.float64]) -> float:
    """Signed area of a closed polygon."""
    after = np.roll(outline, -1, axis=0)
    return 0.5 * float((outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]).sum())


def _way_round(ring: Ring, center: NDArray[np.float64]) -> float:
    """On which side a ring has its middle: of the sign of its area."""
    longest = max(ring.chains, key=len) - center
    step = np.diff(longest, axis=0)
    return float((longest[:-1, 0] * step[:, 1] - longest[:-1, 1] * step[:, 0]).sum())
