"""Finds the paints ("inks") of thin strokes, most of whose pixels are anti-aliased blends.

The pixels that differ most from what lies below are the least blended: they tell the paints. Where
strokes of several colours cross, every pixel belongs to the ink whose blends with what lies below
come nearest to it.
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
"""Rows and columns of n pixels, counted within a window."""

# A pixel is pure if it differs from what lies below by at least this share of the greatest such
# difference in a square of so many pixels a side around it.
_PURE_SHARE, _AROUND_PX = 0.85, 5
# Less difference than this (premultiplied RGBA, L2) from what lies below tells nothing.
_MIN_CONTRAST = 0.06
# One gradient is enough if it misses the pure pixels by no more than this (sRGB, RMS), one flat
# paint if it misses them by half of it.
_EXPLAINED_RMS = 0.04
# Pure pixels this near (sRGB, L2) are of one ink.
_SAME_INK_DISTANCE = 0.14
# A further ink has at least this share of the pure pixels, and so many.
_MIN_INK_SHARE, _MIN_INK_PIXELS = 0.03, 3.0
_MAX_INKS = 8
# A pixel this near (L2) to a blend of an ink needs no ink of its own.
_SAME_BLEND_DISTANCE = 0.1
# An ink's colour is the median of this share of its pixels, those that differ most.
_PUREST_SHARE = 0.3
# Where colour varies by less than this from pixel to pixel (sRGB), an area is covered wholly.
_EVEN_RANGE = 0.05
# Keep divisions by an alpha or by the difference of equal colours finite.
_MIN_ALPHA, _MIN_SQUARE = 1e-3, 1e-6


@dataclass(frozen=True)
class _Strokes:
    """The arguments of `ink_parts` of these names, cut to the strokes' window."""

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
    """Paints of a layer of strokes, and which of them each visible pixel has.

    Args:
        picture, drawn: float32 (h, w, 4), sRGB and alpha, premultiplied: a window of the picture,
            and of what lies below the strokes.
        visible: bool (h, w), the strokes' pixels.
        corner: left and top of the window in the picture.
        gradients: whether a paint may be a gradient.
        max_inks: at most so many paints.

    Returns:
        the paints, most frequent first, and int32 (h, w), index into them, -1 where not visible;
        None where the strokes are of the colour of what lies below.
    """
    if not visible.any():
        return None
    box = mask_window(visible, margin=_AROUND_PX)
    inner = corner[0] + box[1].start, corner[1] + box[0].start
    strokes = _Strokes(picture[box], drawn[box], visible[box], inner)
    parts = _parts(strokes, gradients, min(max_inks, _MAX_INKS))
    if parts is None:
        return None
    numbers = np.full(visible.shape, -1, np.int32)
    numbers[box] = parts[1]
    return parts[0], numbers


def _parts(
    strokes: _Strokes, gradients: bool, max_inks: int
) -> tuple[list[Paint], NDArray[np.int32]] | None:
    """As `ink_parts`, in the window of the strokes."""
    picture, drawn, visible = strokes.picture, strokes.drawn, strokes.visible
    places = nonzero_places(visible)
    below = drawn[places]
    added = picture[places] - below
    strength = np.sqrt(np.einsum("ij,ij->i", added, added))
    strength_map = np.zeros(visible.shape, np.float32)
    strength_map[places] = strength
    greatest = strength
    for near in _neighbours(places, visible.shape, _AROUND_PX // 2):
        greatest = np.maximum(greatest, strength_map[near])
    even = _even(picture, visible, places)
    pure = ((strength >= _PURE_SHARE * greatest) | even) & (strength > _MIN_CONTRAST)
    if not pure.any():
        return None
    rows, cols = places[0][pure], places[1][pure]
    pixels = picture[rows, cols]
    color = pixels[:, :3] / np.maximum(pixels[:, 3:], _MIN_ALPHA)
    x, y = cols + (strokes.corner[0] + 0.5), rows + (strokes.corner[1] + 0.5)
    paint, rms = fit_paint(x, y, color, gradients)
    if rms <= (_EXPLAINED_RMS if isinstance(paint, Gradient) else 0.5 * _EXPLAINED_RMS):
        return [paint], np.where(visible, 0, -1).astype(np.int32)
    colors = _inks(color, strength[pure], added[pure], below[pure], even[pure], max_inks)
    inks: list[Paint] = [Flat((float(c[0]), float(c[1]), float(c[2]))) for c in colors]
    if len(inks) == 1:
        return inks, np.where(visible, 0, -1).astype(np.int32)
    return inks, _best_ink(places, visible, added, below, even, inks)


def _neighbours(places: Places, shape: tuple[int, ...], reach: int) -> Iterator[Places]:
    """Rows and columns (n,) of pixels around `places`, by direction, mirrored at the border.

    `shape` is the window's; `reach` is how far around, in pixels: the square's half side.
    Strokes are a hundredth of their window: filters over all of it would take the longest.
    """
    steps = range(-reach, reach + 1)
    rows, cols = (
        [np.clip(end - np.abs(end - np.abs(index + step)), 0, end) for step in steps]
        for index, end in zip(places, (shape[0] - 1, shape[1] - 1), strict=True)
    )
    for row in rows:
        for col in cols:
            yield row, col


def _even(picture: Float, visible: NDArray[np.bool_], places: Places) -> NDArray[np.bool_]:
    """Which pixels lie inside visible areas of one colour: these are no blends, bool (n,)."""
    inner = np.ones(len(places[0]), np.bool_)
    low = high = picture[places]
    for near in _neighbours(places, visible.shape, 1):
        inner &= visible[near]
        color = picture[near]
        low, high = np.minimum(low, color), np.maximum(high, color)
    red, green, blue, alpha = (high - low).T
    spread = np.maximum(np.maximum(red, green), np.maximum(blue, alpha))
    return inner & (spread < _EVEN_RANGE)


def _inks(
    color: Float,
    strength: Float,
    added: Float,
    below: Float,
    even: NDArray[np.bool_],
    max_inks: int,
) -> list[Float]:
    """Colours of the inks among the purest pixels, most frequent first.

    Args:
        color: float32 (n, 3), sRGB, of the pixels.
        strength: float32 (n,), how far each differs from what lies below it.
        added, below: float32 (n, 4), premultiplied: that difference, and what lies below.
        even: bool (n,), pixels inside areas of one colour, which are blends of nothing.
        max_inks: at most so many.

    Returns:
        float32 (3,), sRGB, of each ink.
    """
    inks: list[Float] = []
    left = np.ones(len(color), np.bool_)
    while len(inks) < max_inks and left.any():
        left_color, left_strength = color[left], strength[left]
        # The fullest cell of a grid of colours, 16 a channel, gives the first guess.
        steps = np.rint(left_color * 15.0).astype(np.int64)
        keys = (steps[:, 0] << 8) | (steps[:, 1] << 4) | steps[:, 2]
        values, cell = np.unique(keys, return_inverse=True)
        counts = np.bincount(cell, weights=left_strength)
        seed = np.median(left_color[keys == values[np.argmax(counts)]], axis=0)
        near = np.linalg.norm(left_color - seed, axis=1) < _SAME_INK_DISTANCE
        if inks and near.sum() < max(_MIN_INK_PIXELS, _MIN_INK_SHARE * len(color)):
            break
        limit = np.quantile(left_strength[near], 1.0 - _PUREST_SHARE)
        ink = np.median(left_color[near][left_strength[near] >= limit], axis=0).astype(np.float32)
        left[np.flatnonzero(left)[near]] = False
        # A paler colour may be the same ink covering less of its pixels, or two inks side by side.
        left &= (_from_ink(ink, added, below) > _SAME_BLEND_DISTANCE**2) | even
        for earlier in inks:
            left &= (_from_blends(color, ink, earlier) > _SAME_BLEND_DISTANCE**2) | even
        inks.append(ink)
    return inks


def _best_ink(
    places: Places,
    visible: NDArray[np.bool_],
    added: Float,
    below: Float,
    even: NDArray[np.bool_],
    inks: list[Paint],
) -> NDArray[np.int32]:
    """The ink of each visible pixel: that whose blends miss it and its neighbours least.

    Args:
        places: rows and columns of the visible pixels, n of each.
        visible: bool (h, w).
        added, below: float32 (n, 4), premultiplied: how picture and drawing differ at `places`, and
            the drawing there.
        even: bool (n,), pixels inside areas of one colour: an ink covers them wholly.
        inks: flat paints.

    Returns:
        int32 (h, w), index into `inks`, -1 where not visible.
    """
    even_color = added[even] + below[even]
    near = list(_neighbours(places, visible.shape, 1))
    lowest_miss = np.full(len(added), np.inf)
    best = np.full(visible.shape, -1, np.int32)
    best_number = np.zeros(len(added), np.int32)
    miss_map = np.zeros(visible.shape, np.float32)
    for number, ink in enumerate(inks):
        assert isinstance(ink, Flat)
        color = np.asarray(ink.color, np.float32)
        miss = _from_ink(color, added, below)
        difference = even_color - np.append(color, np.float32(1.0))
        miss[even] = np.einsum("ij,ij->i", difference, difference)
        miss_map[places] = miss
        around = np.zeros(len(added))
        for neighbours in near:
            around += miss_map[neighbours]
        better = around < lowest_miss
        lowest_miss[better] = around[better]
        best_number[better] = number
    best[places] = best_number
    return best


def _from_blends(color: Float, first_ink: Float, second_ink: Float) -> Float:
    """Squared distance (n,) of colours (n, 3) from the nearest blend of two inks (3,)."""
    step = second_ink - first_ink
    share = np.clip((color - first_ink) @ step / max(float(step @ step), _MIN_SQUARE), 0.0, 1.0)
    rest = color - first_ink - share[:, None] * step
    return np.asarray(np.einsum("ij,ij->i", rest, rest), np.float32)


def _from_ink(ink: Float, added: Float, below: Float) -> Float:
    """Squared distance (n,) of pixels from the nearest blend of an ink (3,) with what lies below.

    `added` and `below`, (n, 4): the pixels' difference from what lies below, and that.
    """
    step = np.append(ink, np.float32(1.0)) - below
    square = np.maximum(np.einsum("ij,ij->i", step, step), _MIN_SQUARE)
    share = np.clip(np.einsum("ij,ij->i", added, step) / square, 0.0, 1.0)
    rest = added - share[:, None] * step
    return np.asarray(np.einsum("ij,ij->i", rest, rest), np.float32)
