"""What lossy compression leaves beside edges: how much of it there is, and the picture without it.

JPEG and WebP surround every edge with ripples and coloured fringes. Taken for paint they are
hundreds of slivers: a drawing saved at quality 90 had 84 regions instead of 24, and two thirds of
its layers too many. A clean drawing is flat a few pixels from its edges, a compressed one is not.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["remove_ringing", "ringing_level"]

# An edge (range of 8-bit values in a 3x3 window); its own blends end before the first distance in
# pixels, the ripples of 8x8 blocks reach to the second.
_EDGE, _NEAR, _FAR = 48, 2, 6
# The share of the pixels in between that may ripple less, and how few of them tell nothing.
_SHARE, _FEWEST = 0.75, 64
# Less than this is rounding.
_LEAST = 1.0
# As much (median) all over the picture is texture or grain, which another measure looks at; twice
# what there is everywhere is still no ripple. More ripples than the last number are not told apart.
_SMOOTH, _MOST = 4.0, 12.0
# A pixel that is this far (8-bit) from the median around it, plus so many times the ripples, is no
# ripple: a hairline is further.
_FREE, _PER_RIPPLE = 10.0, 4.0


def ringing_level(spread: NDArray[np.uint8], opaque: NDArray[np.bool_]) -> float:
    """Height of the ripples beside edges, in 8-bit values; 0 in a clean drawing.

    Of 80 train drawings at 512 pixels 97 % had less than 1 as they are, 90 % more than 1 as WebP of
    quality 80 or JPEG of quality 90 (median 3 and 6), all as JPEG of quality 50 (median 10).

    Args:
        spread: uint8 (H, W), the range of values in the 3x3 window around each pixel.
        opaque: bool (H, W), the pixels that count.
    """
    edge = (spread > _EDGE).view(np.uint8)
    zone = (_dilated(edge, _FAR) > _dilated(edge, _NEAR)) & opaque
    counts = np.bincount(spread[zone], minlength=1)
    total = int(counts.sum())
    if total < _FEWEST:
        return 0.0
    height = float(np.searchsorted(np.cumsum(counts), _SHARE * total))
    if height < _LEAST:  # as in most drawings: no need to look at all the others
        return 0.0
    everywhere = float(np.median(spread[opaque]))
    height -= 2.0 * everywhere
    return min(height, _MOST) if everywhere <= _SMOOTH and height >= _LEAST else 0.0


def remove_ringing(color8: NDArray[np.uint8], height: float) -> NDArray[np.uint8]:
    """The picture with each pixel that is near the median of its 3x3 window replaced by it.

    Args:
        color8: uint8 (H, W, 3).
        height: of the ripples (`ripples`); what differs much more, as hairlines do, stays.
    """
    median = cv2.medianBlur(color8, 3)
    off = cv2.absdiff(median, color8)
    red, green, blue = cv2.split(off)
    near = cv2.max(cv2.max(red, green), blue) <= _FREE + _PER_RIPPLE * height
    out = color8.copy()
    return np.asarray(cv2.copyTo(median, near.view(np.uint8), out))


def _dilated(mask: NDArray[np.uint8], reach: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)))
