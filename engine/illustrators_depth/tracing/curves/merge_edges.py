"""Straight edges that lie on one line as one edge, across hidden stretches and small notches."""

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
"""A straight edge's points stray from it by less (RMS)."""
# Two edges on one line are one edge if what is between them is hidden, or short and near the line.
_SAME_SINE, _GAP_POINTS, _BUMP_PX, _JOINT_PX = float(np.sin(np.radians(3.0))), 10, 1.0, 0.3
# Where a third layer meets a long edge its points are moved, by less, over this share of it.
_LONG_GAP_SHARE, _LONG_BUMP_PX = 0.2, 0.6
_HIDDEN_PX, _HIDDEN_SINE = 1.5, float(np.sin(np.radians(2.0)))
_MAX_PASSED_OVER = 3


@dataclass(frozen=True)
class _Edge:
    """One of `StraightEdges`."""

    first: int
    last: int
    centre: tuple[float, float]
    along: tuple[float, float]


def merge_edges(edges: StraightEdges, rings: EvenRings) -> StraightEdges:
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
    if np.sqrt((off * off).mean()) > STRAY_PX or np.abs(off).max() > _JOINT_PX:
        return None
    between = distance_off(ring.points.take(gap, axis=0, mode="wrap"), centre, along)
    if float(np.abs(between).max()) > bump:
        return None
    x, y = centre.tolist()
    return _Edge(one.first, other.last, (x, y), (float(along[0]), float(along[1])))
