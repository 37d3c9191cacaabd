"""Cuts outlines into runs that one smooth curve each can follow: at corners and straight edges.

All rings of a picture are handled together, as one array of points with a table of where each ring
begins; an index that runs past a ring's end comes back at its start.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bezier import Runs
from .even_rings import EvenRings, resample, smooth_hidden
from .lay_edges import CUT_CORNER_PX, Cuts, lay_edges

__all__ = ["cut_at_corners"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

# Turning is measured over 1.5 and 3 pixels to either side. At a corner both are alike; on an arc
# the longer reach turns twice as much.
_NEAR_POINTS, _FAR_POINTS = 2, 4
_ABRUPT_RATIO = 0.75
# A ring with fewer points than this is a dot: it has no corners.
_DOT_POINTS = 5 * _FAR_POINTS
# A curve's direction at a knot is that to a point so many points on.
_DIRECTION_POINTS = 4


def cut_at_corners(
    rings: Sequence[Float], corner_angle: float, weights: Sequence[Float]
) -> tuple[Float, Runs, Int, Float]:
    """Resample rings and cut them into runs that a smooth curve can follow.

    Args:
        rings: each float64 (n, 2), closed, not repeated at the end, n >= 3, in pixels.
        corner_angle: turns of more degrees than this are corners.
        weights: for each ring float64 (n,), times which distance counts; less than a half for
            points that nobody sees.

    Returns:
        points float64 (m, 2), every ring's points in order, its first point repeated at its end;
        Runs over them, each ring's in order; intp (len(rings),), where each ring's points begin;
        float64 (m,), the weight of each point.
    """
    even = smooth_hidden(resample(rings, weights))
    corner_turn_rad = float(np.radians(corner_angle))
    cuts = lay_edges(even, corner_turn_rad)
    rest = EvenRings(cuts.points, even.start, even.count, even.weight)
    corner = _find_corners(rest, corner_turn_rad)
    owner = rest.owner
    for step in (-2, -1, 0, 1, 2):  # a straight edge's ends are settled
        corner &= ~cuts.straight[rest.neighbour(np.arange(len(owner)), owner, step)]
    points = _sharpen(rest, corner)
    knots = _knots(rest, cuts.knots | corner)
    even = EvenRings(points, even.start, even.count, even.weight)
    return _runs(even, knots, cuts.corner | corner, cuts)


def _find_corners(rings: EvenRings, corner_turn_rad: float) -> Bool:
    """Points, bool (m,), at which the outline turns abruptly and by more than so many radians."""
    owner = rings.owner
    index = np.arange(len(owner))
    near = _turn(rings, index, owner, _NEAR_POINTS)
    far = _turn(rings, index, owner, _FAR_POINTS)
    sharp = (
        (far > corner_turn_rad) & (near > _ABRUPT_RATIO * far) & (rings.count[owner] >= _DOT_POINTS)
    )
    candidates = np.flatnonzero(sharp)
    whose = owner[candidates]
    score = near + far
    best = np.ones(len(candidates), bool)
    for step in range(1, _FAR_POINTS + 1):
        best &= score[candidates] >= score[rings.neighbour(candidates, whose, step)]
        # Strictly above those before it, so that of equals only the first is a corner.
        best &= score[candidates] > score[rings.neighbour(candidates, whose, -step)]
    corner = np.zeros(len(owner), bool)
    corner[candidates[best]] = True
    return corner


def _turn(rings: EvenRings, index: Int, owner: Int, reach: int) -> Float:
    """Absolute change of direction at each point, radians, seen from `reach` points away."""
    here = rings.points.take(index, axis=0)
    into = here - rings.points.take(rings.neighbour(index, owner, -reach), axis=0)
    out = rings.points.take(rings.neighbour(index, owner, reach), axis=0) - here
    cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
    along = into[:, 0] * out[:, 0] + into[:, 1] * out[:, 1]
    return np.abs(np.arctan2(cross, along))


def _sharpen(rings: EvenRings, corner: Bool) -> Float:
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
    usable = (np.abs(cross) > 1e-6) & (np.linalg.norm(meet - here, axis=1) < CUT_CORNER_PX)
    tip = np.where(usable[:, None], meet, here)
    points[at] = tip
    for side in (-1, 1):
        moved = rings.neighbour(at, owner, side)[usable]
        points[moved] = 0.5 * (tip + point(2 * side))[usable]
    return points


def _knots(rings: EvenRings, cut: Bool) -> Bool:
    """Where rings are cut, and smooth joints where a ring has too few of them for open runs."""
    knots = cut.copy()
    number = np.add.reduceat(cut.astype(np.intp), rings.start)
    for quarter in range(4):
        smooth = rings.start + rings.count * quarter // 4
        knots[smooth[number == 0]] = True
    alone = np.flatnonzero(number == 1)
    if len(alone):
        at = np.flatnonzero(cut & (number == 1)[rings.owner])
        first = rings.start[alone]
        knots[first + (at - first + rings.count[alone] // 2) % rings.count[alone]] = True
    return knots


def _runs(
    rings: EvenRings, knots: Bool, corner: Bool, cuts: Cuts
) -> tuple[Float, Runs, Int, Float]:
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
    source = rings.start[long_owner] + turned
    points = rings.points.take(source, axis=0)
    # Where each knot lies in the rotated ring; the first closes the ring as well.
    place = begin[whose] + (knot - rings.start[whose] - rotation[whose]) % rings.count[whose]
    following = np.append(place[1:], 0)
    last = np.append(whose[1:] != whose[:-1], True)
    end = np.where(last, begin[whose] + rings.count[whose], following)
    leaves = _tangent(rings, knot, whose, corner[knot], end - place, forward=True)
    # A run arrives at the knot after it, which for the last run is the ring's first.
    after = np.where(last, first[whose], np.arange(1, len(knot) + 1) % len(knot))
    arrives = _tangent(rings, knot[after], whose, corner[knot[after]], end - place, forward=False)
    for directions, told in ((leaves, cuts.leave[knot]), (arrives, cuts.arrive[knot[after]])):
        known = np.isfinite(told[:, 0])
        directions[known] = told[known]
    return points, Runs(place, end, leaves, arrives), begin, rings.weight[source]


def _tangent(
    rings: EvenRings, knot: Int, owner: Int, corner: Bool, room: Int, *, forward: bool
) -> Float:
    """Unit direction from each knot into its run: one-sided at corners, central elsewhere."""
    sign = 1 if forward else -1
    first = rings.start[owner]

    def point(step: Int) -> Float:
        return rings.points[first + (knot - first + step) % rings.count[owner]]

    reach = np.minimum(_DIRECTION_POINTS, room) * sign
    here = np.where(corner[:, None], rings.points[knot], point(-reach))
    along = point(reach) - here
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return along / np.maximum(length, 1e-9)
