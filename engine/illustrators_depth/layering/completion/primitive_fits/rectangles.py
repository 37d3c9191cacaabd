"""Outlines that are rectangles or rounded rectangles: what is hidden of them is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["rounded_rectangle"]

# An outline is a rounded rectangle if its points lie within these distances of it (root mean square
# and greatest), and so much of each side, and so many pixels, is seen.
_MAX_RMS_PX, _MAX_OFF_PX, _MIN_SIDE_SHARE, _MIN_SIDE_PX = 0.5, 1.7, 0.12, 6.0
# Points this near to the side of a box belong to it.
_AT_SIDE_PX = 1.2
# Points of one side lie no farther apart than so many times the usual.
_MAX_SPACINGS = 4.0
# Radii that are tried at a time, points that they are tried on, and points of a round corner.
_RADII, _SAMPLE_POINTS, _ARC_POINTS = 17, 300, 24


def rounded_rectangle(points: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The whole outline of the rectangle, with round corners or sharp ones, that points lie on.

    Args:
        points: float64 (n, 2), x and y, of all that is seen.

    Returns:
        float64 (m, 2), a closed polygon that turns from x to y; None if the points lie on none.
    """
    (x, y), _, angle = cv2.minAreaRect(points.astype(np.float32))
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[cos, -sin], [sin, cos]])
    local = (points - (x, y)) @ turn
    spacing = float(np.median(np.hypot(*np.diff(points, axis=0).T)))
    box = _box(local, spacing)
    if box is None:
        return None
    middle, half = box
    local -= middle
    radius = _radius(local, half)
    off = _distance(local, half, np.array([radius]))[0]
    if np.sqrt((off * off).mean()) > _MAX_RMS_PX or np.abs(off).max() > _MAX_OFF_PX:
        return None
    return np.asarray((_outline(half, radius) + middle) @ turn.T + (x, y))


def _box(
    local: NDArray[np.float64], spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Middle and half sides of the box whose four sides are all seen; None if one is not."""
    low, high = local.min(axis=0), local.max(axis=0)
    sides = np.zeros((2, 2))
    for axis in (0, 1):
        for number, side in enumerate((low[axis], high[axis])):
            near = np.abs(local[:, axis] - side) < _AT_SIDE_PX
            along = local[near, 1 - axis]
            length = float(high[1 - axis] - low[1 - axis])
            if _covered(along, spacing) < max(_MIN_SIDE_PX, _MIN_SIDE_SHARE * length):
                return None
            sides[number, axis] = np.median(local[near, axis])
    return sides.mean(axis=0), 0.5 * (sides[1] - sides[0])


def _covered(places: NDArray[np.float64], spacing: float) -> float:
    """How much of a side points at these places on it cover; two ends that are cut off there, far
    from one another, cover nothing."""
    gaps = np.diff(np.sort(places))
    return float(gaps[gaps <= _MAX_SPACINGS * spacing].sum())


def _distance(
    local: NDArray[np.float64], half: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distances (r, n) of points from rounded boxes of each radius."""
    beyond = np.abs(local)[None] - (half - radii[:, None])[:, None]
    outside = np.linalg.norm(np.maximum(beyond, 0.0), axis=2)
    return np.asarray(outside + np.minimum(beyond.max(axis=2), 0.0) - radii[:, None])


def _radius(local: NDArray[np.float64], half: NDArray[np.float64]) -> float:
    """The radius of the corners that leaves the least distance."""
    local = local[:: max(1, len(local) // _SAMPLE_POINTS)]
    low, high = 0.0, float(half.min())
    for _ in range(3):
        radii = np.linspace(low, high, _RADII)
        off = _distance(local, half, radii)
        best = int(np.argmin((off * off).mean(axis=1)))
        step = radii[1] - radii[0]
        low, high = max(0.0, radii[best] - step), min(float(half.min()), radii[best] + step)
    return float(radii[best])


def _outline(half: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    angle = np.linspace(0.0, 0.5 * np.pi, _ARC_POINTS if radius > 1.0 else 1)
    corners = []
    for number, signs in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        at = angle + 0.5 * np.pi * number
        arc = radius * np.stack([np.cos(at), np.sin(at)], axis=1)
        corners.append(arc + (half - radius) * signs if radius > 1.0 else (half * signs)[None])
    return np.concatenate(corners)
