"""What lossy compression leaves beside edges: how much of it there is, and the picture without it.

JPEG and WebP surround every edge with ringing: ripples and coloured fringes that would be taken for
hundreds of slivers of paint. A clean drawing is flat a few pixels from its edges, a compressed one
is not. Ringing is as high as the edge beside it is strong, and ends with its block of pixels: a
faint shape far from strong edges is as clear in a compressed drawing as in a clean one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Ringing", "measure_ringing", "remove_ringing"]

# An edge (range of 8-bit values in a 3x3 window); its own blends end before the first distance in
# pixels, the ripples of 8x8 blocks reach to the second.
_EDGE_RANGE, _BLEND_REACH_PX, _RINGING_REACH_PX = 48, 2, 6
# How many pixels in between tell anything. Shares of them that vary, and that are off the median
# around them by more than rounding, from which on a picture is compressed: a gradient or a soft
# edge varies, too, but is off by rounding alone.
_MIN_PIXELS, _ROUNDING = 64, 1
_MIN_VARYING, _MIN_OFF = 0.1, 0.009
# The share of rippling pixels that ripple less than the level.
_QUANTILE = 0.67
# Less than this is rounding.
_MIN_LEVEL = 1.0
# More (median) far from edges is texture or grain, which another measure looks at; twice what there
# is of it is still no ripple. More ripples than the last number are not told apart.
_MAX_TEXTURE, _MAX_LEVEL = 3.0, 20.0
# Where less of the drawing lies far from edges, texture is looked for everywhere.
_MIN_CALM_SHARE = 0.01
# An edge makes ripples up to this far, in pixels: as far as it lies from its block's other side.
_BLOCK_REACH_PX = 8
# A pixel that is this far (8-bit) from the median around it, plus so many times the ripples, is no
# ripple: a hairline is further.
_MAX_DIFFERENCE, _DIFFERENCE_PER_LEVEL = 10.0, 4.0


@dataclass(frozen=True)
class Ringing:
    """Ripples of a compressed drawing.

    Attributes:
        level: height of the ripples beside a typical edge, in 8-bit values, above 0.
        texture: how much the picture varies where no edge is near, in 8-bit values.
        local: float32 (H, W), height to be expected at each pixel, by the strongest edge near it.
    """

    level: float
    texture: float
    local: NDArray[np.float32]


def measure_ringing(
    color8: NDArray[np.uint8], spread: NDArray[np.uint8], opaque: NDArray[np.bool_]
) -> Ringing | None:
    """The ripples beside edges; None in a clean drawing.

    docs/decisions/021-ringing.md and 051-compressed-drawings.md have what they are on clean and on
    compressed drawings.

    Args:
        color8: uint8 (H, W, 3).
        spread: uint8 (H, W), the range of values in the 3x3 window around each pixel.
        opaque: bool (H, W), the pixels that count.
    """
    edge = (spread > _EDGE_RANGE).view(np.uint8)
    zone = (_dilated(edge, _RINGING_REACH_PX) > _dilated(edge, _BLEND_REACH_PX)) & opaque
    counts = np.bincount(spread[zone], minlength=1)
    total = int(counts.sum())
    rippling = total - int(counts[0])
    if total < _MIN_PIXELS or rippling < _MIN_VARYING * total:
        return None
    differences = _largest_difference(cv2.medianBlur(color8, 3), color8)[zone]
    if np.count_nonzero(differences > _ROUNDING) < _MIN_OFF * total:
        return None
    counts[0] = 0
    contrast = _dilated(spread, _BLOCK_REACH_PX)
    texture = _texture(spread, opaque, contrast <= _EDGE_RANGE)
    level = float(np.searchsorted(np.cumsum(counts), _QUANTILE * rippling)) - 2.0 * texture
    if texture > _MAX_TEXTURE or level < _MIN_LEVEL:
        return None
    level = min(level, _MAX_LEVEL)
    return Ringing(level, texture, contrast * np.float32(level / np.median(contrast[zone])))


def _texture(
    spread: NDArray[np.uint8], opaque: NDArray[np.bool_], calm: NDArray[np.bool_]
) -> float:
    """Median range of values in the drawing's calm parts, or everywhere if those are few."""
    values = spread[calm & opaque]
    if len(values) < _MIN_CALM_SHARE * np.count_nonzero(opaque):
        values = spread[opaque]
    return float(np.median(values))


def remove_ringing(color8: NDArray[np.uint8], level: float) -> NDArray[np.uint8]:
    """The picture with each pixel that is near the median of its 3x3 window replaced by it.

    Args:
        color8: uint8 (H, W, 3).
        level: from `measure_ringing`; what differs much more, as hairlines do, stays.
    """
    median = cv2.medianBlur(color8, 3)
    near = _largest_difference(median, color8) <= _MAX_DIFFERENCE + _DIFFERENCE_PER_LEVEL * level
    out = color8.copy()
    return np.asarray(cv2.copyTo(median, near.view(np.uint8), out))


def _largest_difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return np.asarray(cv2.max(cv2.max(red, green), blue))


def _dilated(mask: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)))
