"""Closed outlines as cubic curves and as the text of an SVG path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .bezier import fit_cubics
from .corners import cut_at_corners
from .round_shapes import ellipse_ring, fit_arcs

__all__ = ["HIDDEN_WEIGHT", "follow_rings", "path_data"]

Float = NDArray[np.float64]

# A cubic whose inner points lie this near its chord, as a share of the tolerance, is a line.
_STRAIGHT_SHARE = 0.4
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


def path_data(outlines: Sequence[Float], decimals: int, tolerance: float) -> str:
    """The `d` attribute of closed outlines, in relative coordinates.

    Points are rounded before differences are taken, so that no error builds up along a path.
    """
    scale = 10**decimals
    parts = []
    outlines = [curves for curves in outlines if len(curves)]
    if not outlines:
        return ""
    joined = np.concatenate(outlines)
    cuts = np.cumsum([len(curves) for curves in outlines])[:-1]
    lines = np.split(_is_straight(joined, _STRAIGHT_SHARE * tolerance), cuts)
    # What lies halfway goes the same way whatever the last bits of a fit are, which depend on where
    # its numbers lie in memory.
    grids = np.split(np.rint(np.round(joined * scale, 3)).astype(np.int64), cuts)
    for grid, straight in zip(grids, lines, strict=True):
        relative = (grid[:, 1:] - grid[:, :1]).reshape(-1, 6)
        x, y = (_number(v, decimals) for v in grid[0, 0].tolist())
        parts.append(f"M{x} {y}" if y[0] != "-" else f"M{x}{y}")
        previous = ""
        for line, steps in zip(straight.tolist(), relative.tolist(), strict=True):
            letter, numbers = ("l", steps[4:]) if line else ("c", steps)
            if line and numbers == [0, 0]:
                continue
            # A letter is repeated only when it changes, a space only where no minus sign separates.
            text = _join(numbers, decimals)
            if letter == previous and text[0] != "-":
                text = " " + text
            parts.append(text if letter == previous else letter + text)
            previous = letter
        parts.append("z")
    return "".join(parts)


def _is_straight(curves: Float, tolerance: float) -> NDArray[np.bool_]:
    chord = curves[:, 3] - curves[:, 0]
    length = np.maximum(np.linalg.norm(chord, axis=1), 1e-9)
    off = np.zeros(len(curves))
    for inner in (1, 2):
        leg = curves[:, inner] - curves[:, 0]
        off = np.maximum(off, np.abs(chord[:, 0] * leg[:, 1] - chord[:, 1] * leg[:, 0]) / length)
    return off <= tolerance


def _join(numbers: Sequence[int], decimals: int) -> str:
    out = ""
    for value in numbers:
        text = _number(value, decimals)
        out += text if not out or text[0] == "-" else " " + text
    return out


@lru_cache(maxsize=1 << 16)  # steps along a path are small numbers, over and over
def _number(value: int, decimals: int) -> str:
    """A fixed-point integer as the shortest decimal: 150 with two digits is 1.5, -5 is -.05."""
    if decimals == 0 or value == 0:
        return str(value)
    whole, part = divmod(abs(value), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0")
    sign = "-" if value < 0 else ""
    if not digits:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{digits}"
