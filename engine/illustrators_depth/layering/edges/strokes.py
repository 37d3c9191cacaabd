"""Layers of thin strokes: all rim, so their pixels say how much is covered rather than by what.

A pixel of a stroke is a blend of the paint with what lies beside it. The pixels that differ most
from their surroundings are the least blended: they tell the paint.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["ink_color", "is_net", "is_stroke"]

# A layer is a stroke when squares of this side, in pixels, cover no more than this share of it.
_THICK_PX, _THICK_SHARE = 5, 0.35
# In a net of strokes so many pixels differ from a neighbour by so much of the picture's contrast;
# less contrast (sRGB) is the grain of a paper or a photograph.
_NET_SHARE, _STEP_SHARE, _MIN_RANGE = 0.7, 0.25, 0.15
# Rows of a band, and about so many of these are enough.
_BAND_ROWS, _BAND_COUNT = 8, 12
# Less difference than this (sRGB, L2) from the surroundings tells nothing.
_MIN_CONTRAST = 0.06
# The ink is the middle of this share of the least blended pixels: where strokes cross.
_PUREST_SHARE = 0.1
# Of one paint: at most this share of the pixels is this far (sRGB, L2) off the line to the ink.
_MAX_OTHER_SHARE, _OFF_LINE_DISTANCE = 0.1, 0.12
_SQUARE = np.ones((3, 3), np.uint8)


def is_stroke(visible: NDArray[np.bool_]) -> bool:
    """Whether hardly any part of a layer, bool (h, w), is as wide as a few pixels."""
    own = visible.view(np.uint8)
    square = np.ones((_THICK_PX, _THICK_PX), np.uint8)
    few = _THICK_SHARE * cv2.countNonZero(own)
    inner = cv2.erode(own, square, borderValue=1)
    if cv2.countNonZero(inner) > few:  # most layers: no need to look any further
        return False
    return cv2.countNonZero(cv2.dilate(inner, square) & own) <= few


def is_net(seen: NDArray[np.float32], visible: NDArray[np.bool_]) -> bool:
    """Whether a layer is strokes so close that the paper between them counts as theirs.

    Args:
        seen: float32 (h, w, 3 or 4), the picture in a window around the layer.
        visible: bool (h, w), the layer's pixels.
    """
    # Bands of rows, spread evenly; a band's first and last row have no neighbours to compare with.
    height = visible.shape[0]
    step = max(_BAND_ROWS, height // _BAND_COUNT)
    rows = np.concatenate([np.arange(t, t + _BAND_ROWS) for t in range(0, height, step)])
    rows = rows[rows < height]
    inner = (rows % step % (_BAND_ROWS - 1) > 0) if step > _BAND_ROWS else np.ones(len(rows), bool)
    weights = np.array([[1 / 3, 1 / 3, 1 / 3, 0.0]], np.float32)[:, : seen.shape[2]]
    grey = cv2.transform(seen[rows], weights)
    low, high, _, _ = cv2.minMaxLoc(grey)
    steps = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, _SQUARE)[inner][visible[rows[inner]]]
    steep = np.count_nonzero(steps > _STEP_SHARE * (high - low))
    return high - low >= _MIN_RANGE and steep >= _NET_SHARE * max(1, len(steps))


def ink_color(
    pixels: NDArray[np.float32], below: NDArray[np.float32]
) -> tuple[float, float, float] | None:
    """The colour of the paint of strokes, from the pixels at their rims.

    Args:
        pixels: float32 (n, 4), the picture there, premultiplied.
        below: float32 (n, 4), what lies under the strokes, premultiplied.

    Returns:
        sRGB, straight; None where the strokes are nowhere unlike what lies under them, or where
        they are not of one paint (leaves with outlines): then no single colour explains them.
    """
    off = np.linalg.norm(pixels - below, axis=1)
    if len(off) == 0 or float(off.max()) <= _MIN_CONTRAST:
        return None
    purest = pixels[off >= np.quantile(off, 1.0 - _PUREST_SHARE)]
    ink = np.median(purest, axis=0)
    red, green, blue, alpha = ink.tolist()
    if alpha <= _MIN_CONTRAST or not _explains(ink / alpha, pixels, below):
        return None
    return red / alpha, green / alpha, blue / alpha


def _explains(
    ink: NDArray[np.float32], pixels: NDArray[np.float32], below: NDArray[np.float32]
) -> bool:
    """Whether hardly any pixel is something else than more or less ink on what lies below."""
    line = ink - below
    step = pixels - below
    along = np.einsum("ij,ij->i", step, line) / np.maximum(np.einsum("ij,ij->i", line, line), 1e-6)
    rest = np.linalg.norm(step - np.clip(along, 0.0, 1.0)[:, None] * line, axis=1)
    return bool(np.count_nonzero(rest > _OFF_LINE_DISTANCE) <= _MAX_OTHER_SHARE * len(rest))
