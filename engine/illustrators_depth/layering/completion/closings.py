"""How far a part may reach where it is cut off and nothing says where it ends.

A guess is no farther away than the part is wide: a thin strip of which the rest is hidden is a rim
or a shadow, and ends close by.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["beyond_closings", "widest_part"]

# A part reaches no farther than so many times its width where it is cut off, and so many pixels.
_MAX_WIDTHS, _SPARE_PX = 0.7, 2.0
# The mean distance to the outline inside of a strip is this share of its width.
_WIDTHS_PER_MEAN = 4.0
# Pixels around an area that are looked at, and the side of a picture at which widths are measured.
_MARGIN_PX, _WORKING_SIDE = 8, 512


def beyond_closings(
    visible: NDArray[np.bool_], areas: list[NDArray[np.float64]]
) -> NDArray[np.bool_]:
    """Pixels of areas between what is seen and a guessed outline that lie too far away.

    Args:
        visible: bool (h, w), where the layer is seen.
        areas: float64 (n, 2) each, x and y, closed polygons of a guessed outline and of the border
            along which the part is cut off.
    """
    beyond = np.zeros(visible.shape, np.uint8)
    own = visible.view(np.uint8)
    parts, step, widths = _part_widths(own)
    height, width = visible.shape
    for area in areas:
        at = _cut_pixel(area, own)
        if at is None:
            continue
        reach = _MAX_WIDTHS * widths[parts[at[0] // step, at[1] // step]] + _SPARE_PX
        left, top = np.maximum(np.floor(area.min(axis=0)).astype(int) - _MARGIN_PX, 0)
        right, bottom = np.ceil(area.max(axis=0)).astype(int) + _MARGIN_PX
        box = slice(top, min(bottom, height)), slice(left, min(right, width))
        if max(area.max(axis=0) - area.min(axis=0)) <= reach:
            continue
        far = cv2.distanceTransform(1 - own[box], cv2.DIST_L2, cv2.DIST_MASK_5)
        inside = np.zeros(far.shape, np.uint8)
        cv2.fillPoly(inside, [np.rint(area - (left, top) - 0.5).astype(np.int32)], 1)
        beyond[box] |= inside & (far > reach)
    return beyond.view(np.bool_)


def widest_part(visible: NDArray[np.bool_]) -> float:
    """The width in pixels of the widest part that is seen, bool (h, w); at least 1."""
    return max(1.0, float(_part_widths(visible.view(np.uint8))[2].max()))


def _part_widths(
    own: NDArray[np.uint8],
) -> tuple[NDArray[np.int32], int, NDArray[np.float64]]:
    """Numbers of the parts that are seen, on every so many pixels, and each part's width."""
    step = max(1, max(own.shape) // _WORKING_SIDE)
    small = np.ascontiguousarray(own[::step, ::step])
    inner = cv2.distanceTransform(small, cv2.DIST_L2, cv2.DIST_MASK_3)
    _, parts = cv2.connectedComponents(small, connectivity=8, ltype=cv2.CV_32S)
    mean = np.bincount(parts.ravel(), inner.ravel()) / np.bincount(parts.ravel())
    # What is thinner than the steps has no part of its own there.
    mean[0] = 0.5
    return parts, step, _WIDTHS_PER_MEAN * step * mean


def _cut_pixel(area: NDArray[np.float64], own: NDArray[np.uint8]) -> tuple[int, int] | None:
    """A pixel that is seen beside the last point of an area, which lies on the cut."""
    height, width = own.shape
    col, row = np.floor(area[-1] - 0.5 + 1e-6).astype(int)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        at = int(row + down), int(col + right)
        if 0 <= at[0] < height and 0 <= at[1] < width and own[at]:
            return at
    return None
