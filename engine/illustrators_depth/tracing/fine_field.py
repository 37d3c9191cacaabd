"""Coverage at a third of a pixel: outlines of strokes, letters and dots finer than pixels.

A shape finer than the pixels is looked for that covers every pixel as far as was measured: blurred,
so that its outline is smooth, compared with the measured coverage, and corrected by the difference,
in turn (iterative back-projection, Irani and Peleg 1991, "Improving resolution by image
registration", for a picture of two values).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALE", "fine_field", "is_detail"]

SCALE = 3
"""Samples of the fine field along a side of a pixel."""
_ROUNDS = 14
_BLUR_PX = 0.15
# The field's slope at the outline, as seen by the comparison: steeper is nearer to two values. The
# share of the difference that is corrected in a round; with more of either it swings.
_SLOPE, _CORRECTED = 3.0, 0.5
_TILE, _APRON = 48, 4
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


def fine_field(
    covered: NDArray[np.float32], smooth: NDArray[np.float32], detail: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """A field, `SCALE` times as fine, whose 0.5 level encloses what is covered.

    Args:
        covered: float32 (h, w), coverage of each pixel, 0..1.
        smooth: float32 (h, w), the field to take away from details.
        detail: bool (h, w), where the outline is looked for.

    Returns:
        float32 (SCALE h, SCALE w).
    """
    height, width = covered.shape
    fine = _enlarged(smooth)
    for top in range(0, height, _TILE):
        for left in range(0, width, _TILE):
            place = slice(top, min(top + _TILE, height)), slice(left, min(left + _TILE, width))
            if not detail[place].any():
                continue
            around = (
                slice(max(0, top - _APRON), min(height, top + _TILE + _APRON)),
                slice(max(0, left - _APRON), min(width, left + _TILE + _APRON)),
            )
            found = _searched(covered[around])
            inner = tuple(
                slice(SCALE * (p.start - a.start), SCALE * (p.stop - a.start))
                for p, a in zip(place, around, strict=True)
            )
            target = fine[tuple(slice(SCALE * p.start, SCALE * p.stop) for p in place)]
            # Half a pixel inside the details' border the two fields meet.
            weight = _enlarged(detail[around].astype(np.float32))[inner]
            target += weight * (found[inner] - target)
    return fine


def _enlarged(field: NDArray[np.float32]) -> NDArray[np.float32]:
    size = (field.shape[1] * SCALE, field.shape[0] * SCALE)
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _searched(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    size = covered.shape[1], covered.shape[0]
    field = _enlarged(covered)
    for _ in range(_ROUNDS):
        field = cv2.GaussianBlur(field, (0, 0), _BLUR_PX * SCALE, borderType=cv2.BORDER_REPLICATE)
        shape = np.clip((field - 0.5) * _SLOPE + 0.5, 0.0, 1.0)
        missing = covered - cv2.resize(shape, size, interpolation=cv2.INTER_AREA)
        field += np.float32(_CORRECTED) * _enlarged(missing)
    return np.asarray(field, np.float32)
