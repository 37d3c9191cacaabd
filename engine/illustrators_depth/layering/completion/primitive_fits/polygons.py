"""Outlines that are regular polygons: what is hidden of them is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["regular_polygon"]

# An outline is a regular polygon if its points lie within these distances of it.
_MAX_RMS_PX, _MAX_OFF_PX = 0.5, 1.7
_MIN_SIDES, _MAX_SIDES = 3, 12
# Each corner twice, where it is a little round, and the ends: with more points it is no polygon.
_MAX_ROUGH_POINTS = 2 * _MAX_SIDES + 4
# Edges bend by no more than this, and are so long, in pixels.
_BENT_PX, _MIN_EDGE_PX = 1.5, 8.0
# Corners that have to be seen of a square.
_RECTANGLE_SIDES, _MIN_SQUARE_CORNERS = 4, 3
# Two corners turn alike if they differ by no more than this (radians).
_SAME_TURN = 0.12


def regular_polygon(chains: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """The corners of the regular polygon that an outline lies on.

    Args:
        chains: float64 (n, 2) each, x and y, the parts that are seen, in order.

    Returns:
        float64 (sides, 2), in the order of the chains; None if there is none. Two corners in a
        row have to be seen, of a square three.
    """
    rough = [_rough(chain) for chain in chains]
    if not 4 <= max(map(len, rough)) <= _MAX_ROUGH_POINTS:
        return None
    seen = [_corners(chain, few) for chain, few in zip(chains, rough, strict=True)]
    corners, turns = max(seen, key=lambda one: len(one[0]))
    if len(corners) < 2 or np.ptp(turns) > _SAME_TURN:
        return None
    sides = round(2.0 * np.pi / abs(float(np.mean(turns))))
    if not _MIN_SIDES <= sides <= _MAX_SIDES:
        return None
    turn = np.exp(2j * np.pi / sides * np.sign(turns[0]))
    places = corners[:, 0] + 1j * corners[:, 1]
    spoke, center = _fit(places, turn ** np.arange(len(places)))
    # All corners that are seen, wherever: each by the spoke that it is nearest to.
    every = np.concatenate([one for one, _ in seen])
    # Two right angles tell of a rectangle, not of how long it is.
    if sides == _RECTANGLE_SIDES and len(every) < _MIN_SQUARE_CORNERS:
        return None
    places = every[:, 0] + 1j * every[:, 1]
    number = np.rint(np.angle((places - center) / spoke) / np.angle(turn))
    spoke, center = _fit(places, turn**number)
    whole = center + spoke * turn ** np.arange(sides)
    polygon = np.stack([whole.real, whole.imag], axis=1)
    off = _distance(np.concatenate(chains), polygon)
    if np.sqrt((off * off).mean()) > _MAX_RMS_PX or off.max() > _MAX_OFF_PX:
        return None
    return polygon


def _fit(places: NDArray[np.complex128], spokes: NDArray[np.complex128]) -> tuple[complex, complex]:
    """The first spoke and the center of least squares."""
    matrix = np.stack([spokes, np.ones(len(spokes))], axis=1)
    spoke, center = np.linalg.lstsq(matrix, places, rcond=None)[0]
    return complex(spoke), complex(center)


def _rough(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """The points of a chain that straight edges between them leave of it."""
    few = cv2.approxPolyDP(chain.astype(np.float32)[:, None], _BENT_PX, False)
    return np.asarray(few[:, 0], np.float64)


def _corners(
    chain: NDArray[np.float64], rough: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the straight edges of a chain meet, (n, 2), and by how much it turns there."""
    split = ((chain[None] - rough[:, None]) ** 2).sum(axis=2).argmin(axis=1)
    first, last = split[:-1] + 1, split[1:] - 1
    long = last - first >= 2
    first, last = first[long], last[long]
    whole = chain[last] - chain[first]
    long = np.hypot(whole[:, 0], whole[:, 1]) >= _MIN_EDGE_PX
    first, last, whole = first[long], last[long], whole[long]
    # The line of least squares along each edge, from sums up to every point.
    x, y = (chain - chain[0]).T
    sums = np.cumsum([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    count, mx, my, xx, xy, yy = sums[:, last] - sums[:, first - 1]
    mx, my = mx / count, my / count
    angle = 0.5 * np.arctan2(
        2.0 * (xy / count - mx * my), xx / count - mx * mx - yy / count + my * my
    )
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    way *= np.sign((way * whole).sum(axis=1))[:, None]
    middle = chain[0] + np.stack([mx, my], axis=1)
    one, other = way[:-1], way[1:]
    cross = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    sharp = np.abs(cross) >= 0.2
    one, other, cross = one[sharp], other[sharp], cross[sharp]
    start, gap = middle[:-1][sharp], np.diff(middle, axis=0)[sharp]
    along = (gap[:, 0] * other[:, 1] - gap[:, 1] * other[:, 0]) / cross
    return start + one * along[:, None], np.arctan2(cross, (one * other).sum(axis=1))


def _distance(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each point, (n,), lies from the sides of a polygon."""
    step = np.roll(polygon, -1, axis=0) - polygon
    offset = points[:, None] - polygon
    share = np.clip((offset * step).sum(axis=2) / (step * step).sum(axis=1), 0.0, 1.0)
    return np.asarray(np.linalg.norm(offset - share[..., None] * step, axis=2).min(axis=1))
