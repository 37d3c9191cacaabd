"""Texture that lies over a whole picture, as canvas, paper and grain do: found, and taken off.

It shades every paint by the same shares of its own value, all over the picture. That tells it from
what was painted or photographed: there, some places are rougher than others.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import strips

__all__ = ["overlaid_texture", "remove_texture"]

# The range of values is looked at in windows of so many pixels, wider than a thread of canvas; and
# in a grid of at most about so many of them.
_WINDOW_PX, _MAX_SAMPLES = 9, 1 << 16
# Darker pixels (8-bit, largest channel) show too little of what lies over them.
_MIN_VALUE = 64
# A picture in which half of the 3x3 windows vary less (8-bit) is clear.
_MIN_RANGE = 3
# The share of a window's brightest value by which nine in ten windows vary at least; and how that
# is at least to what half of them vary by: edges are more, but nowhere is less.
_MIN_HEIGHT, _MIN_EVENNESS = 0.03, 0.68
# Window and steps of the two passes that take a texture off; a step counts as texture up to so many
# times its height.
_FILTER_PX, _HEIGHT_FACTORS = 11, (1.2, 0.6)
# Added to 8-bit values before their logarithm is taken: below, rounding outweighs shading.
_DARK = 8.0


def overlaid_texture(
    color8: NDArray[np.uint8], spread: NDArray[np.uint8], opaque: NDArray[np.bool_]
) -> float:
    """Height of the texture over a whole picture as a share of its values; 0 where there is none.

    docs/decisions/056-overlaid-texture.md has what it is on drawings, paintings and photographs.

    Args:
        color8: uint8 (H, W, 3).
        spread: uint8 (H, W), the range of values in the 3x3 window around each pixel.
        opaque: bool (H, W), the pixels that count.
    """
    step = max(1, int(np.sqrt(spread.size / _MAX_SAMPLES)))
    grid = np.s_[step // 2 :: step, step // 2 :: step]
    value = color8[grid].max(axis=2)
    bright = opaque[grid] & (value >= _MIN_VALUE)
    if not bright.any() or np.median(spread[grid][bright]) < _MIN_RANGE:
        return 0.0
    red, green, blue = cv2.split(color8)
    value = cv2.max(cv2.max(red, green), blue)
    window = np.ones((_WINDOW_PX, _WINDOW_PX), np.uint8)
    # Windows that reach into transparent parts see the white below.
    whole = cv2.erode(opaque.view(np.uint8), window)[grid] > 0
    highest, lowest = cv2.dilate(value, window)[grid], cv2.erode(value, window)[grid]
    counted = whole & (highest >= _MIN_VALUE)
    if not counted.any():
        return 0.0
    shares = (highest - lowest)[counted] / highest[counted].astype(np.float32)
    least, height, middle = np.quantile(shares, (0.1, 0.25, 0.5))
    found = least >= _MIN_HEIGHT and least >= _MIN_EVENNESS * middle
    return float(height) if found else 0.0


def remove_texture(color8: NDArray[np.uint8], height: float) -> NDArray[np.uint8]:
    """The picture with its texture smoothed away and the edges between paints kept.

    Two passes of a bilateral filter over logarithms, in which shading is the same step on every
    paint: the first takes the texture off, the second what is left at half the height.

    Args:
        color8: uint8 (H, W, 3).
        height: from `overlaid_texture`.
    """
    out = np.empty_like(color8)
    logarithms = np.log(np.arange(256, dtype=np.float32) + np.float32(_DARK))
    margin = len(_HEIGHT_FACTORS) * (_FILTER_PX // 2)
    for rows in strips(*color8.shape[:2]):
        first = max(0, rows.start - margin)
        smooth = logarithms[color8[first : rows.stop + margin]]
        for factor in _HEIGHT_FACTORS:
            smooth = cv2.bilateralFilter(smooth, _FILTER_PX, factor * height, _FILTER_PX / 2)
        values = np.exp(smooth[rows.start - first : rows.stop - first]) - np.float32(_DARK)
        out[rows] = np.clip(np.rint(values), 0, 255)
    return out
