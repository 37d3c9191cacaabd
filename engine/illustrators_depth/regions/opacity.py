"""Which pixels of a picture belong to the drawing, and which to the clear page around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["opaque_mask", "soft_mask"]

# Of the most opaque pixel's alpha: where an anti-aliased outline runs.
_OUTLINE_SHARE = 0.5
# Softer pixels count where alpha is above this and hardly changes around: a shadow, not an edge.
_MIN_SOFT_SHARE = 0.04
_SOFT_RANGE = 0.2
# Side of the square that must fit into a soft area: the edge of an outline is one pixel wide.
_SOFT_WIDTH_PX = 3
# Side of the square around a pixel that reaches past an outline's edge.
_BESIDE_PX = 5
_ENCLOSED_SHARE = 0.15


def opaque_mask(alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels that the drawing covers by half or more, and its soft shadows and glows.

    Half is counted from the most opaque pixel, so that a drawing that is translucent throughout
    (a wash, a watermark) is a drawing like any other. Fainter pixels belong to it where they make
    an area rather than the anti-aliased edge of one.

    Args:
        alpha: float32 (H, W), 0..1.

    Returns:
        bool (H, W); all False for a fully transparent picture.
    """
    if _all_solid(alpha):
        return np.ones(alpha.shape, bool)
    solid = _solid(alpha)
    # A narrow shadow between solid parts: an anti-aliased edge has the clear page beside it.
    around = cv2.erode(alpha, np.ones((_BESIDE_PX, _BESIDE_PX), np.uint8))
    enclosed = _faint(alpha) & (around >= _ENCLOSED_SHARE * float(alpha.max()))
    soft = soft_mask(alpha) | enclosed
    if not soft.any():
        return solid
    # What lies between a soft area and the solid it belongs to is inside the drawing, too.
    square = np.ones((3, 3), np.uint8)
    gap = cv2.dilate(soft.astype(np.uint8), square, iterations=2) > 0
    return solid | soft | (_faint(alpha) & gap)


def soft_mask(alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The soft shadows and glows alone: faint, smooth, and at least three pixels wide."""
    if _all_solid(alpha):
        return np.zeros(alpha.shape, bool)
    faint = _faint(alpha)
    if not faint.any():
        return faint
    square = np.ones((3, 3), np.uint8)
    spread = cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, square, borderType=cv2.BORDER_REPLICATE)
    soft = (faint & (spread < _SOFT_RANGE * float(alpha.max()))).astype(np.uint8)
    return (
        cv2.morphologyEx(soft, cv2.MORPH_OPEN, np.ones((_SOFT_WIDTH_PX, _SOFT_WIDTH_PX), np.uint8))
        > 0
    )


def _all_solid(alpha: NDArray[np.float32]) -> bool:
    """Whether no pixel is fainter than an outline, as in every opaque picture."""
    low, high, _, _ = cv2.minMaxLoc(alpha)
    return high > 0.0 and low >= _OUTLINE_SHARE * high


def _solid(alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    return (alpha >= _OUTLINE_SHARE * float(alpha.max())) & (alpha > 0.0)


def _faint(alpha: NDArray[np.float32]) -> NDArray[np.bool_]:
    return (alpha >= _MIN_SOFT_SHARE * float(alpha.max())) & (alpha > 0.0) & ~_solid(alpha)
