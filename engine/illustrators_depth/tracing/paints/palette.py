"""The few flat colours of a layer made of flat areas, without segmenting the picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.nearest import spread_known
from ...raster.tiling import nonzero_places
from ...raster.window import mask_window

__all__ = ["flat_parts"]

_BITS = 6
_LEVELS = 1 << _BITS
# Colours this near (sRGB, L2) are one entry; a pixel this near to an entry is of it.
_SAME_COLOR_DISTANCE = 0.03
# The entries must hold this share of the pixels, the rest being anti-aliased blends.
_MIN_COVERED_SHARE = 0.85
# Entries are looked for where colour varies by less than this (8-bit) from pixel to pixel; each
# must have this share of those pixels, and be this pure (RMS), or it is part of a gradient.
_EVEN_RANGE = 4
_MIN_ENTRY_SHARE = 0.0002
_MAX_ENTRY_RMS = 0.006
_MIN_EXPLAINED_SHARE = 0.97
_MAX_SAMPLES = 16384
_MAX_COLORS = 16


def flat_parts(
    rgba: NDArray[np.float32],
    seen: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    least_area: float,
) -> tuple[NDArray[np.float32], NDArray[np.int32]] | None:
    """Tell the flat colours of a layer apart.

    Args:
        rgba: float32 (h, w, 4), 0..1; of colours alone.
        seen: bool (h, w), the pixels that decide which colours there are.
        inside: bool (h, w), the pixels to assign.
        least_area: smaller connected parts are joined to what is around them, in pixels.

    Returns:
        colours float32 (k, 3), most frequent first, and int32 (h, w), which of them each pixel
        has, -1 outside; None when the layer is not made of a few flat colours.
    """
    even = _even(rgba, seen)
    if len(even) == 0:
        return None
    flat_rgba = rgba.reshape(-1, 4)
    colors = _entries(flat_rgba[even[:: max(1, len(even) // _MAX_SAMPLES)], :3])
    if colors is None:
        return None
    table = _lookup(colors)
    pixels = np.flatnonzero(seen)
    sample = flat_rgba[pixels[:: max(1, len(pixels) // _MAX_SAMPLES)]]
    if float((table[_code(sample[:, None])] >= 0).mean()) < _MIN_COVERED_SHARE:
        return None
    if len(colors) == 1:
        return colors, np.where(inside, 0, -1).astype(np.int32)
    found = np.where(inside, table[_code(rgba)], np.int32(-1))
    for number in range(len(colors)):
        _drop_specks(found, number, least_area)
    known = found >= 0
    if not known.any():
        return None
    spread = spread_known(found, known, cv2.DIST_MASK_3)
    return colors, np.where(inside, spread, -1).astype(np.int32)


def _even(rgba: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Flat indices of the seen pixels around which colour hardly varies."""
    box = mask_window(seen, margin=1)
    part = cv2.cvtColor(cv2.convertScaleAbs(rgba[box], alpha=255.0), cv2.COLOR_RGBA2RGB)
    spread = cv2.morphologyEx(part, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    # NumPy's maximum over three channels is ten times slower.
    red, green, blue = cv2.split(spread)
    rows, cols = nonzero_places(seen[box] & (cv2.max(cv2.max(red, green), blue) <= _EVEN_RANGE))
    return (rows + box[0].start) * seen.shape[1] + cols + box[1].start


def _code(colors: NDArray[np.float32]) -> NDArray[np.int32]:
    """Place of colours (h, w, 4) in the table of quantised colours, int32 (h, w)."""
    steps = cv2.split(cv2.convertScaleAbs(colors, alpha=float(_LEVELS - 1)))
    red, green, blue = (channel.astype(np.int32) for channel in steps[:3])
    return (red << 2 * _BITS) | (green << _BITS) | blue


def _entries(sample: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The flat colours of even pixels, most frequent first; None when there are too many."""
    left = sample
    colors: list[NDArray[np.float32]] = []
    covered = 0
    while len(left) and len(colors) < _MAX_COLORS:
        steps = np.rint(left * (_LEVELS - 1)).astype(np.int64)
        keys = (steps[:, 0] << 2 * _BITS) | (steps[:, 1] << _BITS) | steps[:, 2]
        values, counts = np.unique(keys, return_counts=True)
        seed = left[keys == values[np.argmax(counts)]].mean(axis=0)
        near = np.linalg.norm(left - seed, axis=1) < _SAME_COLOR_DISTANCE
        if near.sum() < max(2.0, _MIN_ENTRY_SHARE * len(sample)):
            break
        color = np.median(left[near], axis=0)
        if float(np.sqrt(((left[near] - color) ** 2).mean())) > _MAX_ENTRY_RMS:
            return None
        colors.append(color)
        covered += int(near.sum())
        left = left[~near]
    if covered < _MIN_EXPLAINED_SHARE * len(sample):
        return None
    return np.stack(colors).astype(np.float32)


def _lookup(colors: NDArray[np.float32]) -> NDArray[np.int32]:
    """Entry of every quantised colour, -1 where none is near."""
    axis = np.arange(_LEVELS, dtype=np.float32) / (_LEVELS - 1)
    best = np.full((_LEVELS,) * 3, (_SAME_COLOR_DISTANCE + 0.5 / _LEVELS) ** 2, np.float32)
    table = np.full((_LEVELS,) * 3, -1, np.int32)
    for number, color in enumerate(colors):
        red, green, blue = ((axis - channel) ** 2 for channel in color)
        distance = red[:, None, None] + green[None, :, None] + blue[None, None, :]
        nearer = distance < best
        best[nearer] = distance[nearer]
        table[nearer] = number
    return table.ravel()


def _drop_specks(found: NDArray[np.int32], number: int, least_area: float) -> None:
    """Unassign connected parts of one colour below an area, in place."""
    own = (found == number).astype(np.uint8)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(own, connectivity=8)
    small = stats[:, cv2.CC_STAT_AREA] < least_area
    small[0] = False
    if count > 1 and small.any():
        found[small[parts]] = -1
