"""What lies under each layer at its edge, composited at those pixels alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...types.packed_pixels import PackedPixels, take_pixels

__all__ = ["Backdrop"]

_SQUARE = np.ones((3, 3), np.uint8)

Places = tuple[NDArray[np.intp], NDArray[np.intp]]
Window = tuple[int, int, int, int]


class Backdrop:
    """A canvas of the pixels next to borders between layers; layers are composited on it in turn.

    How far a layer covers is estimated at its edge only, and every edge lies along such a border
    (see `coverage.seen_rim`): a small share of a flat drawing's pixels.

    Args:
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers, bottom to top.
    """

    def __init__(self, numbers: NDArray[np.integer]) -> None:
        self._width = numbers.shape[1]
        if numbers.dtype.itemsize <= 2:
            highest = cv2.dilate(numbers, _SQUARE)
            self._places = np.flatnonzero(highest != cv2.erode(numbers, _SQUARE))
            self._highest = highest.ravel()[self._places]
        else:  # OpenCV compares no larger numbers: every pixel is kept
            self._places = np.arange(numbers.size)
            self._highest = np.full(numbers.size, numbers.max(), numbers.dtype)
        self._columns = self._places % self._width
        self._canvas = np.zeros((len(self._places), 4), np.float32)

    def at(self, window: Window, places: Places) -> NDArray[np.float32]:
        """What was composited so far, premultiplied float32 (n, 4).

        Args:
            window: top, left, bottom, right in the picture.
            places: rows and columns in the window, n of each, along borders.
        """
        positions = (places[0] + window[0]) * self._width + (places[1] + window[1])
        return np.asarray(self._canvas[np.searchsorted(self._places, positions)])

    def composite(
        self, index: int, window: Window, rgba: NDArray[np.float32] | PackedPixels
    ) -> None:
        """Composite layer `index`, straight-alpha float32 (h, w, 4) in its window, over the rest.

        Only pixels beside which a higher layer is seen are composited: no others are read (Porter
        and Duff 1984, "over").
        """
        top, left, bottom, right = window
        first, last = np.searchsorted(self._places, (top * self._width, bottom * self._width))
        is_needed = self._highest[first:last] > index + 1
        if right - left < self._width:
            columns = self._columns[first:last]
            is_needed &= (columns >= left) & (columns < right)
        indices = np.flatnonzero(is_needed) + first
        rows = self._places[indices] // self._width
        pixels = take_pixels(rgba, (rows - top, self._columns[indices] - left))
        pixels[:, :3] *= pixels[:, 3:]
        self._canvas[indices] = pixels + self._canvas[indices] * (1.0 - pixels[:, 3:])
