"""Outlines that are ellipses, circles among them: what is hidden of them is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["ellipse"]

# An outline is an ellipse if its pixels lie within these distances of it (root mean square and
# greatest).
_MAX_RMS_PX, _MAX_OFF_PX = 0.45, 1.6
# The short axis is at least this share of the long one, and that at most so many times the frame.
_MIN_ROUNDNESS, _MAX_FRAMES = 0.12, 1.5
# Points of the whole.
_OUTLINE_POINTS = 256


def ellipse(points: NDArray[np.float64], frame: float) -> NDArray[np.float64] | None:
    """The whole outline of the ellipse that points lie on.

    Args:
        points: float64 (n, 2), x and y, of all that is seen.
        frame: the picture's longer side.

    Returns:
        float64 (m, 2), a closed polygon that turns from x to y; None if the points lie on none.
    """
    center, axes, angle = cv2.fitEllipseDirect(points.astype(np.float32)[:, None])
    half = 0.5 * np.array(axes)
    if not np.isfinite(half).all() or half.max() > _MAX_FRAMES * frame:
        return None
    if half.min() < _MIN_ROUNDNESS * half.max():
        return None
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[cos, -sin], [sin, cos]])
    far = np.maximum(np.linalg.norm((points - center) @ turn / half, axis=1), 1e-6)
    off = np.abs(1.0 - 1.0 / far) * np.linalg.norm(points - center, axis=1)
    if np.sqrt((off * off).mean()) > _MAX_RMS_PX or off.max() > _MAX_OFF_PX:
        return None
    at = np.linspace(0.0, 2.0 * np.pi, _OUTLINE_POINTS, endpoint=False)
    return np.asarray(np.stack([np.cos(at), np.sin(at)], axis=1) * half @ turn.T + center)
