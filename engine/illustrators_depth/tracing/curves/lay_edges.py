"""Moves outline points onto the straight edges found in them, and finds the corners at these.

Outline points lie `even_rings.SPACING_PX` apart; "points" below are those. An edge's two ends are
indices counted within its ring, which may run past the ring's end.
"""

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
# Two straight edges can meet in a corner if at most so many points lie between them.
_MEET_POINTS = 9
# However sharp the corner, its tip is at most this far from the outline.
_SPIKE_PX = 3.0
# Two edges that turn by less than a corner do meet in a point, too, if the outline between them is
# this near to that point and to one edge or the other.
_BLUNT_PX = 0.25
# A curve's direction beside an edge is that of the line through its 3rd point from the edge's end
# to its 7th (the end of this range is excluded): nearer ones are rounded off by the corner.
_BESIDE_POINTS = (3, 8)
# So many of a curve's points are rounded off at its corner with a straight edge.
_ROUNDED_POINTS = 2
# Two straight edges that turn less than this do not meet in a point.
_MIN_TURN_SINE = np.sin(np.radians(5.0))
# Lines at less than this cross nowhere that could be computed.
_PARALLEL_SINE = 1e-6
# A curve goes on smoothly from a straight edge if it turns by less than this share of a corner, as
# long as corners are no sharper than a right angle.
_SMOOTH_SHARE = 0.6
# Whether it does is judged by the direction from the edge's end to the point so many points on.
_DIRECTION_POINTS = 4


@dataclass(frozen=True)
class Cuts:
    """Where rings are cut, and in which direction curves leave there.

    Attributes:
        points: float64 (m, 2), pixels: the rings' points, moved onto their straight edges.
        knots: bool (m,), where runs begin and end.
        corner: bool (m,), knots at which the direction changes.
        straight: bool (m,), points of straight edges.
        leave, arrive: float64 (m, 2), directions into the run after a knot and into that before
            it: both point away from the knot and have unit length. NaN where the points themselves
            decide.
    """

    points: Float
    knots: Bool
    corner: Bool
    straight: Bool
    leave: Float
    arrive: Float


@dataclass(frozen=True)
class _Tips:
    """Corners.

    Attributes:
        place: intp (n,), index of each into `EvenRings.points`.
        tip: float64 (n, 2), pixels, where it is drawn.
    """

    place: Int
    tip: Float


def lay_edges(even: EvenRings, corner_turn_rad: float) -> Cuts:
    """Find the straight edges of rings, move points onto them and cut the rings at their ends.

    Args:
        even: the rings; they are not changed.
        corner_turn_rad: turns of more radians than this are corners.
    """
    count = len(even.points)
    cuts = Cuts(
        even.points.copy(), np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool),
        np.full((count, 2), np.nan), np.full((count, 2), np.nan),
    )  # fmt: skip
    edges = straight_edges(even)
    if len(edges) == 0:
        return cuts
    # First and last point (inclusive) of each edge; both move to the corners that are found.
    ends = np.stack([edges.first, edges.last], axis=1)
    tips = _meetings(even, edges, ends, corner_turn_rad)
    tips = _curve_corners(even, edges, ends, tips, cuts, corner_turn_rad)
    left = ends[:, 1] > ends[:, 0]
    _lay(even, edges.pick(left), ends[left], tips, cuts, corner_turn_rad)
    cuts.points[tips.place] = tips.tip
    return cuts


def _places(even: EvenRings, ring: Int, local: Int) -> Int:
    """Index into `even.points` of points counted within their rings, where they wrap around.

    Args:
        ring: (n,), of each.
        local: (n,) or (n, k), counted from the ring's start; below 0 or past its end is allowed.
    """
    shape = (len(ring), *[1] * (local.ndim - 1))
    return even.start[ring].reshape(shape) + local % even.count[ring].reshape(shape)


def _meetings(even: EvenRings, edges: StraightEdges, ends: Int, corner_turn_rad: float) -> _Tips:
    """Where neighbouring straight edges meet in a corner; moves their ends there, in place.

    Args:
        even, edges, corner_turn_rad: as in `lay_edges`.
        ends: intp (len(edges), 2), first and last point of each edge, counted within its ring.
    """
    edge = np.arange(len(edges))
    next_edge = next_of_ring(edges.ring)
    lap = np.where(next_edge <= edge, even.count[edges.ring], 0)  # points, past the ring's end
    gap = edges.first[next_edge] + lap - edges.last
    a, b = edges.along[edge], edges.along[next_edge]
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    can_meet = (gap <= _MEET_POINTS) & (np.abs(cross) >= _MIN_TURN_SINE)
    edge = np.flatnonzero((next_edge != edge) & can_meet)
    next_edge, lap, gap = next_edge[edge], lap[edge], gap[edge]
    step = np.minimum(np.arange(_MEET_POINTS + 1), np.maximum(gap, 0)[:, None])
    near = even.points[_places(even, edges.ring[edge], edges.last[edge][:, None] + step)]
    dot = (edges.along[edge] * edges.along[next_edge]).sum(axis=1)
    turn = np.arctan2(np.abs(cross[edge]), dot)
    blunt = turn <= corner_turn_rad
    tip, away = _crossings(edges, edge, edges.centre[next_edge], edges.along[next_edge], near)
    stray = np.minimum(_off(near, edges, edge), _off(near, edges, next_edge)).max(axis=1)
    distance = np.where(blunt, np.maximum(away.min(axis=1), stray), away.min(axis=1))
    good = distance <= np.where(blunt, _BLUNT_PX, _reach(turn))
    edge, next_edge, lap, tip = edge[good], next_edge[good], lap[good], tip[good]
    middle = (edges.last[edge] + edges.first[next_edge] + lap) // 2
    ends[edge, 1], ends[next_edge, 0] = middle, middle - lap
    return _Tips(_places(even, edges.ring[edge], middle), tip)


def _smooth_turn(corner_turn_rad: float) -> float:
    """Largest turn, radians, at which a curve still goes on smoothly from an edge."""
    return corner_turn_rad if corner_turn_rad > 0.5 * np.pi else _SMOOTH_SHARE * corner_turn_rad


def _off(near: Float, edges: StraightEdges, chosen: Int) -> Float:
    """Distances, pixels, of points (n, k, 2) from n chosen edges."""
    return np.abs(distance_off(near, edges.centre[chosen][:, None], edges.along[chosen][:, None]))


def _reach(turn: Float) -> Float:
    """How far, in pixels, a rounded corner's tip can be from its outline, by its turn in radians.

    Sharper ones lose more of it.
    """
    most = CUT_CORNER_PX / np.maximum(np.cos(0.5 * turn), 1e-3)
    return np.asarray(np.minimum(most, _SPIKE_PX))


def _crossings(
    edges: StraightEdges, chosen: Int, centre: Float, along: Float, near: Float
) -> tuple[Float, Float]:
    """Where n chosen edges cross n lines, and how far from there points are.

    Args:
        edges, chosen: the edges, and which of them, (n,).
        centre, along: float64 (n, 2), a point of each line and its unit direction.
        near: float64 (n, k, 2), points.

    Returns:
        the crossings, float64 (n, 2), and the distances, float64 (n, k), pixels: infinite where
        edge and line are parallel.
    """
    direction = edges.along[chosen]
    cross = direction[:, 0] * along[:, 1] - direction[:, 1] * along[:, 0]
    between = centre - edges.centre[chosen]
    crosses = np.abs(cross) >= _PARALLEL_SINE
    travel = (between[:, 0] * along[:, 1] - between[:, 1] * along[:, 0]) / np.where(
        crosses, cross, 1.0
    )
    tip = edges.centre[chosen] + travel[:, None] * direction
    away = near - tip[:, None]
    distance = np.hypot(away[..., 0], away[..., 1])
    return tip, np.where(crosses[:, None], distance, np.inf)


def _curve_corners(
    even: EvenRings,
    edges: StraightEdges,
    ends: Int,
    tips: _Tips,
    cuts: Cuts,
    corner_turn_rad: float,
) -> _Tips:
    """Corners in which curves meet straight edges, together with those known so far (`tips`).

    Moves the edges' `ends` there, and in `cuts.points` the curves' points that were rounded off.
    """
    after = next_of_ring(edges.ring)
    room = (edges.first[after] - edges.last) % even.count[edges.ring]
    before_room = np.empty_like(room)
    before_room[after] = room
    taken = np.zeros(len(even.points), bool)
    taken[tips.place] = True
    corners = [tips]
    # The curve before each edge's first point, walked backwards, and that after its last one.
    for column, sign, space in ((0, -1, before_room), (1, 1, room)):
        free = ~taken[_places(even, edges.ring, ends[:, column])]
        edge = np.flatnonzero(free & (space >= 2 * _BESIDE_POINTS[1]))
        ring, end = edges.ring[edge], ends[edge, column]
        beyond = np.arange(*_BESIDE_POINTS)[::sign]
        points = even.points[_places(even, ring, end[:, None] + sign * beyond)]
        size = len(beyond)
        centre, along = fit_lines(points.reshape(-1, 2), np.arange(len(edge)) * size)
        turn = np.arccos(np.clip((edges.along[edge] * along).sum(axis=1), -1.0, 1.0))
        near = end[:, None] + sign * np.arange(_BESIDE_POINTS[1])
        beside = even.points[_places(even, ring, near)]
        tip, away = _crossings(edges, edge, centre, along, beside)
        nearest = away.argmin(axis=1)
        good = (turn >= _smooth_turn(corner_turn_rad)) & (away.min(axis=1) <= _reach(turn))
        edge, ring, near, nearest = edge[good], ring[good], near[good], nearest[good]
        rows = np.arange(len(edge))
        ends[edge, column] = near[rows, nearest]
        corners.append(_Tips(_places(even, ring, near[rows, nearest]), tip[good]))
        for step in range(1, _ROUNDED_POINTS + 1):
            there = nearest + step < _BESIDE_POINTS[1]
            moved = _places(even, ring[there], near[rows[there], nearest[there] + step])
            cuts.points[moved] = foot(even.points[moved], centre[good][there], along[good][there])
    return _Tips(
        np.concatenate([some.place for some in corners]),
        np.concatenate([some.tip for some in corners]),
    )


def _lay(
    even: EvenRings,
    edges: StraightEdges,
    ends: Int,
    tips: _Tips,
    cuts: Cuts,
    corner_turn_rad: float,
) -> None:
    """Move points onto edges between their ends, and cut there: all in `cuts`, in place."""
    size = ends[:, 1] - ends[:, 0] + 1
    begin = np.cumsum(size) - size
    edge_of_point = np.repeat(np.arange(len(size)), size)
    local = np.arange(len(edge_of_point)) - begin[edge_of_point] + ends[edge_of_point, 0]
    place = _places(even, edges.ring[edge_of_point], local)
    cuts.points[place] = foot(
        even.points[place], edges.centre[edge_of_point], edges.along[edge_of_point]
    )
    cuts.straight[place] = True
    is_tip = np.zeros(len(even.points), bool)
    is_tip[tips.place] = True
    for column, sign in ((0, -1), (1, 1)):
        knot = _places(even, edges.ring, ends[:, column])
        ahead = even.points[_places(even, edges.ring, ends[:, column] + sign * _DIRECTION_POINTS)]
        ahead = ahead - even.points[knot]
        onward = sign * edges.along
        cross = ahead[:, 0] * onward[:, 1] - ahead[:, 1] * onward[:, 0]
        turn = np.arctan2(np.abs(cross), (ahead * onward).sum(axis=1))
        smooth = ~is_tip[knot] & (turn < _smooth_turn(corner_turn_rad))
        cuts.knots[knot] = True
        cuts.corner[knot[~smooth]] = True
        inwards, beyond = (cuts.leave, cuts.arrive) if sign < 0 else (cuts.arrive, cuts.leave)
        beyond[knot[smooth]] = onward[smooth]
        inwards[knot] = -onward
