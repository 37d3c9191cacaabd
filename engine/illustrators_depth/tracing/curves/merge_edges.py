"""Joins straight edges that lie on one line, across hidden stretches and small notches.

Outline points lie `even_rings.SPACING_PX` apart; "points" below are those.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .even_rings import HIDDEN_BELOW, EvenRings
from .lines import StraightEdges, distance_off, fit_lines

__all__ = ["STRAY_PX", "merge_edges"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

STRAY_PX = 0.13
"""A straight edge's points are off its line by less than this (RMS)."""
# No point of two joined edges may be off their common line by more.
_JOINT_PX = 0.3
# Two edges at a smaller angle are joined if at most so many points lie between them, none further
# from the line than this.
_SAME_SINE, _GAP_POINTS, _BUMP_PX = float(np.sin(np.radians(3.0))), 10, 1.0
# Where a third layer meets a long edge, anti-aliasing moves points over a longer stretch, but by
# less: up to this share of the shorter of both edges.
_LONG_GAP_SHARE, _LONG_BUMP_PX = 0.2, 0.6
# The same where all that lies between them is hidden: that outline is invented.
_HIDDEN_SINE, _HIDDEN_PX = float(np.sin(np.radians(2.0))), 1.5
# An edge is joined with one of so many before it; those between, the sides of a notch, are dropped.
_MAX_PASSED_OVER = 3
# Of each edge's ends so many points are left out of the fit: corners round them off.
_END_POINTS = 2


@dataclass(frozen=True)
class _Edge:
    """One of `StraightEdges`; the attributes are those, of its ring."""

    first: int
    last: int
    centre: tuple[float, float]
    along: tuple[float, float]


def merge_edges(edges: StraightEdges, rings: EvenRings) -> StraightEdges:
    """The edges, of which neighbours on one line are joined; ring by ring, in order."""
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
    merged: list[_Edge] = []
    ring: list[int] = []
    for start, end in zip(begin, [*begin[1:], len(rows)], strict=True):
        number = int(edges.ring[start])
        of_ring = _merged_of_ring(rows[start:end], _Ring(rings, number))
        merged += of_ring
        ring += [number] * len(of_ring)
    return StraightEdges(
        np.array(ring, np.intp), np.array([e.first for e in merged], np.intp),
        np.array([e.last for e in merged], np.intp), np.array([e.centre for e in merged]),
        np.array([e.along for e in merged]),
    )  # fmt: skip


class _Ring:
    """One ring.

    Attributes:
        count: number of its points.
        points: float64 (count, 2), pixels.
        weight: float64 (count,), as of `EvenRings`.
    """

    def __init__(self, rings: EvenRings, number: int) -> None:
        begin, self.count = int(rings.start[number]), int(rings.count[number])
        self.points = rings.points[begin : begin + self.count]
        self.weight = rings.weight[begin : begin + self.count]

    def hidden(self, places: Int) -> Bool:
        """Whether points, which may run past the ring's end, are hidden."""
        return np.asarray(self.weight.take(places, mode="wrap") < HIDDEN_BELOW)


def _merged_of_ring(edges: list[_Edge], ring: _Ring) -> list[_Edge]:
    """As `merge_edges`, of one ring."""
    if len(edges) < 2:
        return edges
    merged: list[_Edge] = []
    for edge in edges:
        _append(merged, edge, ring)
    if len(merged) > 2:  # the last one may go on past the ring's first point
        head = merged[0]
        next_lap = replace(head, first=head.first + ring.count, last=head.last + ring.count)
        joint = _joined(merged[-1], next_lap, ring)
        if joint is not None:
            merged = [*merged[1:-1], joint]
    return merged


def _append(merged: list[_Edge], edge: _Edge, ring: _Ring) -> None:
    """Add an edge to those before it, or lengthen one of the last few, dropping those between."""
    for back in range(1, min(_MAX_PASSED_OVER, len(merged)) + 1):
        joint = _joined(merged[-back], edge, ring)
        if joint is not None:
            merged[-back:] = [joint]
            return
    merged.append(edge)


def _joined(edge: _Edge, later: _Edge, ring: _Ring) -> _Edge | None:
    """An edge and a later one of its ring as one; None where they are not on one line."""
    (ax, ay), (bx, by) = edge.along, later.along
    sine = abs(ax * by - ay * bx)
    if ax * bx + ay * by < 0.0 or sine > max(_SAME_SINE, _HIDDEN_SINE):
        return None
    gap = np.arange(edge.last, later.first + 1)
    unseen = len(gap) > 2 and bool(ring.hidden(gap[1:-1]).all())
    if sine > (_HIDDEN_SINE if unseen else _SAME_SINE):
        return None
    bump = _HIDDEN_PX if unseen else _BUMP_PX
    if len(gap) > _GAP_POINTS and not unseen:
        if len(gap) > _LONG_GAP_SHARE * min(edge.last - edge.first, later.last - later.first):
            return None
        bump = _LONG_BUMP_PX
    places = np.concatenate(
        [np.arange(e.first + _END_POINTS, e.last + 1 - _END_POINTS) for e in (edge, later)]
    )
    inner = ring.points.take(places, axis=0, mode="wrap")
    if len(inner) < 3:
        return None
    centre, along = (values[0] for values in fit_lines(inner, np.zeros(1, np.intp)))
    off = distance_off(inner, centre, along)
    if np.sqrt((off * off).mean()) > STRAY_PX or np.abs(off).max() > _JOINT_PX:
        return None
    between = distance_off(ring.points.take(gap, axis=0, mode="wrap"), centre, along)
    if float(np.abs(between).max()) > bump:
        return None
    x, y = centre.tolist()
    return _Edge(edge.first, later.last, (x, y), (float(along[0]), float(along[1])))
