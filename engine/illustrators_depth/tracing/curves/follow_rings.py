"""Closed outlines as cubic curves: ellipses and arcs where they are such, else fitted cubics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bezier import fit_cubics
from .corners import cut_at_corners
from .round_shapes import ellipse_ring, fit_arcs

__all__ = ["HIDDEN_WEIGHT", "follow_rings"]

Float = NDArray[np.float64]

# A ring whose points weigh more than this is one of a thin part.
_FINE_WEIGHT, _FINE_ZOOM = 1.4, 3.0
HIDDEN_WEIGHT = 0.25
"""Distance from the outline counts so much where nobody sees it."""


def follow_rings(
    rings: Sequence[Float],
    tolerance: float,
    corner_angle: float,
    weights: Sequence[Float] | None = None,
) -> list[Float]:
    """Follow each ring with cubics.

    Args:
        rings: each float64 (n, 2), closed, not repeated at the end, in pixels.
        tolerance: largest distance from ring to curve, in pixels.
        corner_angle: sharper turns, in degrees, stay corners.
        weights: for each ring float64 (n,), times which a point's distance counts: 1 if left out,
            `HIDDEN_WEIGHT` for points that nobody sees.

    Returns:
        one float64 (k, 4, 2) per ring: k cubics, each beginning where the one before ends, the
        last ending where the first begins.
    """
    if not rings:
        return []
    if weights is None:
        weights = [np.ones(len(ring)) for ring in rings]
    # Thin rings are followed as if they were larger: corners, too, are finer along them.
    fine = [float(np.mean(weight)) > _FINE_WEIGHT for weight in weights]
    curves: dict[int, Float] = {}
    for is_fine, zoom in ((False, 1.0), (True, _FINE_ZOOM)):
        chosen = [number for number, own in enumerate(fine) if own == is_fine]
        followed = _follow_zoomed(
            [rings[i] * zoom for i in chosen], tolerance * zoom, corner_angle,
            [weights[i] if is_fine else np.minimum(weights[i], 1.0) for i in chosen],
        )  # fmt: skip
        curves.update((i, curve / zoom) for i, curve in zip(chosen, followed, strict=True))
    return [curves[number] for number in range(len(rings))]


def _follow_zoomed(
    rings: Sequence[Float], tolerance: float, corner_angle: float, weights: Sequence[Float]
) -> list[Float]:
    outlines = [
        ellipse_ring(ring, weight < 0.5, tolerance / float(weight.max()))
        for ring, weight in zip(rings, weights, strict=True)
    ]
    rest = [number for number, outline in enumerate(outlines) if outline is None]
    followed = _follow(
        [rings[i] for i in rest], tolerance, corner_angle, [weights[i] for i in rest]
    )
    for number, curves in zip(rest, followed, strict=True):
        outlines[number] = curves
    return [outline for outline in outlines if outline is not None]


def _follow(
    rings: Sequence[Float],
    tolerance: float,
    corner_angle: float,
    weights: Sequence[Float],
) -> list[Float]:
    if not rings:
        return []
    points, runs, begin, weight = cut_at_corners(rings, corner_angle, weights)
    is_arc, arcs, arc_places = fit_arcs(points, runs, tolerance, weight)
    curves, places = fit_cubics(points, runs.pick(~is_arc), tolerance, weight)
    curves, places = np.concatenate([arcs, curves]), np.concatenate([arc_places, places])
    order = np.argsort(places, kind="stable")
    cuts = np.searchsorted(places[order], begin[1:], side="left")
    return np.split(curves[order], cuts)
