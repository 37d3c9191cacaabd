"""Finds the straight stretches of outlines: the sides of polygons, exact to a fraction of a pixel.

Candidates are the sides of a Douglas-Peucker polygon. A least-squares line through the points of
one (total least squares, by their moments) is a straight edge if the points bend to neither side of
it; the chord of an arc bends by as much as the polygon may stray.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .even_rings import EvenRings, next_of_ring
from .lines import StraightEdges, distance_off, fit_lines
from .merge_edges import STRAY_PX, merge_edges

__all__ = ["straight_edges"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]

# How far the polygon may stray from the outline, in pixels.
_POLYGON_PX = 0.35
# Shorter sides say nothing about a direction; longer ones are straight without corners beside them.
_SHORT_PX, _LONG_PX = 3.5, 18.0
_SHARP_ANGLE = np.radians(28.0)
# A straight edge's points bend by less than this.
_BEND_PX = 0.1
# An edge ends where the points leave its line by this much; it gives up at most this share.
_LEAVES_PX, _GIVEN_UP_DIVISOR = 0.12, 3


def straight_edges(rings: EvenRings) -> StraightEdges:
    """The straight stretches of all rings, disjoint but for shared ends."""
    edges = _lines(rings, _sides(rings))
    return merge_edges(edges, rings)


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
    good = (np.abs(bend) <= _BEND_PX) & (stray <= STRAY_PX)
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
