"""Finds the corners of outlines and cuts the outlines into smooth runs between them.

All rings of a picture are handled together, as one array of points with a table of where each ring
begins; an index that runs past a ring's end comes back at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bezier import Runs

__all__ = ["cut_at_corners"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]

# Distance between points of the resampled outline, in pixels.
_SPACING = 0.75
_FEWEST = 8
# Turning is measured over 1.5 and 3 pixels to either side. At a corner both are alike; on an arc
# the longer reach turns twice as much.
_NEAR, _FAR = 2, 4
_ABRUPT = 0.75
# A ring with fewer points than this is a dot: it has no corners.
_DOT = 5 * _FAR
# A corner is drawn where its two sides meet, if that is within this many pixels of the outline:
# anti-aliasing and smoothing cut corners by less.
_CUT_CORNER = 1.2
_REACH = 3


@dataclass(frozen=True)
class _Rings:
    """Closed rings in one array; `neighbour` follows them around."""

    points: Float
    start: Int
    count: Int

    @property
    def owner(self) -> Int:
        return np.repeat(np.arange(len(self.start)), self.count)

    def neighbour(self, index: Int, owner: Int, step: int) -> Int:
        first = self.start[owner]
        return first + (index - first + step) % self.count[owner]


def cut_at_corners(rings: Sequence[Float], corner_angle: float) -> tuple[Float, Runs, Int]:
    """Resample rings and cut them into runs that a smooth curve can follow.

    Args:
        rings: each float64 (n, 2), closed, not repeated at the end, n >= 3, in pixels.
        corner_angle: turns of more degrees than this are corners.

    Returns:
        points float64 (m, 2), every ring's points in order, its first point repeated at its end;
        Runs over them, each ring's in order; intp (len(rings),), where each ring's points begin.
    """
    even = _resample(rings)
    corner = _find_corners(even, np.radians(corner_angle))
    points = _sharpen(even, corner)
    even = _Rings(points, even.start, even.count)
    knots = _knots(even, corner)
    return _runs(even, knots, corner)


def _resample(rings: Sequence[Float]) -> _Rings:
    closed = [np.concatenate([ring, ring[:1]]) for ring in rings]
    sizes = np.array([len(ring) for ring in closed])
    joined = np.concatenate(closed)
    first = np.cumsum(sizes) - sizes
    steps = np.linalg.norm(np.diff(joined, axis=0), axis=1)
    # The jump from one ring to the next: any positive length, since nothing is sampled there.
    steps[first[1:] - 1] = 1.0
    travelled = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-9))])
    begin = travelled[first]
    length = travelled[first + sizes - 1] - begin
    count = np.maximum(_FEWEST, np.rint(length / _SPACING)).astype(np.intp)
    start = np.cumsum(count) - count
    owner = np.repeat(np.arange(len(count)), count)
    local = np.arange(int(count.sum())) - start[owner]
    where = begin[owner] + local * (length / count)[owner]
    x = np.interp(where, travelled, joined[:, 0])
    y = np.interp(where, travelled, joined[:, 1])
    return _Rings(np.stack([x, y], axis=1), start.astype(np.intp), count)


def _find_corners(rings: _Rings, least: float) -> NDArray[np.bool_]:
    owner = rings.owner
    index = np.arange(len(owner))
    near = _turn(rings, index, owner, _NEAR)
    far = _turn(rings, index, owner, _FAR)
    sharp = (far > least) & (near > _ABRUPT * far) & (rings.count[owner] >= _DOT)
    candidates = np.flatnonzero(sharp)
    whose = owner[candidates]
    score = near + far
    best = np.ones(len(candidates), bool)
    for step in range(1, _FAR + 1):
        best &= score[candidates] >= score[rings.neighbour(candidates, whose, step)]
        # Strictly above those before it, so that of equals only the first is a corner.
        best &= score[candidates] > score[rings.neighbour(candidates, whose, -step)]
    corner = np.zeros(len(owner), bool)
    corner[candidates[best]] = True
    return corner


def _turn(rings: _Rings, index: Int, owner: Int, reach: int) -> Float:
    """Absolute change of direction at each point, radians, seen from `reach` points away."""
    here = rings.points.take(index, axis=0)
    into = here - rings.points.take(rings.neighbour(index, owner, -reach), axis=0)
    out = rings.points.take(rings.neighbour(index, owner, reach), axis=0) - here
    cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
    along = into[:, 0] * out[:, 0] + into[:, 1] * out[:, 1]
    return np.abs(np.arctan2(cross, along))


def _sharpen(rings: _Rings, corner: NDArray[np.bool_]) -> Float:
    """Move each corner to where its two sides meet, and its rounded neighbours into line."""
    points = rings.points.copy()
    at = np.flatnonzero(corner)
    if len(at) == 0:
        return points
    owner = rings.owner[at]

    def point(step: int) -> Float:
        return rings.points[rings.neighbour(at, owner, step)]

    here = rings.points[at]
    back, ahead = point(-2), point(2)
    u, v = back - point(-4), ahead - point(4)
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    gap = ahead - back
    safe = np.where(np.abs(cross) > 1e-6, cross, 1.0)
    along = (gap[:, 0] * v[:, 1] - gap[:, 1] * v[:, 0]) / safe
    meet = back + u * along[:, None]
    usable = (np.abs(cross) > 1e-6) & (np.linalg.norm(meet - here, axis=1) < _CUT_CORNER)
    tip = np.where(usable[:, None], meet, here)
    points[at] = tip
    for side in (-1, 1):
        moved = rings.neighbour(at, owner, side)[usable]
        points[moved] = 0.5 * (tip + point(2 * side))[usable]
    return points


def _knots(rings: _Rings, corner: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Corners, and smooth joints where a ring has too few of them to be cut into open runs."""
    knots = corner.copy()
    number = np.add.reduceat(corner.astype(np.intp), rings.start)
    for quarter in range(4):
        smooth = rings.start + rings.count * quarter // 4
        knots[smooth[number == 0]] = True
    alone = np.flatnonzero(number == 1)
    if len(alone):
        at = np.flatnonzero(corner & (number == 1)[rings.owner])
        first = rings.start[alone]
        knots[first + (at - first + rings.count[alone] // 2) % rings.count[alone]] = True
    return knots


def _runs(
    rings: _Rings, knots: NDArray[np.bool_], corner: NDArray[np.bool_]
) -> tuple[Float, Runs, Int]:
    """Rotate every ring to begin at a knot, repeat that point at its end, and list the runs."""
    owner = rings.owner
    knot = np.flatnonzero(knots)
    whose = owner[knot]
    _, first = np.unique(whose, return_index=True)
    rotation = knot[first] - rings.start
    count = rings.count + 1
    begin = np.cumsum(count) - count
    long_owner = np.repeat(np.arange(len(count)), count)
    local = np.arange(int(count.sum())) - begin[long_owner]
    turned = (local + rotation[long_owner]) % rings.count[long_owner]
    points = rings.points.take(rings.start[long_owner] + turned, axis=0)
    # Where each knot lies in the rotated ring; the first closes the ring as well.
    place = begin[whose] + (knot - rings.start[whose] - rotation[whose]) % rings.count[whose]
    following = np.append(place[1:], 0)
    last = np.append(whose[1:] != whose[:-1], True)
    end = np.where(last, begin[whose] + rings.count[whose], following)
    leaves = _tangent(rings, knot, whose, corner[knot], end - place, forward=True)
    # A run arrives at the knot after it, which for the last run is the ring's first.
    after = np.where(last, first[whose], np.arange(1, len(knot) + 1) % len(knot))
    arrives = _tangent(rings, knot[after], whose, corner[knot[after]], end - place, forward=False)
    return points, Runs(place, end, leaves, arrives), begin


def _tangent(
    rings: _Rings, knot: Int, owner: Int, corner: NDArray[np.bool_], room: Int, *, forward: bool
) -> Float:
    """Unit direction from each knot into its run: one-sided at corners, central elsewhere."""
    sign = 1 if forward else -1
    first = rings.start[owner]

    def point(step: Int) -> Float:
        return rings.points[first + (knot - first + step) % rings.count[owner]]

    reach = np.minimum(_REACH, room) * sign
    here = np.where(corner[:, None], rings.points[knot], point(-reach))
    along = point(reach) - here
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return along / np.maximum(length, 1e-9)
