"""Finds the straight stretches of outlines: the sides of polygons, exact to a fraction of a pixel.

Candidates are the sides of a Douglas-Peucker polygon. A least-squares line through the points of
one (total least squares, by their moments) is a straight edge if the points bend to neither side of
it; the chord of an arc bends by as much as the polygon may stray.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from .even_rings import HIDDEN_BELOW, EvenRings, next_of_ring

__all__ = ["StraightEdges", "distance_off", "fit_lines", "foot", "straight_edges"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

# How far the polygon may stray from the outline, in pixels.
_POLYGON_PX = 0.35
# Shorter sides say nothing about a direction; longer ones are straight without corners beside them.
_SHORT_PX, _LONG_PX = 3.5, 18.0
_SHARP_ANGLE = np.radians(28.0)
# A straight edge's points bend by less than the first, and stray (RMS) by less than the second.
_BEND_PX, _STRAY_PX = 0.1, 0.13
# Two edges on one line are one edge if what is between them is hidden, or short and near the line.
_SAME_SINE, _GAP_POINTS, _BUMP_PX, _JOINT_PX = float(np.sin(np.radians(3.0))), 10, 1.0, 0.3
# Where a third layer meets a long edge its points are moved, by less, over this share of it.
_LONG_GAP_SHARE, _LONG_BUMP_PX = 0.2, 0.6
_HIDDEN_PX, _HIDDEN_SINE = 1.5, float(np.sin(np.radians(2.0)))
_MAX_PASSED_OVER = 3
# An edge ends where the points leave its line by this much; it gives up at most this share.
_LEAVES_PX, _GIVEN_UP_DIVISOR = 0.12, 3


@dataclass(frozen=True)
class StraightEdges:
    """Straight stretches of rings, ring by ring in order.

    Attributes:
        ring: intp (n,), the ring that each is part of.
        first, last: intp (n,), its points, counted within the ring; `last` may run past the ring's
            end.
        centre, along: float64 (n, 2), a point of each line and its unit direction, first to last.
    """

    ring: Int
    first: Int
    last: Int
    centre: Float
    along: Float

    def __len__(self) -> int:
        return len(self.ring)

    def pick(self, which: Bool | Int) -> StraightEdges:
        return StraightEdges(
            self.ring[which], self.first[which], self.last[which],
            self.centre[which], self.along[which],
        )  # fmt: skip


def straight_edges(rings: EvenRings) -> StraightEdges:
    """The straight stretches of all rings, disjoint but for shared ends."""
    edges = _lines(rings, _sides(rings))
    return _merged(edges, rings)


def distance_off(points: Float, centre: Float, along: Float) -> Float:
    """Signed distance of points from lines, one line each."""
    away = points - centre
    return np.asarray(away[..., 0] * along[..., 1] - away[..., 1] * along[..., 0])


def foot(points: Float, centre: Float, along: Float) -> Float:
    """Points moved to the nearest place on their lines."""
    away = points - centre
    reach = away[..., 0] * along[..., 0] + away[..., 1] * along[..., 1]
    return np.asarray(centre + reach[..., None] * along)


def fit_lines(points: Float, begin: Int) -> tuple[Float, Float]:
    """The lines nearest in the mean square to runs of points, in the points' direction.

    Args:
        points: float64 (n, 2), run after run.
        begin: intp (k,), where each run begins.

    Returns:
        a point of each line and its unit direction, float64 (k, 2).
    """
    count = np.diff(np.append(begin, len(points)))
    centre = np.add.reduceat(points, begin) / count[:, None]
    away = points - np.repeat(centre, count, axis=0)
    x, y = away[:, 0], away[:, 1]
    xx, yy, xy = (np.add.reduceat(values, begin) for values in (x * x, y * y, x * y))
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    chord = points[begin + count - 1] - points[begin]
    along *= np.where((chord * along).sum(axis=1) < 0.0, -1.0, 1.0)[:, None]
    return centre, along


def _sides(rings: EvenRings) -> tuple[Int, Int, Int]:
    """Ring, first and last point of the sides of polygons that may be straight."""
    ring, corner = _polygons(rings)
    after = next_of_ring(ring)
    count = rings.count[ring]
    last = corner[after] + np.where(after <= np.arange(len(ring)), count, 0)
    begin = rings.start[ring]
    chord = rings.points[begin + last % count] - rings.points[begin + corner]
    length = np.hypot(chord[:, 0], chord[:, 1])
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    turn = np.abs((angle[after] - angle + np.pi) % (2.0 * np.pi) - np.pi)
    before = np.empty_like(after)
    before[after] = np.arange(len(after))
    sharp = (turn > _SHARP_ANGLE) & (turn[before] > _SHARP_ANGLE)
    chosen = (length >= _LONG_PX) | ((length >= _SHORT_PX) & sharp)
    chosen &= np.bincount(ring, minlength=len(rings.start))[ring] >= 3
    return ring[chosen], corner[chosen], last[chosen]


def _polygons(rings: EvenRings) -> tuple[Int, Int]:
    """Corners of the rings' polygons: the ring of each, and its place among the ring's points."""
    exact = np.ascontiguousarray(rings.points, np.float32)
    chosen = [
        cv2.approxPolyDP(exact[begin : begin + count, None], _POLYGON_PX, True)
        for begin, count in zip(rings.start.tolist(), rings.count.tolist(), strict=True)
    ]
    numbers = np.repeat(np.arange(len(chosen)), [len(own) for own in chosen])
    corners = np.concatenate(chosen).reshape(-1, 2)
    # Which points these are: told by their coordinates, within their ring.
    values, rank = np.unique(exact.view(np.uint64).ravel(), return_inverse=True)
    keys = rank.ravel() * len(chosen) + rings.owner
    order = np.argsort(keys, kind="stable")
    asked = np.searchsorted(values, np.ascontiguousarray(corners).view(np.uint64).ravel())
    place = order[np.searchsorted(keys, asked * len(chosen) + numbers, sorter=order)]
    place = np.unique(place)
    ring = rings.owner[place]
    return ring, place - rings.start[ring]


def _lines(rings: EvenRings, sides: tuple[Int, Int, Int]) -> StraightEdges:
    """The lines through the points of sides that lie along one."""
    ring, first, last = sides
    # Corners are rounded by anti-aliasing: the points beside them tell nothing about the side.
    trim = np.where(last - first >= 14, 2, 1)
    enough = last - first - 2 * trim >= 2
    ring, first, last, trim = ring[enough], first[enough], last[enough], trim[enough]
    if len(ring) == 0:
        return StraightEdges(ring, first, last, np.zeros((0, 2)), np.zeros((0, 2)))
    own, begin, inner = _spans(rings, ring, first + trim, last - trim)
    centre, along = fit_lines(inner, begin)
    off = distance_off(inner, centre[own], along[own])
    reach = ((inner - centre[own]) * along[own]).sum(axis=1)
    reach /= np.maximum(np.maximum.reduceat(np.abs(reach), begin), 1e-9)[own]
    square = reach * reach
    count = np.diff(np.append(begin, len(inner)))
    hump = square - (np.add.reduceat(square, begin) / count)[own]
    bend = np.add.reduceat(hump * off, begin)
    bend /= np.maximum(np.add.reduceat(hump * hump, begin), 1e-9)
    stray = np.sqrt(np.add.reduceat(off * off, begin) / count)
    good = (np.abs(bend) <= _BEND_PX) & (stray <= _STRAY_PX)
    edges = StraightEdges(ring, first, last, centre, along).pick(good)
    return _trimmed(edges, rings)


def _spans(rings: EvenRings, ring: Int, first: Int, last: Int) -> tuple[Int, Int, Float]:
    """Points of spans of rings: whose span each is, where each span begins, and the points."""
    size = last - first + 1
    begin = np.cumsum(size) - size
    own = np.repeat(np.arange(len(size)), size)
    local = np.arange(len(own)) - begin[own] + first[own]
    at = rings.start[ring][own] + local % rings.count[ring][own]
    return own, begin, rings.points.take(at, axis=0)


def _trimmed(edges: StraightEdges, rings: EvenRings) -> StraightEdges:
    """Without the points at their ends that belong to a rounded corner or to the curve beyond."""
    if len(edges) == 0:
        return edges
    own, begin, points = _spans(rings, edges.ring, edges.first, edges.last)
    size = edges.last - edges.first + 1
    near = np.abs(distance_off(points, edges.centre[own], edges.along[own])) <= _LEAVES_PX
    most = size // _GIVEN_UP_DIVISOR
    local = np.arange(len(own)) - begin[own]
    head = np.minimum.reduceat(np.where(near, local, size[own]), begin)
    tail = np.minimum.reduceat(np.where(near, size[own] - 1 - local, size[own]), begin)
    first = edges.first + np.minimum(head, most)
    last = edges.last - np.minimum(tail, most)
    return StraightEdges(edges.ring, first, last, edges.centre, edges.along)


@dataclass(frozen=True)
class _Edge:
    """One of `StraightEdges`."""

    first: int
    last: int
    centre: tuple[float, float]
    along: tuple[float, float]


def _merged(edges: StraightEdges, rings: EvenRings) -> StraightEdges:
    """Edges with neighbours on the same line as one."""
    if len(edges) < 2:
        return edges
    rows = [
        _Edge(first, last, (centre[0], centre[1]), (along[0], along[1]))
        for first, last, centre, along in zip(
            edges.first.tolist(), edges.last.tolist(), edges.centre.tolist(), edges.along.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    begin = np.flatnonzero(np.append(True, edges.ring[1:] != edges.ring[:-1])).tolist()
    out: list[_Edge] = []
    ring: list[int] = []
    for start, end in zip(begin, [*begin[1:], len(rows)], strict=True):
        number = int(edges.ring[start])
        own = _merged_of_ring(rows[start:end], _Ring(rings, number))
        out += own
        ring += [number] * len(own)
    return StraightEdges(
        np.array(ring, np.intp), np.array([e.first for e in out], np.intp),
        np.array([e.last for e in out], np.intp), np.array([e.centre for e in out]),
        np.array([e.along for e in out]),
    )  # fmt: skip


class _Ring:
    """One ring's points and which of them are hidden."""

    def __init__(self, rings: EvenRings, number: int) -> None:
        begin, self.count = int(rings.start[number]), int(rings.count[number])
        self.points = rings.points[begin : begin + self.count]
        self.weight = rings.weight[begin : begin + self.count]

    def hidden(self, places: Int) -> Bool:
        return np.asarray(self.weight.take(places, mode="wrap") < HIDDEN_BELOW)


def _merged_of_ring(edges: list[_Edge], ring: _Ring) -> list[_Edge]:
    if len(edges) < 2:
        return edges
    out: list[_Edge] = []
    for edge in edges:
        _append(out, edge, ring)
    if len(out) > 2:  # the last one may go on past the ring's first point
        head = out[0]
        around = replace(head, first=head.first + ring.count, last=head.last + ring.count)
        joint = _joined(out[-1], around, ring)
        if joint is not None:
            out = [*out[1:-1], joint]
    return out


def _append(out: list[_Edge], edge: _Edge, ring: _Ring) -> None:
    """Add an edge to those before it, or lengthen one of the last few, dropping those between."""
    for back in range(1, min(_MAX_PASSED_OVER, len(out)) + 1):
        joint = _joined(out[-back], edge, ring)
        if joint is not None:
            out[-back:] = [joint]
            return
    out.append(edge)


def _joined(one: _Edge, other: _Edge, ring: _Ring) -> _Edge | None:
    (ax, ay), (bx, by) = one.along, other.along
    sine = abs(ax * by - ay * bx)
    if ax * bx + ay * by < 0.0 or sine > max(_SAME_SINE, _HIDDEN_SINE):
        return None
    gap = np.arange(one.last, other.first + 1)
    unseen = len(gap) > 2 and bool(ring.hidden(gap[1:-1]).all())
    if sine > (_HIDDEN_SINE if unseen else _SAME_SINE):
        return None
    bump = _HIDDEN_PX if unseen else _BUMP_PX
    if len(gap) > _GAP_POINTS and not unseen:
        if len(gap) > _LONG_GAP_SHARE * min(one.last - one.first, other.last - other.first):
            return None
        bump = _LONG_BUMP_PX
    own = np.concatenate(
        [np.arange(one.first + 2, one.last - 1), np.arange(other.first + 2, other.last - 1)]
    )
    inner = ring.points.take(own, axis=0, mode="wrap")
    if len(inner) < 3:
        return None
    centre, along = (values[0] for values in fit_lines(inner, np.zeros(1, np.intp)))
    off = distance_off(inner, centre, along)
    if np.sqrt((off * off).mean()) > _STRAY_PX or np.abs(off).max() > _JOINT_PX:
        return None
    between = distance_off(ring.points.take(gap, axis=0, mode="wrap"), centre, along)
    if float(np.abs(between).max()) > bump:
        return None
    x, y = centre.tolist()
    return _Edge(one.first, other.last, (x, y), (float(along[0]), float(along[1])))
