"""Finds the straight stretches of outlines: the sides of polygons, exact to a fraction of a pixel.

Candidates are the sides of a Douglas-Peucker polygon. A least-squares line through the points of
one (total least squares, by their moments) is a straight edge if the points bend to neither side of
it; the chord of an arc bends by as much as the polygon may stray.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .even_rings import EvenRings

__all__ = ["Straight", "fit_line", "straight_edges"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]

# How far the polygon may stray from the outline, in pixels.
_POLYGON_PX = 0.35
# Shorter sides say nothing about a direction; longer ones are straight without corners beside them.
_SHORT_PX, _LONG_PX = 3.5, 18.0
_SHARP_ANGLE = np.radians(28.0)
# A straight edge's points bend by less than the first, and stray (RMS) by less than the second.
_BEND_PX, _STRAY_PX = 0.1, 0.13
# Two edges on one line are one edge if what is between them is hidden, or short and near the line.
_SAME_ANGLE, _GAP_POINTS, _BUMP_PX, _JOINT_PX = np.radians(3.0), 10, 1.0, 0.3
# Where a third layer meets a long edge its points are moved, by less, over this share of it.
_LONG_GAP_SHARE, _LONG_BUMP_PX = 0.2, 0.6
_HIDDEN_PX, _HIDDEN_ANGLE = 1.5, np.radians(2.0)
_MAX_PASSED_OVER = 3
# An edge ends where the points leave its line by this much; it gives up at most this share.
_LEAVES_PX, _GIVEN_UP_DIVISOR = 0.12, 3


@dataclass(frozen=True)
class Straight:
    """A straight stretch of a ring.

    Attributes:
        first, last: its points, counted within the ring; `last` may run past the ring's end.
        centre, along: float64 (2,), a point of the line and its unit direction, first to last.
    """

    first: int
    last: int
    centre: Float
    along: Float

    def off(self, points: Float) -> Float:
        """Signed distance of points (n, 2) from the line."""
        away = points - self.centre
        return np.asarray(away[..., 0] * self.along[1] - away[..., 1] * self.along[0])

    def foot(self, points: Float) -> Float:
        """Points (n, 2) moved to the nearest place on the line."""
        reach = (points - self.centre) @ self.along
        return np.asarray(self.centre + np.multiply.outer(reach, self.along))


def straight_edges(rings: EvenRings) -> list[list[Straight]]:
    """The straight stretches of each ring, in order, disjoint but for shared ends."""
    sides = [
        _polygon(rings.points[begin : begin + count])
        for begin, count in zip(rings.start.tolist(), rings.count.tolist(), strict=True)
    ]
    edges = []
    for ring, corners in enumerate(sides):
        begin, count = int(rings.start[ring]), int(rings.count[ring])
        points, hidden = rings.points[begin : begin + count], rings.hidden[begin : begin + count]
        edges.append(_merged(_straight_sides(points, corners), points, hidden))
    return edges


def _polygon(points: Float) -> Int:
    """Indices of the points that are corners of a ring's polygon, rising."""
    exact = np.ascontiguousarray(points, np.float32)
    chosen = cv2.approxPolyDP(exact.reshape(-1, 1, 2), _POLYGON_PX, True).reshape(-1, 2)
    keys, asked = exact.view(np.uint64).ravel(), np.ascontiguousarray(chosen).view(np.uint64)
    order = np.argsort(keys, kind="stable")
    return np.unique(order[np.searchsorted(keys[order], asked.ravel())])


def _straight_sides(points: Float, corners: Int) -> list[Straight]:
    count = len(points)
    if len(corners) < 3:
        return []
    last = np.append(corners[1:], corners[0] + count)
    chord = points[last % count] - points[corners]
    length = np.hypot(chord[:, 0], chord[:, 1])
    angle = np.arctan2(chord[:, 1], chord[:, 0])
    turn = np.abs((np.roll(angle, -1) - angle + np.pi) % (2.0 * np.pi) - np.pi)
    sharp = (turn > _SHARP_ANGLE) & (np.roll(turn, 1) > _SHARP_ANGLE)
    chosen = (length >= _LONG_PX) | ((length >= _SHORT_PX) & sharp)
    found = []
    for side in np.flatnonzero(chosen).tolist():
        edge = _line(points, int(corners[side]), int(last[side]))
        if edge is not None:
            found.append(edge)
    return found


def _line(points: Float, first: int, last: int) -> Straight | None:
    """The line through the points of one side, if they lie along it."""
    # Corners are rounded by anti-aliasing: the points beside them tell nothing about the side.
    trim = 2 if last - first >= 14 else 1
    inner = points.take(np.arange(first + trim, last - trim + 1), axis=0, mode="wrap")
    if len(inner) < 3:
        return None
    edge = fit_line(inner, first, last)
    off, reach = edge.off(inner), (inner - edge.centre) @ edge.along
    reach = reach / max(float(np.abs(reach).max()), 1e-9)
    hump = reach * reach - (reach * reach).mean()
    bend = float(hump @ off) / max(float(hump @ hump), 1e-9)
    if abs(bend) > _BEND_PX or float(np.sqrt((off * off).mean())) > _STRAY_PX:
        return None
    return _trimmed(edge, points)


def _trimmed(edge: Straight, points: Float) -> Straight:
    """Without the points at its ends that belong to a rounded corner or to the curve beyond."""
    near = np.abs(edge.off(points.take(np.arange(edge.first, edge.last + 1), axis=0, mode="wrap")))
    most = len(near) // _GIVEN_UP_DIVISOR
    head = int(np.argmax(np.append(near[:most] <= _LEAVES_PX, True)))
    tail = int(np.argmax(np.append(near[::-1][:most] <= _LEAVES_PX, True)))
    return Straight(edge.first + head, edge.last - tail, edge.centre, edge.along)


def fit_line(inner: Float, first: int, last: int) -> Straight:
    """The line nearest to points in the mean square, in their direction."""
    centre = inner.mean(axis=0)
    away = inner - centre
    xx, yy = float(away[:, 0] @ away[:, 0]), float(away[:, 1] @ away[:, 1])
    angle = 0.5 * np.arctan2(2.0 * float(away[:, 0] @ away[:, 1]), xx - yy)
    along = np.array([np.cos(angle), np.sin(angle)])
    if float((inner[-1] - inner[0]) @ along) < 0.0:
        along = -along
    return Straight(first, last, centre, along)


def _merged(edges: list[Straight], points: Float, hidden: NDArray[np.bool_]) -> list[Straight]:
    """Edges with neighbours on the same line as one."""
    if len(edges) < 2:
        return edges
    count = len(points)
    out: list[Straight] = []
    for edge in edges:
        _append(out, edge, points, hidden)
    if len(out) > 2:  # the last one may go on past the ring's first point
        head = out[0]
        around = Straight(head.first + count, head.last + count, head.centre, head.along)
        joint = _joined(out[-1], around, points, hidden)
        if joint is not None:
            out = [*out[1:-1], joint]
    return out


def _append(out: list[Straight], edge: Straight, points: Float, hidden: NDArray[np.bool_]) -> None:
    """Add an edge to those before it, or lengthen one of the last few, dropping those between."""
    for back in range(1, min(_MAX_PASSED_OVER, len(out)) + 1):
        joint = _joined(out[-back], edge, points, hidden)
        if joint is not None:
            out[-back:] = [joint]
            return
    out.append(edge)


def _joined(
    one: Straight, other: Straight, points: Float, hidden: NDArray[np.bool_]
) -> Straight | None:
    gap = np.arange(one.last, other.first + 1)
    unseen = len(gap) > 2 and bool(hidden.take(gap[1:-1], mode="wrap").all())
    sine = one.along[0] * other.along[1] - one.along[1] * other.along[0]
    least = np.sin(_HIDDEN_ANGLE if unseen else _SAME_ANGLE)
    if float(one.along @ other.along) < 0.0 or abs(float(sine)) > least:
        return None
    bump = _HIDDEN_PX if unseen else _BUMP_PX
    if len(gap) > _GAP_POINTS and not unseen:
        if len(gap) > _LONG_GAP_SHARE * min(one.last - one.first, other.last - other.first):
            return None
        bump = _LONG_BUMP_PX
    own = np.concatenate(
        [np.arange(one.first + 2, one.last - 1), np.arange(other.first + 2, other.last - 1)]
    )
    inner = points.take(own, axis=0, mode="wrap")
    if len(inner) < 3:
        return None
    joint = fit_line(inner, one.first, other.last)
    off = joint.off(inner)
    between = joint.off(points.take(gap, axis=0, mode="wrap"))
    if np.sqrt((off * off).mean()) > _STRAY_PX or np.abs(off).max() > _JOINT_PX:
        return None
    return joint if float(np.abs(between).max()) <= bump else None
