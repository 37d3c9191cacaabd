"""Lays outlines onto their straight edges, and finds the corners at the ends of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .even_rings import EvenRings, next_of_ring
from .lines import StraightEdges, distance_off, fit_lines, foot
from .straight_edges import straight_edges

__all__ = ["CUT_CORNER_PX", "Cuts", "lay_edges"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

CUT_CORNER_PX = 1.2
"""A corner is drawn where its two sides meet, if that is within this many pixels of the outline:
anti-aliasing and smoothing cut corners by less."""
# Two straight edges meet in a corner if no more points than this lie between them; sharp corners
# are cut by more.
_MEET_POINTS, _SPIKE_PX = 9, 3.0
# Blunter turns than a corner's meet in a point only if the outline is this near to it and to both
# edges.
_BLUNT_PX = 0.25
# A curve's direction is measured so many points beyond a straight edge's end.
_BESIDE_POINTS = (3, 8)
# So many of a curve's points are rounded off at its corner with a straight edge.
_ROUNDED_POINTS = 2
# Two straight edges that turn less than this do not meet in a point.
_MIN_TURN_SINE = np.sin(np.radians(5.0))
_PARALLEL_SINE = 1e-6
# A curve goes on smoothly from a straight edge if it turns by less than this share of a corner, as
# long as corners are no sharper than a right angle.
_SMOOTH_SHARE = 0.6
_DIRECTION_POINTS = 4


@dataclass(frozen=True)
class Cuts:
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


@dataclass(frozen=True)
class _Tips:
    """Corners: the place of each among all points, and where it is drawn."""

    place: Int
    tip: Float


def lay_edges(even: EvenRings, least: float) -> Cuts:
    """Find the straight edges of rings, move points onto them and cut the rings at their ends.

    Args:
        even: the rings.
        least: turns of more radians than this are corners.
    """
    count = len(even.points)
    cuts = Cuts(
        even.points.copy(), np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool),
        np.full((count, 2), np.nan), np.full((count, 2), np.nan),
    )  # fmt: skip
    edges = straight_edges(even)
    if len(edges) == 0:
        return cuts
    ends = np.stack([edges.first, edges.last], axis=1)
    tips = _meetings(even, edges, ends, least)
    tips = _curve_corners(even, edges, ends, tips, cuts, least)
    _lay(
        even, edges.pick(ends[:, 1] > ends[:, 0]), ends[ends[:, 1] > ends[:, 0]], tips, cuts, least
    )
    cuts.points[tips.place] = tips.tip
    return cuts


def _places(even: EvenRings, ring: Int, local: Int) -> Int:
    """Places among all points of points counted within their rings, any number of laps on."""
    shape = (len(ring), *[1] * (local.ndim - 1))
    return even.start[ring].reshape(shape) + local % even.count[ring].reshape(shape)


def _meetings(even: EvenRings, edges: StraightEdges, ends: Int, least: float) -> _Tips:
    """Where neighbouring straight edges meet in a corner; moves their ends there, in place."""
    one = np.arange(len(edges))
    other = next_of_ring(edges.ring)
    around = np.where(other <= one, even.count[edges.ring], 0)
    gap = edges.first[other] + around - edges.last
    a, b = edges.along[one], edges.along[other]
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    one = np.flatnonzero((other != one) & (gap <= _MEET_POINTS) & (np.abs(cross) >= _MIN_TURN_SINE))
    other, around, gap = other[one], around[one], gap[one]
    step = np.minimum(np.arange(_MEET_POINTS + 1), np.maximum(gap, 0)[:, None])
    near = even.points[_places(even, edges.ring[one], edges.last[one][:, None] + step)]
    dot = (edges.along[one] * edges.along[other]).sum(axis=1)
    turn = np.arctan2(np.abs(cross[one]), dot)
    blunt = turn <= least
    tip, away = _tips(edges, one, edges.centre[other], edges.along[other], near)
    stray = np.minimum(_off(near, edges, one), _off(near, edges, other)).max(axis=1)
    distance = np.where(blunt, np.maximum(away.min(axis=1), stray), away.min(axis=1))
    good = distance <= np.where(blunt, _BLUNT_PX, _reach(turn))
    one, other, around, tip = one[good], other[good], around[good], tip[good]
    middle = (edges.last[one] + edges.first[other] + around) // 2
    ends[one, 1], ends[other, 0] = middle, middle - around
    return _Tips(_places(even, edges.ring[one], middle), tip)


def _smooth_turn(least: float) -> float:
    """A curve goes on smoothly from an edge if it turns by less, radians."""
    return least if least > 0.5 * np.pi else _SMOOTH_SHARE * least


def _off(near: Float, edges: StraightEdges, one: Int) -> Float:
    """Distances of points (n, k, 2) from edges."""
    return np.abs(distance_off(near, edges.centre[one][:, None], edges.along[one][:, None]))


def _reach(turn: Float) -> Float:
    """How far a rounded corner's tip can be from its outline: sharper ones lose more of it."""
    most = CUT_CORNER_PX / np.maximum(np.cos(0.5 * turn), 1e-3)
    return np.asarray(np.minimum(most, _SPIKE_PX))


def _tips(
    edges: StraightEdges, one: Int, centre: Float, along: Float, near: Float
) -> tuple[Float, Float]:
    """Where edges cross lines, and how far from there points (n, k, 2) are: far if they do not."""
    own = edges.along[one]
    cross = own[:, 0] * along[:, 1] - own[:, 1] * along[:, 0]
    between = centre - edges.centre[one]
    crosses = np.abs(cross) >= _PARALLEL_SINE
    reach = (between[:, 0] * along[:, 1] - between[:, 1] * along[:, 0]) / np.where(
        crosses, cross, 1.0
    )
    tip = edges.centre[one] + reach[:, None] * own
    away = near - tip[:, None]
    distance = np.hypot(away[..., 0], away[..., 1])
    return tip, np.where(crosses[:, None], distance, np.inf)


def _curve_corners(
    even: EvenRings, edges: StraightEdges, ends: Int, tips: _Tips, cuts: Cuts, least: float
) -> _Tips:
    """Corners in which curves meet straight edges, beside those that are known.

    Moves the edges' ends there, and the curves' points that were rounded off, in place.
    """
    after = next_of_ring(edges.ring)
    room = (edges.first[after] - edges.last) % even.count[edges.ring]
    before_room = np.empty_like(room)
    before_room[after] = room
    taken = np.zeros(len(even.points), bool)
    taken[tips.place] = True
    found = [tips]
    for column, sign, space in ((0, -1, before_room), (1, 1, room)):
        free = ~taken[_places(even, edges.ring, ends[:, column])]
        one = np.flatnonzero(free & (space >= 2 * _BESIDE_POINTS[1]))
        ring, end = edges.ring[one], ends[one, column]
        beyond = np.arange(*_BESIDE_POINTS)[::sign]
        points = even.points[_places(even, ring, end[:, None] + sign * beyond)]
        size = len(beyond)
        centre, along = fit_lines(points.reshape(-1, 2), np.arange(len(one)) * size)
        turn = np.arccos(np.clip((edges.along[one] * along).sum(axis=1), -1.0, 1.0))
        near = end[:, None] + sign * np.arange(_BESIDE_POINTS[1])
        tip, away = _tips(edges, one, centre, along, even.points[_places(even, ring, near)])
        nearest = away.argmin(axis=1)
        good = (turn >= _smooth_turn(least)) & (away.min(axis=1) <= _reach(turn))
        one, ring, near, nearest = one[good], ring[good], near[good], nearest[good]
        rows = np.arange(len(one))
        ends[one, column] = near[rows, nearest]
        found.append(_Tips(_places(even, ring, near[rows, nearest]), tip[good]))
        for step in range(1, _ROUNDED_POINTS + 1):
            there = nearest + step < _BESIDE_POINTS[1]
            moved = _places(even, ring[there], near[rows[there], nearest[there] + step])
            cuts.points[moved] = foot(even.points[moved], centre[good][there], along[good][there])
    return _Tips(
        np.concatenate([own.place for own in found]), np.concatenate([own.tip for own in found])
    )


def _lay(
    even: EvenRings, edges: StraightEdges, ends: Int, tips: _Tips, cuts: Cuts, least: float
) -> None:
    """Move points onto edges between their ends, and cut there, in place."""
    size = ends[:, 1] - ends[:, 0] + 1
    begin = np.cumsum(size) - size
    own = np.repeat(np.arange(len(size)), size)
    on = _places(even, edges.ring[own], np.arange(len(own)) - begin[own] + ends[own, 0])
    cuts.points[on] = foot(even.points[on], edges.centre[own], edges.along[own])
    cuts.straight[on] = True
    is_tip = np.zeros(len(even.points), bool)
    is_tip[tips.place] = True
    for column, sign in ((0, -1), (1, 1)):
        knot = _places(even, edges.ring, ends[:, column])
        ahead = even.points[_places(even, edges.ring, ends[:, column] + sign * _DIRECTION_POINTS)]
        ahead = ahead - even.points[knot]
        onward = sign * edges.along
        cross = ahead[:, 0] * onward[:, 1] - ahead[:, 1] * onward[:, 0]
        turn = np.arctan2(np.abs(cross), (ahead * onward).sum(axis=1))
        smooth = ~is_tip[knot] & (turn < _smooth_turn(least))
        cuts.knots[knot] = True
        cuts.corner[knot[~smooth]] = True
        inwards, beyond = (cuts.leave, cuts.arrive) if sign < 0 else (cuts.arrive, cuts.leave)
        beyond[knot[smooth]] = onward[smooth]
        inwards[knot] = -onward
