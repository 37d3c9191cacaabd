"""What a layer's paints leave out: lines and spots of another colour in it and along its edge.

A layer takes in lines too thin to be regions, and the outline between two layers belongs to
neither. Both show as a difference between the picture and what has been drawn, and are drawn as
strokes of their own ink.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .assign_paints import WORTH
from .inks import ink_parts
from .paint import Paint

__all__ = ["missing_ink"]

Float = NDArray[np.float32]

# A pixel is wrong if it differs by this (premultiplied RGBA, L2); fewer such pixels together than
# these are an edge's.
_WRONG_DISTANCE, _MIN_WRONG_PIXELS = 0.1, 4
# What an ink must take off the squared error, in times of what another paint of a region must.
_MIN_GAIN = 1.0
# In a small picture, not less than a few pixels' error.
_MIN_ERROR = 2.0
_SQUARE = np.ones((3, 3), np.uint8)


def missing_ink(
    picture: Float,
    drawn: Float,
    square: Float,
    own: NDArray[np.bool_],
    corner: tuple[int, int],
    picture_pixels: int,
    max_inks: int,
) -> list[tuple[Paint, NDArray[np.bool_]]]:
    """Inks that bring a drawing nearer to the picture, and the pixels of each.

    Args:
        picture, drawn: float32 (h, w, 4), premultiplied: a window of both.
        square: float32 (h, w), squared distance of the two where they are to be mended, else 0.
        own: bool (h, w), the pixels to mend.
        corner: left and top of the window in the picture.
        picture_pixels: of the whole picture.
        max_inks: at most so many.
    """
    least = max(_MIN_GAIN * WORTH * picture_pixels, _MIN_ERROR)
    if max_inks < 1 or float(square.sum()) < least:
        return []
    wrong = _without_crumbs(square > _WRONG_DISTANCE * _WRONG_DISTANCE)
    if float(square[wrong].sum()) < least:
        return []
    inks = ink_parts(picture, drawn, wrong, corner, True, max_inks)
    if inks is None:
        return []
    found = []
    for number, paint in enumerate(inks[0]):
        part = wrong & (inks[1] == number)
        # Half-covered pixels beside them belong to the same lines.
        part = (cv2.dilate(part.view(np.uint8), _SQUARE) > 0) & own & ~(wrong & ~part)
        if float(square[part].sum()) >= least:
            found.append((paint, part))
    return found


def _without_crumbs(wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Wrong pixels but those of parts so small that an edge explains them."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(wrong.view(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _MIN_WRONG_PIXELS
    kept[0] = False
    return np.asarray(kept[parts])
