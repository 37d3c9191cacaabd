"""How far a part may reach where it is cut off and nothing says where it ends.

A guess is no farther away than the part is wide: a thin strip of which the rest is hidden is a rim
or a shadow, and ends close by.
"""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ....raster.window import mask_window

__all__ = ["PartWidths", "beyond_closings"]

# A part reaches no farther than so many times its width where it is cut off, and so many pixels.
_MAX_WIDTHS, _SPARE_PX = 0.7, 2.0
# The mean distance to the outline inside of a strip is this share of its width.
_WIDTHS_PER_MEAN = 4.0
# Pixels around an area that are looked at, and the side of a picture at which widths are measured.
_MARGIN_PX, _WORKING_SIDE = 8, 512


class PartWidths:
    """The width in pixels of each connected part of what is seen of a layer.

    Measured when it is first asked for: most layers never ask.

    Args:
        visible: bool (h, w), where the layer is seen, in a window with a margin.
        origin: row and column of the window's first pixel.
    """

    def __init__(self, visible: NDArray[np.bool_], origin: tuple[int, int]) -> None:
        self._visible, self._origin = visible, origin
        self._step = max(1, max(visible.shape) // _WORKING_SIDE)

    def at(self, row: int, col: int) -> float:
        """Of the part that a pixel of the picture belongs to."""
        corner, parts, widths = self._measured
        down = (row - self._origin[0]) // self._step - corner[0]
        across = (col - self._origin[1]) // self._step - corner[1]
        inside = 0 <= down < parts.shape[0] and 0 <= across < parts.shape[1]
        return float(widths[parts[down, across] if inside else 0])

    def beside(self, vertex: NDArray[np.float64]) -> float:
        """Of the widest part that meets a vertex between pixels, x and y."""
        col, row = np.rint(vertex).astype(int).tolist()
        return max(self.at(row - down, col - right) for down in (0, 1) for right in (0, 1))

    @property
    def widest(self) -> float:
        """Of the widest part; at least 1."""
        return max(1.0, float(self._measured[2].max()))

    @cached_property
    def _measured(self) -> tuple[tuple[int, int], NDArray[np.int32], NDArray[np.float64]]:
        """First row and column looked at, numbers of the parts on every so many pixels from there,
        and each part's width."""
        small = self._visible[:: self._step, :: self._step]
        box = mask_window(small, 1)
        own = np.ascontiguousarray(small[box]).view(np.uint8)
        inner = cv2.distanceTransform(own, cv2.DIST_L2, cv2.DIST_MASK_3)
        count, parts = cv2.connectedComponents(own, connectivity=8, ltype=cv2.CV_32S)
        places = np.flatnonzero(own.view(np.bool_))
        part = parts.take(places)
        mean = np.bincount(part, inner.take(places), count).astype(np.float64)
        mean /= np.maximum(np.bincount(part, minlength=count), 1)
        # What is thinner than the steps has no part of its own there.
        mean[0] = 0.5
        return (box[0].start, box[1].start), parts, _WIDTHS_PER_MEAN * self._step * mean


def beyond_closings(
    visible: NDArray[np.bool_],
    origin: tuple[int, int],
    widths: PartWidths,
    areas: list[NDArray[np.float64]],
) -> NDArray[np.bool_]:
    """Pixels of areas between what is seen and a guessed outline that lie too far away.

    Args:
        visible: bool (h, w), where the layer is seen.
        origin: row and column of its first pixel.
        widths: of its parts.
        areas: float64 (n, 2) each, x and y in the picture, closed polygons of a guessed outline and
            of the border along which the part is cut off.
    """
    beyond = np.zeros(visible.shape, np.uint8)
    own = visible.view(np.uint8)
    height, width = visible.shape
    for placed in areas:
        area = placed - origin[::-1]
        at = _cut_pixel(area, own)
        if at is None:
            continue
        reach = _MAX_WIDTHS * widths.at(at[0] + origin[0], at[1] + origin[1]) + _SPARE_PX
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


def _cut_pixel(area: NDArray[np.float64], own: NDArray[np.uint8]) -> tuple[int, int] | None:
    """A pixel that is seen beside the last point of an area, which lies on the cut."""
    height, width = own.shape
    col, row = np.floor(area[-1] - 0.5 + 1e-6).astype(int)
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        at = int(row + down), int(col + right)
        if 0 <= at[0] < height and 0 <= at[1] < width and own[at]:
            return at
    return None
