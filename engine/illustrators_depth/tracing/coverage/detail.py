"""Where outlines are finer than most: strokes, letters, dots and the gaps between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import strips

__all__ = ["drawable", "is_detail"]

_CROSS = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_AROUND = np.ones((5, 5), np.uint8)
# Coverage between these is neither inside nor outside.
_PARTIAL_COVERAGE = 0.04
# Coverage between these is no rounding of a whole pixel or of none.
_MIN_PARTIAL, _MAX_PARTIAL = 0.1, 0.9
_SQUARE = np.ones((3, 3), np.uint8)
_OPENING_PX = 2


def is_detail(covered: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels in and beside parts and gaps too thin for a disc of five pixels, bool (h, w)."""
    inside = (covered > 0.5).view(np.uint8)
    some = (covered > _PARTIAL_COVERAGE).view(np.uint8)
    opened = cv2.morphologyEx(inside, cv2.MORPH_OPEN, _CROSS)
    closed = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, _CROSS)
    # Hairs that cover no pixel by half have no place in the mask at all.
    body = cv2.dilate(opened, _AROUND)
    hairs = some & (body == 0)
    return cv2.dilate(cv2.absdiff(opened, closed) | hairs.view(np.uint8), _AROUND) > 0


def drawable(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverage as an outline can give it, float32 (h, w).

    Edges cover one pixel partly, strokes two side by side. Where three are, by no outline, each of
    them is covered wholly or not.
    """
    result = covered
    height = covered.shape[0]
    for rows in strips(*covered.shape):
        # What is seen of the pixels beside a strip: an opening looks two pixels far.
        first, last = max(0, rows.start - _OPENING_PX), min(height, rows.stop + _OPENING_PX)
        around = covered[first:last]
        part = ((around > _MIN_PARTIAL) & (around < _MAX_PARTIAL)).view(np.uint8)
        wide = cv2.morphologyEx(part, cv2.MORPH_OPEN, _SQUARE)[rows.start - first :] > 0
        wide = wide[: rows.stop - rows.start]
        if wide.any():
            if result is covered:
                result = covered.copy()
            result[rows][wide] = covered[rows][wide] > 0.5
    return result
