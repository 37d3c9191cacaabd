"""What a pen of some width covers along polylines: pieces that together are the stroke."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .flatten import Polyline

__all__ = ["Pen", "stroke_pieces"]

Float = NDArray[np.float64]
# A turn below this is gone around by a tip, whatever joins are: it is what a smooth curve has.
_SMOOTH_TURN = math.radians(8.0)


@dataclass(frozen=True)
class Pen:
    """How lines are drawn: width in their own units, "butt", "round" or "square" ends, "miter",
    "round" or "bevel" corners, and how many half widths a miter may reach."""

    width: float
    cap: str = "butt"
    join: str = "miter"
    miter_limit: float = 4.0


def stroke_pieces(line: Polyline, pen: Pen, tolerance: float) -> list[Float]:
    """Polygons, all run around the same way, whose union is what the pen covers."""
    half = pen.width / 2.0
    points = line.points
    if len(points) < 2:
        return _dot(points[0], pen, half, tolerance)
    after = np.roll(points, -1, axis=0) if line.closed else points[1:]
    before = points if line.closed else points[:-1]
    along = after - before
    along = along / np.linalg.norm(along, axis=1)[:, None]
    side = half * np.stack([-along[:, 1], along[:, 0]], axis=1)
    quads = np.stack([before + side, before - side, after - side, after + side], axis=1)
    pieces = list(quads)
    if line.closed:
        arriving, leaving, corners = np.roll(along, 1, axis=0), along, points
        joint = line.joint
    else:
        arriving, leaving, corners = along[:-1], along[1:], points[1:-1]
        joint = line.joint[1:-1]
    pieces += _joins(corners, arriving, leaving, joint, pen, tolerance)
    if not line.closed:
        for end, way in ((points[0], -along[0]), (points[-1], along[-1])):
            pieces += _cap(end, way, pen, half, tolerance)
    return pieces


def _joins(
    corners: Float, arriving: Float, leaving: Float, joint: NDArray[np.bool_], pen: Pen,
    tolerance: float,
) -> list[Float]:  # fmt: skip
    half = pen.width / 2.0
    cross = arriving[:, 0] * leaving[:, 1] - arriving[:, 1] * leaving[:, 0]
    turn = np.arctan2(cross, (arriving * leaving).sum(axis=1))
    pieces = []
    for i in np.flatnonzero(np.abs(turn) > 1e-6):
        angle = float(turn[i])
        # The outer side lies opposite the turn.
        sign = -math.copysign(half, angle)
        one = corners[i] + sign * np.array([-arriving[i, 1], arriving[i, 0]])
        other = corners[i] + sign * np.array([-leaving[i, 1], leaving[i, 0]])
        kind = pen.join if joint[i] else "round"
        if abs(angle) < _SMOOTH_TURN:
            kind = "tip"
        middle: list[Float] = []
        inner = math.cos(angle / 2.0)
        if kind == "tip" or (kind in ("miter", "miter-clip") and inner * pen.miter_limit >= 1.0):
            out = one + other - 2 * corners[i]
            middle = [corners[i] + out / (2.0 * max(inner, 1e-9) ** 2)]
        elif kind == "round":
            middle = _arc(corners[i], one - corners[i], angle, half, tolerance)
        fan = np.array([corners[i], one, *middle, other])
        pieces.append(fan if angle > 0.0 else fan[::-1])
    return pieces


def _arc(center: Float, from_center: Float, sweep: float, radius: float, tol: float) -> list[Float]:
    """Points between the ends of an arc."""
    step = 2.0 * math.acos(max(0.5, 1.0 - tol / max(radius, tol)))
    count = max(1, math.ceil(abs(sweep) / step))
    angles = sweep * np.arange(1, count) / count
    cos, sin = np.cos(angles), np.sin(angles)
    x, y = from_center
    around = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
    return list(center + around)


def _cap(end: Float, way: Float, pen: Pen, half: float, tolerance: float) -> list[Float]:
    if pen.cap not in ("round", "square"):
        return []
    side = half * np.array([-way[1], way[0]])
    if pen.cap == "square":
        reach = half * way
        return [np.array([end + side, end - side, end - side + reach, end + side + reach])]
    return [np.array([end - side, *_arc(end, -side, math.pi, half, tolerance), end + side])]


def _dot(at: Float, pen: Pen, half: float, tolerance: float) -> list[Float]:
    """A line without length shows where its ends are round or square."""
    if pen.cap == "square":
        corners = half * np.array([[-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 1.0]])
        return [at + corners]
    if pen.cap == "round":
        first = np.array([half, 0.0])
        return [np.array([at + first, *_arc(at, first, 2 * math.pi, half, tolerance)])]
    return []
