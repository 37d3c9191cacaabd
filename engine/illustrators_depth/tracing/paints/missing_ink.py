"""Finds what a layer's paints leave out: lines and spots of another colour in it or along its edge.

A layer takes in lines too thin to be regions, and a line between two layers is part of neither.
Both show as a difference between the picture and what has been drawn, and are then drawn as strokes
in a paint of their own, an ink.
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

# A pixel is wrong if picture and drawing differ by this (premultiplied RGBA, L2).
_WRONG_DISTANCE = 0.1
# Fewer connected wrong pixels than this are left over from an anti-aliased edge.
_MIN_WRONG_PIXELS = 4
# What an ink must take off the picture's squared error, as a multiple of what a further path must
# (`assign_paints.WORTH`, per pixel of the picture).
_MIN_GAIN = 1.0
# And at least this, which is the squared error of a few wrong pixels: a small picture's limit above
# would be less than one pixel's.
_MIN_ERROR = 2.0
_SQUARE = np.ones((3, 3), np.uint8)


def missing_ink(
    picture: Float,
    drawn: Float,
    square: Float,
    chosen: NDArray[np.bool_],
    corner: tuple[int, int],
    picture_pixels: int,
    max_inks: int,
) -> list[tuple[Paint, NDArray[np.bool_]]]:
    """Inks that bring a drawing nearer to the picture, and the pixels of each.

    Args:
        picture, drawn: float32 (h, w, 4), premultiplied: a window of both.
        square: float32 (h, w), squared distance of the two at the chosen pixels, else 0.
        chosen: bool (h, w), the pixels that inks may cover.
        corner: left and top of the window in the picture.
        picture_pixels: number of pixels of the whole picture.
        max_inks: at most so many.

    Returns:
        paint and pixels, bool (h, w), of each ink, most frequent first; empty where nothing is
        worth one.
    """
    min_gain = max(_MIN_GAIN * WORTH * picture_pixels, _MIN_ERROR)
    if max_inks < 1 or float(square.sum()) < min_gain:
        return []
    wrong = _without_specks(square > _WRONG_DISTANCE * _WRONG_DISTANCE)
    if float(square[wrong].sum()) < min_gain:
        return []
    inks = ink_parts(picture, drawn, wrong, corner, True, max_inks)
    if inks is None:
        return []
    strokes = []
    for number, paint in enumerate(inks[0]):
        part = wrong & (inks[1] == number)
        # Half-covered pixels beside them belong to the same lines.
        part = (cv2.dilate(part.view(np.uint8), _SQUARE) > 0) & chosen & ~(wrong & ~part)
        if float(square[part].sum()) >= min_gain:
            strokes.append((paint, part))
    return strokes


def _without_specks(wrong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Wrong pixels without connected parts of fewer than _MIN_WRONG_PIXELS."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(wrong.view(np.uint8), connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= _MIN_WRONG_PIXELS
    kept[0] = False
    return np.asarray(kept[parts])
