"""A layer of several opacities, a soft shadow and what casts it, as one window for each of them."""

from __future__ import annotations

import copy

import cv2
import numpy as np
from numpy.typing import NDArray

from ..paints.assign_paints import nearest_region
from .layer_window import SOLID, Window

__all__ = ["opacity_parts"]

# Opacities are told apart by gaps in their histogram, of so many bins; one needs so many pixels.
_HISTOGRAM_BINS, _MIN_PIXELS = 20, 24
# Alpha that varies by less than this from pixel to pixel is no edge's.
_EVEN_RANGE = 0.12
# How far a part reaches under a more opaque one above it, in pixels.
_REACH_PX = 2
_SQUARE = np.ones((3, 3), np.uint8)


def opacity_parts(window: Window) -> list[Window]:
    """Windows of the parts of a layer, the most translucent first; the window itself if it has one.

    In the window of a part the other parts count as lower or higher layers.
    """
    if window.thin or window.opacity >= 1.0:
        return [window]
    alpha = window.rgba[..., 3]
    levels = _levels(alpha, window.visible)
    count = int(levels.max()) + 1
    if count < 2:
        return [window]
    parts = nearest_region(levels, window.visible, window.mask)
    windows = []
    for number in range(count):
        own = parts == number
        if not (own & window.visible).any():
            continue
        part = copy.copy(window)
        labels = window.labels.copy()
        labels[window.visible & (parts < number)] = window.index - 1
        labels[window.visible & (parts > number)] = window.index + 1
        reach = cv2.dilate(own.view(np.uint8), _SQUARE, iterations=_REACH_PX) > 0
        solid = parts == count - 1
        mask = own | (reach & solid) if number < count - 1 else own
        part.cut(labels, mask)
        windows.append(part)
    return windows


def _levels(alpha: NDArray[np.float32], visible: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Number of the opacity of each pixel in an even part, int32 (h, w), rising; -1 elsewhere."""
    levels = np.full(alpha.shape, -1, np.int32)
    solid = visible & (alpha >= SOLID)
    # An edge's half-covered pixels are translucent too, but their alphas are not alike.
    even = cv2.morphologyEx(alpha, cv2.MORPH_GRADIENT, _SQUARE) < _EVEN_RANGE
    soft = visible & ~solid & even
    number = 0
    if np.count_nonzero(soft) >= _MIN_PIXELS:
        bins = np.minimum((alpha * _HISTOGRAM_BINS).astype(np.intp), _HISTOGRAM_BINS - 1)
        filled = np.bincount(bins[soft], minlength=_HISTOGRAM_BINS) >= _MIN_PIXELS
        starts = np.flatnonzero(filled & ~np.append(False, filled[:-1]))
        for start in starts.tolist():
            end = start + int(np.argmin(np.append(filled[start:], False)))
            levels[soft & (bins >= start) & (bins < end)] = number
            number += 1
    if np.count_nonzero(solid) >= _MIN_PIXELS:
        levels[solid] = number
    return levels
