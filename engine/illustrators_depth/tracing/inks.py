"""The paints of thin strokes: all rim, so their pixels are blends, and few of them show a paint.

The pixels that differ most from what lies below are the least blended: they tell the paints. Where
strokes of several colours cross, every pixel belongs to the paint that, blended with what lies
below, explains it best.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .paint import Flat, Gradient, Paint, fit_paint

__all__ = ["ink_parts"]

Float = NDArray[np.float32]

# Least blended: at least this share of the greatest difference so many pixels around.
_PURE_SHARE, _AROUND_PX = 0.85, 5
# Less difference than this (premultiplied RGBA, L2) from what lies below tells nothing.
_MIN_CONTRAST = 0.06
# One paint explains strokes whose purest pixels it misses by no more (sRGB, RMS).
_EXPLAINED_RMS = 0.04
# Pure pixels this near (sRGB, L2) are of one ink; an ink has at least this share of them.
_SAME_INK, _LEAST_SHARE = 0.14, 0.03
_MAX_INKS = 8
_SAME_BLEND = 0.1
# The ink is the middle of this share of its purest pixels.
_PUREST_SHARE = 0.3


def ink_parts(
    picture: Float,
    drawn: Float,
    visible: NDArray[np.bool_],
    corner: tuple[int, int],
    gradients: bool,
    max_inks: int,
) -> tuple[list[Paint], NDArray[np.int32]] | None:
    """Paints of a layer of strokes, and which of them each seen pixel has.

    Args:
        picture, drawn: float32 (h, w, 4), premultiplied: a window of the picture, and of what lies
            below the strokes.
        visible: bool (h, w), the strokes' pixels.
        corner: left and top of the window in the picture.
        gradients: whether a paint may be a gradient.
        max_inks: at most so many paints.

    Returns:
        the paints, most frequent first, and int32 (h, w), -1 where not visible; None where the
        strokes are of the colour of what lies below.
    """
    off = np.where(visible[..., None], picture - drawn, np.float32(0.0))
    size = np.linalg.norm(off, axis=2)
    greatest = cv2.dilate(size, np.ones((_AROUND_PX, _AROUND_PX), np.uint8))
    rows, cols = np.nonzero((size >= _PURE_SHARE * greatest) & (size > _MIN_CONTRAST))
    if len(rows) == 0:
        return None
    pixels = picture[rows, cols]
    color = pixels[:, :3] / np.maximum(pixels[:, 3:], 1e-3)
    strength = size[rows, cols]
    x, y = cols + (corner[0] + 0.5), rows + (corner[1] + 0.5)
    paint, rest = fit_paint(x, y, color, gradients)
    if rest <= (_EXPLAINED_RMS if isinstance(paint, Gradient) else 0.5 * _EXPLAINED_RMS):
        return [paint], np.where(visible, 0, -1).astype(np.int32)
    inks: list[Paint] = [
        Flat((float(c[0]), float(c[1]), float(c[2])))
        for c in _inks(
            color, strength, off[rows, cols], drawn[rows, cols], min(max_inks, _MAX_INKS)
        )
    ]
    if len(inks) == 1:
        return inks, np.where(visible, 0, -1).astype(np.int32)
    return inks, _best_ink(off, drawn, visible, inks)


def _inks(color: Float, strength: Float, off: Float, below: Float, most: int) -> list[Float]:
    """Colours of the inks among the purest pixels, most frequent first."""
    inks: list[Float] = []
    left = np.ones(len(color), np.bool_)
    while len(inks) < most and left.any():
        rest, power = color[left], strength[left]
        steps = np.rint(rest * 15.0).astype(np.int64)
        keys = (steps[:, 0] << 8) | (steps[:, 1] << 4) | steps[:, 2]
        values, place = np.unique(keys, return_inverse=True)
        counts = np.bincount(place, weights=power)
        seed = np.median(rest[keys == values[np.argmax(counts)]], axis=0)
        near = np.linalg.norm(rest - seed, axis=1) < _SAME_INK
        if inks and near.sum() < max(3.0, _LEAST_SHARE * len(color)):
            break
        purest = power[near] >= np.quantile(power[near], 1.0 - _PUREST_SHARE)
        ink = np.median(rest[near][purest], axis=0).astype(np.float32)
        inks.append(ink)
        left[np.flatnonzero(left)[near]] = False
        # A paler colour may be the same ink covering less of its pixels.
        left &= _miss(ink, off, below) > _SAME_BLEND**2
    return inks


def _best_ink(
    off: Float, drawn: Float, visible: NDArray[np.bool_], inks: list[Paint]
) -> NDArray[np.int32]:
    """The ink of each seen pixel: which explains it and its neighbours best, blended."""
    misses = []
    for ink in inks:
        assert isinstance(ink, Flat)
        miss = _miss(np.asarray(ink.color, np.float32), off, drawn)
        misses.append(cv2.blur(np.where(visible, miss, np.float32(0.0)), (3, 3)))
    return np.where(visible, np.argmin(misses, axis=0), -1).astype(np.int32)


def _miss(ink: Float, off: Float, below: Float) -> Float:
    """Squared distance of pixels from the nearest blend of an ink with what lies below them."""
    step = np.append(ink, np.float32(1.0)) - below
    square = np.maximum((step * step).sum(axis=-1), 1e-6)
    share = np.clip((off * step).sum(axis=-1) / square, 0.0, 1.0)
    return np.asarray(((off - share[..., None] * step) ** 2).sum(axis=-1), np.float32)
