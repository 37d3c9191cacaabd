"""Where outlines are finer than most: strokes, letters, dots and the gaps between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["is_detail"]

_CROSS = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_AROUND = np.ones((5, 5), np.uint8)
# Coverage between these is neither inside nor outside.
_PART = 0.04


def is_detail(covered: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels in and beside parts and gaps too thin for a disc of five pixels, bool (h, w)."""
    inside = (covered > 0.5).view(np.uint8)
    some = (covered > _PART).view(np.uint8)
    opened = cv2.morphologyEx(inside, cv2.MORPH_OPEN, _CROSS)
    closed = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, _CROSS)
    # Hairs that cover no pixel by half have no place in the mask at all.
    body = cv2.dilate(opened, _AROUND)
    hairs = some & (body == 0)
    return cv2.dilate(cv2.absdiff(opened, closed) | hairs.view(np.uint8), _AROUND) > 0
