"""Cuts outlines into runs that one smooth curve each can follow: at corners and straight edges.

All rings of a picture are handled together, as one array of points with a table of where each ring
begins; an index that runs past a ring's end comes back at its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bezier import Runs
from .even_rings import EvenRings, resample, smooth_hidden
from .straight_edges import Straight, fit_line, straight_edges

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
# A corner is drawn where its two sides meet, if that is within this many pixels of the outline:
# anti-aliasing and smoothing cut corners by less.
_CUT_CORNER_PX = 1.2
# Two straight edges meet in a corner if no more points than this lie between them; sharp corners
# are cut by more.
_MEET_POINTS, _SPIKE_PX = 9, 3.0
# Blunter turns than a corner's meet in a point only if it lies this near the outline.
_BLUNT_PX = 0.25
# A curve's direction is measured so many points beyond a straight edge's end.
_BESIDE_POINTS = (3, 8)
# Two straight edges that turn less than this do not meet in a point.
_MIN_TURN_SINE = np.sin(np.radians(5.0))
# A curve goes on smoothly from a straight edge if it turns by less than this share of a corner.
_SMOOTH_SHARE = 0.6
_DIRECTION_POINTS = 4


@dataclass(frozen=True)
class _Cuts:
    """Where rings are cut, and in which direction curves leave there.

    Attributes:
        points: float64 (m, 2), the rings' points, moved onto their straight edges.
        knots: bool (m,), where runs begin and end.
        corner: bool (m,), knots at which the direction changes.
        straight: bool (m,), points of straight edges.
        leave, arrive: float64 (m, 2), directions into the run after and before a knot, NaN where
            the points themselves decide.
    """

    points: Float
    knots: Bool
    corner: Bool
    straight: Bool
    leave: Float
    arrive: Float


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
    least = float(np.radians(corner_angle))
    count = len(even.points)
    cuts = _Cuts(
        even.points.copy(), np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool),
        np.full((count, 2), np.nan), np.full((count, 2), np.nan),
    )  # fmt: skip
    for ring, edges in enumerate(straight_edges(even)):
        if edges:
            _lay_edges(even, ring, edges, cuts, least)
    rest = EvenRings(cuts.points, even.start, even.count, even.weight)
    corner = _find_corners(rest, least)
    owner = rest.owner
    for step in (-2, -1, 0, 1, 2):  # a straight edge's ends are settled
        corner &= ~cuts.straight[rest.neighbour(np.arange(count), owner, step)]
    points = _sharpen(rest, corner)
    knots = _knots(rest, cuts.knots | corner)
    even = EvenRings(points, even.start, even.count, even.weight)
    return _runs(even, knots, cuts.corner | corner, cuts)


def _lay_edges(
    even: EvenRings, ring: int, edges: list[Straight], cuts: _Cuts, least: float
) -> None:
    """Move a ring's points onto its straight edges and cut it at their ends, in place."""
    begin, count = int(even.start[ring]), int(even.count[ring])
    points = even.points[begin : begin + count]
    first, last = [edge.first for edge in edges], [edge.last for edge in edges]
    tips: dict[int, Float] = {}
    for number, edge in enumerate(edges):
        following = (number + 1) % len(edges)
        other = edges[following]
        around = count if following <= number else 0
        tip = _meeting(edge, other, other.first + around - edge.last, points, least)
        if tip is None:
            continue
        middle = (edge.last + other.first + around) // 2
        last[number], first[following] = middle, middle - around
        tips[middle % count] = tip
    onto: list[tuple[Int, Float]] = []
    for number, edge in enumerate(edges):
        before, after = edges[number - 1], edges[(number + 1) % len(edges)]
        rooms = (edge.first - before.last) % count, (after.first - edge.last) % count
        for ends, sign, room in ((first, -1, rooms[0]), (last, 1, rooms[1])):
            if ends[number] % count in tips or room < 2 * _BESIDE_POINTS[1]:
                continue
            corner = _curve_corner(edge, ends[number], sign, points, least)
            if corner is not None:
                ends[number], tip, moved, places = corner
                tips[ends[number] % count] = tip
                onto.append((moved % count, places))
    for moved, places in onto:
        cuts.points[begin + moved] = places
    for edge, start, end in zip(edges, first, last, strict=True):
        if end <= start:
            continue
        on = np.arange(start, end + 1) % count
        cuts.points[begin + on] = edge.foot(points[on])
        cuts.straight[begin + on] = True
        _cut_ends(edge, points, (start % count, end % count), tips, begin, cuts, least)
    for place, tip in tips.items():
        cuts.points[begin + place] = tip


def _cut_ends(
    edge: Straight,
    points: Float,
    ends: tuple[int, int],
    tips: dict[int, Float],
    begin: int,
    cuts: _Cuts,
    least: float,
) -> None:
    count = len(points)
    for end, sign in zip(ends, (-1, 1), strict=True):
        knot = begin + end
        cuts.knots[knot] = True
        own, beyond = (cuts.leave, cuts.arrive) if sign < 0 else (cuts.arrive, cuts.leave)
        own[knot] = -sign * edge.along
        if end in tips:
            cuts.corner[knot] = True
            continue
        ahead = points[(end + sign * _DIRECTION_POINTS) % count] - points[end]
        onward = sign * edge.along
        turn = np.arctan2(abs(ahead[0] * onward[1] - ahead[1] * onward[0]), ahead @ onward)
        if turn < _SMOOTH_SHARE * least:
            beyond[knot] = onward
        else:
            cuts.corner[knot] = True


def _curve_corner(
    edge: Straight, end: int, sign: int, points: Float, least: float
) -> tuple[int, Float, Int, Float] | None:
    """The corner in which a curve meets a straight edge's end; None where it goes on smoothly.

    Returns:
        the corner's point and its place, and further points of the curve and their places: those
        that were rounded off.
    """
    beyond = end + sign * np.arange(*_BESIDE_POINTS)
    curve = fit_line(points.take(beyond[::sign], axis=0, mode="wrap"), end, end)
    pair = (edge, curve) if sign > 0 else (curve, edge)
    turn = np.arccos(np.clip(float(edge.along @ curve.along), -1.0, 1.0))
    if turn < _SMOOTH_SHARE * least:
        return None
    near = end + sign * np.arange(_BESIDE_POINTS[1])
    between = points.take(near, axis=0, mode="wrap")
    tip = _tip(*pair, between, turn)
    if tip is None:
        return None
    place = int(np.argmin(np.hypot(*(between - tip).T)))
    rounded = near[place + 1 : place + 3]
    return int(near[place]), tip, rounded, curve.foot(points.take(rounded, axis=0, mode="wrap"))


def _meeting(one: Straight, other: Straight, gap: int, points: Float, least: float) -> Float | None:
    """Where two neighbouring straight edges meet; None where they do not meet in a corner."""
    cross = one.along[0] * other.along[1] - one.along[1] * other.along[0]
    if one is other or gap > _MEET_POINTS or abs(cross) < _MIN_TURN_SINE:
        return None
    near = points.take(np.arange(one.last, one.last + gap + 1), axis=0, mode="wrap")
    turn = float(np.arctan2(abs(cross), float(one.along @ other.along)))
    if turn <= least:
        tip = _tip(one, other, near, 0.0)
        return tip if tip is not None and _distance(near, tip) <= _BLUNT_PX else None
    return _tip(one, other, near, turn)


def _tip(one: Straight, other: Straight, near: Float, turn: float) -> Float | None:
    """Where two lines cross, if that is as near to points as a rounded corner's tip can be."""
    cross = one.along[0] * other.along[1] - one.along[1] * other.along[0]
    between = other.centre - one.centre
    if abs(cross) < 1e-6:
        return None
    reach = (between[0] * other.along[1] - between[1] * other.along[0]) / cross
    tip = one.centre + reach * one.along
    # The sharper a corner, the more of it anti-aliasing takes away.
    most = min(_CUT_CORNER_PX / max(float(np.cos(0.5 * turn)), 1e-3), _SPIKE_PX)
    return tip if _distance(near, tip) <= most else None


def _distance(points: Float, place: Float) -> float:
    return float(np.hypot(*(points - place).T).min())


def _find_corners(rings: EvenRings, least: float) -> Bool:
    owner = rings.owner
    index = np.arange(len(owner))
    near = _turn(rings, index, owner, _NEAR_POINTS)
    far = _turn(rings, index, owner, _FAR_POINTS)
    sharp = (far > least) & (near > _ABRUPT_RATIO * far) & (rings.count[owner] >= _DOT_POINTS)
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
    usable = (np.abs(cross) > 1e-6) & (np.linalg.norm(meet - here, axis=1) < _CUT_CORNER_PX)
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
    rings: EvenRings, knots: Bool, corner: Bool, cuts: _Cuts
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
