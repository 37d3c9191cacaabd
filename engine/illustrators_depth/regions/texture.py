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
# A surface shades paint; what goes further, as stripes and checks of two paints do, is drawn.
_MAX_HEIGHT = 0.5
# Window and steps of the two passes that take a texture off; a step counts as texture up to so many
# times its height.
_FILTER_PX, _HEIGHT_FACTORS = 11, (1.2, 0.6)
# Pictures whose longer side has more pixels are filtered at half the size, at which a texture is as
# wide in pixels as in smaller ones; what is left of it there is wider, too, and is given more room.
_LARGE_PX, _HALF_SIZE_FACTOR = 640, 1.2
# Added to 8-bit values before their logarithm is taken: below, rounding outweighs shading.
_DARK = 8.0
# A pixel and its neighbours, as offsets in a picture with a border of one pixel.
_NEAREST_FIRST = ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2))


def overlaid_texture(
    color8: NDArray[np.uint8], spread: NDArray[np.uint8], opaque: NDArray[np.bool_]
) -> float:
    """Height of the texture over a whole picture as a share of its values; 0 where there is none.

    docs/decisions/058-overlaid-texture.md has what it is on drawings, paintings and photographs.

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
    if least < _MIN_HEIGHT or least < _MIN_EVENNESS * middle:
        return 0.0
    # Paints of one value and two hues differ in a channel, too.
    ranges = (cv2.dilate(color8, window)[grid] - cv2.erode(color8, window)[grid]).max(axis=2)
    drawn = np.quantile(ranges[counted] / highest[counted].astype(np.float32), 0.25) > _MAX_HEIGHT
    return 0.0 if drawn else float(height)


def remove_texture(color8: NDArray[np.uint8], height: float) -> NDArray[np.uint8]:
    """The picture with its texture smoothed away and the edges between paints kept.

    Args:
        color8: uint8 (H, W, 3).
        height: from `overlaid_texture`.
    """
    rows, cols = color8.shape[:2]
    if max(rows, cols) <= _LARGE_PX:
        return _smoothed(color8, height)
    half = cv2.resize(color8, ((cols + 1) // 2, (rows + 1) // 2), interpolation=cv2.INTER_AREA)
    return _enlarged(_smoothed(half, _HALF_SIZE_FACTOR * height), color8)


def _smoothed(color8: NDArray[np.uint8], height: float) -> NDArray[np.uint8]:
    """Two passes of a bilateral filter over logarithms: there, shading is one step on every paint.

    The first takes the texture off, the second what is left, at half the height.
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


def _enlarged(half: NDArray[np.uint8], color8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture of half the size at full size again, with edges where the whole picture has them.

    Every pixel takes whichever of the nine nearest colours of `half` its surroundings are most
    like.
    """
    like = cv2.blur(color8, (3, 3))
    framed = cv2.copyMakeBorder(half, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    rows, cols = half.shape[:2]
    out, least = np.empty_like(color8), np.full(color8.shape[:2], 255, np.uint8)
    for dy, dx in _NEAREST_FIRST:
        moved = framed[dy : dy + rows, dx : dx + cols]
        moved = cv2.resize(moved, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
        moved = moved[: color8.shape[0], : color8.shape[1]]
        red, green, blue = cv2.split(cv2.absdiff(moved, like))
        difference = cv2.max(cv2.max(red, green), blue)
        # The first is taken wherever no later one is nearer.
        first = (dy, dx) == _NEAREST_FIRST[0]
        compared = cv2.CMP_LE if first else cv2.CMP_LT
        cv2.copyTo(moved, cv2.compare(difference, least, compared), out)
        cv2.min(difference, least, least)
    return out
