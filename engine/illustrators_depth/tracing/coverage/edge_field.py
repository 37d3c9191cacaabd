"""A field of coverage whose 0.5 level lies where the edge does, between the pixels.

Coverage of a pixel falls from one to zero within a pixel's width, and linear interpolation between
pixel centres misses such an edge by up to a twelfth of a pixel, now to one side, now to the other.
Averaged over three pixels, coverage falls along a straight line from centre to centre: then linear
interpolation finds an upright edge exactly, and others nearly.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["edge_field"]

_SQUARE = np.ones((3, 3), np.uint8)
# Averaging reaches a pixel; half a pixel more keeps it out of cells that thin parts share.
_AROUND = np.ones((5, 5), np.uint8)


def edge_field(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """The field averaged over 3 x 3 pixels, but as it was beside strokes and gaps as thin as that.

    Args:
        field: float32 (h, w), coverage at pixel centres, 0..1.
    """
    inside = (field > 0.5).view(np.uint8)
    opened = cv2.morphologyEx(inside, cv2.MORPH_OPEN, _SQUARE)
    closed = cv2.morphologyEx(inside, cv2.MORPH_CLOSE, _SQUARE)
    thin = cv2.dilate(cv2.absdiff(opened, closed), _AROUND)
    smooth = cv2.blur(field, (3, 3), borderType=cv2.BORDER_REPLICATE)
    cv2.copyTo(field, thin, smooth)
    return smooth
