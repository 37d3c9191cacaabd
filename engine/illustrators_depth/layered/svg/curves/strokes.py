"""What a pen of some width covers along polylines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .flatten import Polyline

__all__ = ["Pen", "stroke_pieces"]

Float = NDArray[np.float64]
# Smaller turns belong to a smooth curve: they get a plain tip, whatever the pen's joins are.
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
    """Rings that enclose what the pen covers, to be filled by the non-zero rule."""
    half = pen.width / 2.0
    points = line.points
    if len(points) < 2:
        return _dot(points[0], pen, half, tolerance)
    away = np.roll(points, -1, axis=0) - points
    away = away if line.closed else away[:-1]
    lengths = np.linalg.norm(away, axis=1)
    along = away / lengths[:, None]
    left, right = (_side(line, along, lengths, sign * half, pen, tolerance) for sign in (1, -1))
    if line.closed:
        return [left, right[::-1]]
    last = _cap(points[-1], along[-1], pen, half, tolerance)
    first = _cap(points[0], -along[0], pen, half, tolerance)
    return [np.concatenate([left, *last, right[::-1], *first])]


def _side(
    line: Polyline, along: Float, lengths: Float, offset: float, pen: Pen, tolerance: float
) -> Float:
    """The line moved sidewards, forward; `offset` is positive to the left of its way (y up)."""
    points, closed = line.points, line.closed
    normals = offset * np.stack([-along[:, 1], along[:, 0]], axis=1)
    before = np.roll(np.arange(len(along)), 1) if closed else np.arange(-1, len(along) - 1)
    rows: list[Float] = [] if closed else [points[:1] + normals[:1]]
    for i in range(0 if closed else 1, len(along)):
        j = int(before[i])
        one, other = along[j], along[i]
        turn = math.atan2(one[0] * other[1] - one[1] * other[0], float(one @ other))
        joint = "smooth" if not line.joint[i] else pen.join
        shortest = min(lengths[j], lengths[i])
        rows.append(
            points[i]
            + _corner(normals[j], normals[i], turn, shortest, offset, joint, pen, tolerance)
        )
    if not closed:
        rows.append(points[-1:] + normals[-1:])
    return np.concatenate(rows)


def _corner(
    arriving: Float, leaving: Float, turn: float, shortest: float, offset: float, join: str,
    pen: Pen, tolerance: float,
) -> Float:  # fmt: skip
    """What takes the place of a corner, seen from it: between the normals of its two sides."""
    inner = math.cos(turn / 2.0)
    tip = (arriving + leaving) / (2.0 * max(inner, 1e-9) ** 2)
    if turn * offset > 0.0:  # on the inner side the two sides meet, or else cross
        if abs(offset) * abs(math.tan(turn / 2.0)) < shortest:
            return tip[None]
        return np.array([arriving, (0.0, 0.0), leaving])
    if abs(turn) < _SMOOTH_TURN:
        return tip[None]
    if join in ("miter", "miter-clip") and inner * pen.miter_limit >= 1.0:
        return np.array([arriving, tip, leaving])
    if join in ("round", "smooth"):
        around = _arc(np.zeros(2), arriving, turn, abs(offset), tolerance)
        return np.array([arriving, *around, leaving])
    return np.array([arriving, leaving])


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
    """Points beyond an end, from the left of the way that leads there to its right."""
    side = half * np.array([-way[1], way[0]])
    if pen.cap == "square":
        reach = half * way
        return [np.array([end + side + reach, end - side + reach])]
    if pen.cap == "round":
        around = _arc(end, side, -math.pi, half, tolerance)
        return [np.array(around)] if around else []
    return []


def _dot(at: Float, pen: Pen, half: float, tolerance: float) -> list[Float]:
    """A line without length shows where its ends are round or square."""
    if pen.cap == "square":
        corners = half * np.array([[-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 1.0]])
        return [at + corners]
    if pen.cap == "round":
        first = np.array([half, 0.0])
        return [np.array([at + first, *_arc(at, first, 2 * math.pi, half, tolerance)])]
    return []
