"""Traces a field's 0.5 level into simple closed outlines, exact at the picture's border."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .rings import contour_rings

__all__ = ["outline_rings", "turning"]

# Outlines around less than this many square pixels are crumbs of the tracing.
_MIN_AREA = 0.05


def outline_rings(field: NDArray[np.float32], simplify: float = 0.1) -> list[NDArray[np.float64]]:
    """Outlines of the area where `field` exceeds 0.5.

    Args:
        field: float32 (H, W), sampled at pixel centres; see `smooth_field`.
        simplify: Douglas-Peucker tolerance in pixels, 0 keeps every point.

    Returns:
        Rings float64 (n, 2) in pixels that share no point, not repeated at the end: x from the
        picture's left edge, y **up** from its lower edge, so that the whole picture is
        [0, W] x [0, H]. Outer ones run counter-clockwise, holes clockwise. Where the area reaches
        the picture's border the outline runs exactly along it, corners included.
    """
    height, width = field.shape
    outlines = []
    for found in contour_rings(field):
        # Traced with the inside on the right; outlines have it on the left.
        ring = _tidy(found[::-1], simplify, float(width), float(height))
        ring = np.stack([ring[:, 0], height - ring[:, 1]], axis=1)
        if len(ring) >= 3 and abs(_area(ring)) >= _MIN_AREA:
            outlines.append(ring)
    return outlines


def _area(ring: NDArray[np.float64]) -> float:
    """Signed area, positive when counter-clockwise in a y-up frame."""
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _tidy(
    ring: NDArray[np.float64], simplify: float, width: float, height: float
) -> NDArray[np.float64]:
    """Simplify a closed ring, never moving it off the border or past its corners."""
    if simplify <= 0.0 or len(ring) < 5:
        return ring
    # Starting at the sharpest turn: the start point is the one that simplification always keeps.
    turn = turning(ring)
    ring = np.roll(ring, -int(np.argmax(turn)), axis=0)
    reduced = cv2.approxPolyDP(ring.astype(np.float32).reshape(-1, 1, 2), simplify, True)
    tidy = reduced.reshape(-1, 2).astype(np.float64)
    tidy[:, 0] = np.clip(tidy[:, 0], 0.0, width)
    tidy[:, 1] = np.clip(tidy[:, 1], 0.0, height)
    return tidy if len(tidy) >= 3 else ring


def turning(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute turning angle at every point of a ring, radians."""
    before = ring - np.roll(ring, 1, axis=0)
    after = np.roll(ring, -1, axis=0) - ring
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    return np.abs(np.arctan2(cross, dot))
