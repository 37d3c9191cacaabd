"""Circles, ellipses and arcs in outlines, as the few cubics that draw them.

An arc between two given ends has one unknown, how far its centre lies from the chord, which least
squares gives directly. Whole rings are compared with an ellipse (Fitzgibbon, Pilu and Fisher 1999,
"Direct least square fitting of ellipses", as OpenCV has it).
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .bezier import Runs

__all__ = ["ellipse_ring", "fit_arcs"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

# Smaller angles are one cubic anyway.
_MIN_ANGLE = np.radians(75.0)
# Rings with fewer points are dots, and any smooth curve will do for them.
_MIN_POINTS = 24
# Most of the seen outline must be on the ellipse; where other layers meet it may stray further, and
# where it is hidden it is invented anyway.
_ON_SHARE, _STRAY_PX, _HIDDEN_STRAY = 0.97, 1.0, 0.15
# So much of an ellipse must be seen for the rest to be known.
_SEEN_SHARE = 0.55


def fit_arcs(points: Float, runs: Runs, tolerance: float, weight: Float) -> tuple[Bool, Float, Int]:
    """Runs that are arcs of a circle.

    Args:
        points, runs, tolerance, weight: as for `bezier.fit_cubics`.

    Returns:
        bool (runs,), which they are; control points float64 (k, 4, 2) of all of them, in order, and
        intp (k,), each cubic's place among the points.
    """
    counts = runs.end - runs.start + 1
    offsets = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(counts)), counts)
    index = np.arange(int(counts.sum())) - offsets[owner] + runs.start[owner]
    first, last = points[runs.start], points[runs.end]
    chord = last - first
    length = np.hypot(chord[:, 0], chord[:, 1])
    across = np.stack([-chord[:, 1], chord[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
    middle = 0.5 * (first + last)
    away = points[index] - middle[owner]
    square = (away * away).sum(axis=1) - 0.25 * length[owner] ** 2
    height = (away * across[owner]).sum(axis=1)
    below = 2.0 * np.add.reduceat(height * height, offsets)
    shift = np.add.reduceat(square * height, offsets) / np.maximum(below, 1e-9)
    centre = middle + across * shift[:, None]
    radius = np.hypot(0.5 * length, shift)
    off = np.abs(np.linalg.norm(points[index] - centre[owner], axis=1) - radius[owner])
    worst = np.maximum.reduceat(off * weight[index], offsets)
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(step)])
    angle = (travelled[runs.end] - travelled[runs.start]) / np.maximum(radius, 1e-9)
    is_arc = (
        (worst <= tolerance) & (angle >= _MIN_ANGLE) & (angle < 2.0 * np.pi) & (length > 1e-6)
        & (counts > 4)
    )  # fmt: skip
    curves, places = [np.zeros((0, 4, 2))], [np.zeros(0, np.intp)]
    for run in np.flatnonzero(is_arc).tolist():
        bulge = float(np.median(height[offsets[run] : offsets[run] + counts[run]]))
        arc = _arc(first[run], last[run], centre[run], bulge > 0.0)
        curves.append(arc)
        share = np.arange(len(arc)) / len(arc)
        places.append((runs.start[run] + share * (counts[run] - 1)).astype(np.intp))
    return is_arc, np.concatenate(curves), np.concatenate(places)


def _arc(first: Float, last: Float, centre: Float, left: bool) -> Float:
    """Cubics along a circle between two points, bulging to the chord's left or right.

    Left is the chord's direction turned by a quarter from x to y.
    """
    begin = math.atan2(first[1] - centre[1], first[0] - centre[0])
    end = math.atan2(last[1] - centre[1], last[0] - centre[0])
    span = -((begin - end) % (2.0 * math.pi)) if left else (end - begin) % (2.0 * math.pi)
    radius = float(np.hypot(*(first - centre)))
    curves = _turns(begin, span, np.eye(2) * radius, centre)
    curves[0, 0], curves[-1, 3] = first, last
    return curves


def _turns(begin: float, span: float, axes: Float, centre: Float) -> Float:
    """Cubics of at most a quarter each along an ellipse whose half axes are the rows of `axes`."""
    count = max(1, math.ceil(abs(span) / (0.5 * math.pi) - 1e-6))
    step = span / count
    reach = 4.0 / 3.0 * math.tan(step / 4.0)
    curves = []
    for number in range(count):
        one, two = begin + number * step, begin + (number + 1) * step
        start = np.array([math.cos(one), math.sin(one)])
        stop = np.array([math.cos(two), math.sin(two)])
        inner = start + reach * np.array([-start[1], start[0]])
        outer = stop - reach * np.array([-stop[1], stop[0]])
        curves.append(np.stack([start, inner, outer, stop]) @ axes + centre)
    return np.stack(curves)


def ellipse_ring(points: Float, hidden: Bool, tolerance: float) -> Float | None:
    """Four cubics of the ellipse that a ring is; None if it is none.

    Args:
        points: float64 (n, 2), closed, evenly spaced.
        hidden: bool (n,), points that nobody sees.
        tolerance: how far seen points may be from it, in pixels.
    """
    seen = points[~hidden]
    if len(seen) < _MIN_POINTS or len(seen) < _SEEN_SHARE * len(points):
        return None
    step = max(1, len(seen) // 512)
    (x, y), (width, height), degrees = cv2.fitEllipseDirect(seen[::step].astype(np.float32))
    half = np.array([0.5 * width, 0.5 * height])
    if not np.isfinite(half).all() or half.min() < 1.0:
        return None
    turn = math.radians(degrees)
    frame = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    centre = np.array([x, y])
    local = (points - centre) @ frame.T / half
    size = np.linalg.norm(local, axis=1)
    # Distance to first order: the value over its slope (Sampson 1982).
    slope = np.linalg.norm(local / half, axis=1) / np.maximum(size, 1e-9)
    off = np.abs(size - 1.0) / np.maximum(slope, 1e-9)
    shown = off[~hidden]
    if np.count_nonzero(shown <= tolerance) < _ON_SHARE * len(shown) or shown.max() > _STRAY_PX:
        return None
    if hidden.any() and off[hidden].max() > max(_STRAY_PX, _HIDDEN_STRAY * half.min()):
        return None
    # The other way round: no part of the ellipse may be where the ring is not.
    extent = np.sqrt(((frame * half[:, None]) ** 2).sum(axis=0))
    beyond = max(_STRAY_PX, tolerance) + (_HIDDEN_STRAY * half.min() if hidden.any() else 0.0)
    if (points.min(axis=0) - (centre - extent) > beyond).any():
        return None
    if ((centre + extent) - points.max(axis=0) > beyond).any():
        return None
    x0, y0 = points[0] - centre, points[len(points) // 8] - centre
    forward = x0[0] * y0[1] - x0[1] * y0[0] > 0.0
    return _turns(0.0, 2.0 * math.pi if forward else -2.0 * math.pi, frame * half[:, None], centre)
