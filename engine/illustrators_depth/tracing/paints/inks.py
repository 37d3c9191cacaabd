"""The paints of thin strokes: all rim, so their pixels are blends, and few of them show a paint.

The pixels that differ most from what lies below are the least blended: they tell the paints. Where
strokes of several colours cross, every pixel belongs to the paint that, blended with what lies
below, explains it best.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import nonzero_places
from ...raster.window import mask_window
from .paint import Flat, Gradient, Paint, fit_paint

__all__ = ["ink_parts"]

Float = NDArray[np.float32]
Places = tuple[NDArray[np.intp], ...]

# Least blended: at least this share of the greatest difference so many pixels around.
_PURE_SHARE, _AROUND_PX = 0.85, 5
# Less difference than this (premultiplied RGBA, L2) from what lies below tells nothing.
_MIN_CONTRAST = 0.06
# One paint explains strokes whose purest pixels it misses by no more (sRGB, RMS).
_EXPLAINED_RMS = 0.04
# Pure pixels this near (sRGB, L2) are of one ink; an ink has at least this share of them.
_SAME_INK_DISTANCE, _MIN_INK_SHARE = 0.14, 0.03
_MAX_INKS = 8
_SAME_BLEND_DISTANCE = 0.1
# The ink is the middle of this share of its purest pixels.
_PUREST_SHARE = 0.3
# Where colour varies by less than this from pixel to pixel (sRGB), an area is covered wholly.
_EVEN_RANGE = 0.05


@dataclass(frozen=True)
class _Strokes:
    """A window of `ink_parts`' arguments."""

    picture: Float
    drawn: Float
    visible: NDArray[np.bool_]
    corner: tuple[int, int]


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
    if not visible.any():
        return None
    box = mask_window(visible, margin=_AROUND_PX)
    inner = corner[0] + box[1].start, corner[1] + box[0].start
    strokes = _Strokes(picture[box], drawn[box], visible[box], inner)
    parts = _parts(strokes, gradients, min(max_inks, _MAX_INKS))
    if parts is None:
        return None
    whole = np.full(visible.shape, -1, np.int32)
    whole[box] = parts[1]
    return parts[0], whole


def _parts(
    strokes: _Strokes, gradients: bool, most: int
) -> tuple[list[Paint], NDArray[np.int32]] | None:
    """As `ink_parts`, in the window of the strokes."""
    picture, drawn, visible = strokes.picture, strokes.drawn, strokes.visible
    at = nonzero_places(visible)
    below = drawn[at]
    off = picture[at] - below
    strength = np.sqrt(np.einsum("ij,ij->i", off, off))
    size = np.zeros(visible.shape, np.float32)
    size[at] = strength
    greatest = strength
    for near in _neighbours(at, visible.shape, _AROUND_PX // 2):
        greatest = np.maximum(greatest, size.take(near))
    even = _even(picture, visible, at)
    pure = ((strength >= _PURE_SHARE * greatest) | even) & (strength > _MIN_CONTRAST)
    if not pure.any():
        return None
    rows, cols = at[0][pure], at[1][pure]
    pixels = picture[rows, cols]
    color = pixels[:, :3] / np.maximum(pixels[:, 3:], 1e-3)
    x, y = cols + (strokes.corner[0] + 0.5), rows + (strokes.corner[1] + 0.5)
    paint, rest = fit_paint(x, y, color, gradients)
    if rest <= (_EXPLAINED_RMS if isinstance(paint, Gradient) else 0.5 * _EXPLAINED_RMS):
        return [paint], np.where(visible, 0, -1).astype(np.int32)
    colors = _inks(color, strength[pure], off[pure], below[pure], even[pure], most)
    inks: list[Paint] = [Flat((float(c[0]), float(c[1]), float(c[2]))) for c in colors]
    if len(inks) == 1:
        return inks, np.where(visible, 0, -1).astype(np.int32)
    return inks, _best_ink(at, visible, off, below, even, inks)


def _neighbours(at: Places, shape: tuple[int, ...], reach: int) -> Iterator[NDArray[np.intp]]:
    """Flat indices (n,) of the pixels around each pixel, mirrored at the window's border.

    Strokes are a hundredth of their window: filters over all of it would take the longest.
    """
    steps = range(-reach, reach + 1)
    rows, cols = (
        [np.clip(end - np.abs(end - np.abs(index + step)), 0, end) for step in steps]
        for index, end in zip(at, (shape[0] - 1, shape[1] - 1), strict=True)
    )
    for row in rows:
        for col in cols:
            yield row * shape[1] + col


def _even(picture: Float, visible: NDArray[np.bool_], at: Places) -> NDArray[np.bool_]:
    """Which of the pixels `at` lie inside areas of one colour: these are no blends, bool (n,)."""
    pixels = np.ascontiguousarray(picture).reshape(-1, 4)
    inner = np.ones(len(at[0]), np.bool_)
    low, high = pixels[:0], pixels[:0]
    for near in _neighbours(at, visible.shape, 1):
        inner &= visible.take(near)
        color = pixels.take(near, axis=0)
        low, high = (np.minimum(low, color), np.maximum(high, color)) if len(low) else (color,) * 2
    red, green, blue, alpha = (high - low).T
    spread = np.maximum(np.maximum(red, green), np.maximum(blue, alpha))
    return inner & (spread < _EVEN_RANGE)


def _inks(
    color: Float, strength: Float, off: Float, below: Float, even: NDArray[np.bool_], most: int
) -> list[Float]:
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
        near = np.linalg.norm(rest - seed, axis=1) < _SAME_INK_DISTANCE
        if inks and near.sum() < max(3.0, _MIN_INK_SHARE * len(color)):
            break
        purest = power[near] >= np.quantile(power[near], 1.0 - _PUREST_SHARE)
        ink = np.median(rest[near][purest], axis=0).astype(np.float32)
        left[np.flatnonzero(left)[near]] = False
        # A paler colour may be the same ink covering less of its pixels, or two inks side by side.
        left &= (_miss(ink, off, below) > _SAME_BLEND_DISTANCE**2) | even
        for other in inks:
            left &= (_from_blends(color, ink, other) > _SAME_BLEND_DISTANCE**2) | even
        inks.append(ink)
    return inks


def _best_ink(
    at: Places,
    visible: NDArray[np.bool_],
    own: Float,
    below: Float,
    whole: NDArray[np.bool_],
    inks: list[Paint],
) -> NDArray[np.int32]:
    """The ink of each seen pixel: which explains it and its neighbours best, blended.

    `own`, `below` and `whole` are of the pixels `at`: what they add to what lies below them, that,
    and whether they are covered wholly.
    """
    total = own[whole] + below[whole]
    near = list(_neighbours(at, visible.shape, 1))
    least = np.full(len(own), np.inf)
    best = np.full(visible.shape, -1, np.int32)
    number_at = np.zeros(len(own), np.int32)
    field = np.zeros(visible.shape, np.float32)
    for number, ink in enumerate(inks):
        assert isinstance(ink, Flat)
        color = np.asarray(ink.color, np.float32)
        miss = _miss(color, own, below)
        rest = total - np.append(color, np.float32(1.0))
        miss[whole] = np.einsum("ij,ij->i", rest, rest)
        field[at] = miss
        around = np.zeros(len(own))
        for places in near:
            around += field.take(places)
        better = around < least
        least[better] = around[better]
        number_at[better] = number
    best[at] = number_at
    return best


def _from_blends(color: Float, one: Float, other: Float) -> Float:
    """Squared distance of colours (n, 3) from the nearest blend of two inks."""
    step = other - one
    share = np.clip((color - one) @ step / max(float(step @ step), 1e-6), 0.0, 1.0)
    rest = color - one - share[:, None] * step
    return np.asarray(np.einsum("ij,ij->i", rest, rest), np.float32)


def _miss(ink: Float, off: Float, below: Float) -> Float:
    """Squared distance of pixels from the nearest blend of an ink with what lies below them."""
    step = np.append(ink, np.float32(1.0)) - below
    square = np.maximum(np.einsum("ij,ij->i", step, step), 1e-6)
    share = np.clip(np.einsum("ij,ij->i", off, step) / square, 0.0, 1.0)
    rest = off - share[:, None] * step
    return np.asarray(np.einsum("ij,ij->i", rest, rest), np.float32)
