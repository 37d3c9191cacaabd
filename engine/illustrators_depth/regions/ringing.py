"""What lossy compression leaves beside edges: how much of it there is, and the picture without it.

JPEG and WebP surround every edge with ringing: ripples and coloured fringes that would be taken for
hundreds of slivers of paint. A clean drawing is flat a few pixels from its edges, a compressed one
is not.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["remove_ringing", "ringing_level"]

# An edge (range of 8-bit values in a 3x3 window); its own blends end before the first distance in
# pixels, the ripples of 8x8 blocks reach to the second.
_EDGE_RANGE, _BLEND_REACH_PX, _RINGING_REACH_PX = 48, 2, 6
# The share of the pixels in between that may ripple less, and how few of them tell nothing.
_QUANTILE, _MIN_PIXELS = 0.75, 64
# Less than this is rounding.
_MIN_LEVEL = 1.0
# As much (median) all over the picture is texture or grain, which another measure looks at; twice
# what there is everywhere is still no ripple. More ripples than the last number are not told apart.
_MAX_TEXTURE, _MAX_LEVEL = 4.0, 12.0
# A pixel that is this far (8-bit) from the median around it, plus so many times the ripples, is no
# ripple: a hairline is further.
_MAX_DIFFERENCE, _DIFFERENCE_PER_LEVEL = 10.0, 4.0


def ringing_level(spread: NDArray[np.uint8], opaque: NDArray[np.bool_]) -> float:
    """Height of the ripples beside edges, in 8-bit values; 0 in a clean drawing.

    docs/decisions/021-ringing.md has what it is on clean and on compressed drawings.

    Args:
        spread: uint8 (H, W), the range of values in the 3x3 window around each pixel.
        opaque: bool (H, W), the pixels that count.
    """
    edge = (spread > _EDGE_RANGE).view(np.uint8)
    zone = (_dilated(edge, _RINGING_REACH_PX) > _dilated(edge, _BLEND_REACH_PX)) & opaque
    counts = np.bincount(spread[zone], minlength=1)
    total = int(counts.sum())
    if total < _MIN_PIXELS:
        return 0.0
    level = float(np.searchsorted(np.cumsum(counts), _QUANTILE * total))
    if level < _MIN_LEVEL:  # as in most drawings: no need to look at all the others
        return 0.0
    everywhere = float(np.median(spread[opaque]))
    level -= 2.0 * everywhere
    return min(level, _MAX_LEVEL) if everywhere <= _MAX_TEXTURE and level >= _MIN_LEVEL else 0.0


def remove_ringing(color8: NDArray[np.uint8], level: float) -> NDArray[np.uint8]:
    """The picture with each pixel that is near the median of its 3x3 window replaced by it.

    Args:
        color8: uint8 (H, W, 3).
        level: from `ringing_level`; what differs much more, as hairlines do, stays.
    """
    median = cv2.medianBlur(color8, 3)
    off = cv2.absdiff(median, color8)
    red, green, blue = cv2.split(off)
    near = cv2.max(cv2.max(red, green), blue) <= _MAX_DIFFERENCE + _DIFFERENCE_PER_LEVEL * level
    out = color8.copy()
    return np.asarray(cv2.copyTo(median, near.view(np.uint8), out))


def _dilated(mask: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)))
