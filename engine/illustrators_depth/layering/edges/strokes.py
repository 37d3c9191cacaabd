"""Tells layers of thin strokes from others, and the colour of their paint.

A thin stroke is all edge: each of its pixels is a blend of the paint with what lies beside it. The
pixels that differ most from their surroundings are the least blended, and give the paint's colour.
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
# A net is looked for in bands: rows of each, and about how many are enough.
_BAND_ROWS, _BAND_COUNT = 8, 12
# Pixels that differ by less (sRGB, L2) from their surroundings say nothing about the paint.
_MIN_CONTRAST = 0.06
# The ink is the median of this share of the pixels, the least blended: where strokes cross.
_PUREST_SHARE = 0.1
# Strokes are of one paint if at most this share of their pixels is this far (sRGB, L2) off the line
# from what lies below to the ink.
_MAX_OTHER_SHARE, _OFF_LINE_DISTANCE = 0.1, 0.12
_SQUARE = np.ones((3, 3), np.uint8)


def is_stroke(visible: NDArray[np.bool_]) -> bool:
    """Whether hardly any part of a layer, bool (h, w), is as wide as a few pixels."""
    pixels = visible.view(np.uint8)
    square = np.ones((_THICK_PX, _THICK_PX), np.uint8)
    max_thick = _THICK_SHARE * cv2.countNonZero(pixels)
    eroded = cv2.erode(pixels, square, borderValue=1)
    if cv2.countNonZero(eroded) > max_thick:  # most layers: the dilation need not be made
        return False
    return cv2.countNonZero(cv2.dilate(eroded, square) & pixels) <= max_thick


def is_net(pixels: NDArray[np.float32], visible: NDArray[np.bool_]) -> bool:
    """Whether a layer is strokes so close that its pixels include the paper between them.

    Args:
        pixels: float32 (h, w, 3 or 4), the picture in a window around the layer.
        visible: bool (h, w), the layer's pixels.
    """
    # Bands of rows, spread evenly; a band's first and last row have no neighbours to compare with.
    height = visible.shape[0]
    step = max(_BAND_ROWS, height // _BAND_COUNT)
    rows = np.concatenate([np.arange(top, top + _BAND_ROWS) for top in range(0, height, step)])
    rows = rows[rows < height]
    is_inner = (
        (rows % step % (_BAND_ROWS - 1) > 0) if step > _BAND_ROWS else np.ones(len(rows), bool)
    )
    weights = np.array([[1 / 3, 1 / 3, 1 / 3, 0.0]], np.float32)[:, : pixels.shape[2]]
    grey = cv2.transform(pixels[rows], weights)
    low, high, _, _ = cv2.minMaxLoc(grey)
    contrast = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, _SQUARE)[is_inner][
        visible[rows[is_inner]]
    ]
    steep_count = np.count_nonzero(contrast > _STEP_SHARE * (high - low))
    return high - low >= _MIN_RANGE and steep_count >= _NET_SHARE * max(1, len(contrast))


def ink_color(
    pixels: NDArray[np.float32], below: NDArray[np.float32]
) -> tuple[float, float, float] | None:
    """The colour of the paint of strokes, from the pixels at their rims.

    Args:
        pixels: float32 (n, 4), the picture there, premultiplied.
        below: float32 (n, 4), what lies under the strokes, premultiplied.

    Returns:
        sRGB 0..1, straight; None where the strokes hardly differ from what lies under them, or
        where they are not of one paint (leaves with outlines) and no single colour explains them.
    """
    difference = np.linalg.norm(pixels - below, axis=1)
    if len(difference) == 0 or float(difference.max()) <= _MIN_CONTRAST:
        return None
    purest = pixels[difference >= np.quantile(difference, 1.0 - _PUREST_SHARE)]
    ink = np.median(purest, axis=0)
    red, green, blue, alpha = ink.tolist()
    if alpha <= _MIN_CONTRAST or not _explains(ink / alpha, pixels, below):
        return None
    return red / alpha, green / alpha, blue / alpha


def _explains(
    ink: NDArray[np.float32], pixels: NDArray[np.float32], below: NDArray[np.float32]
) -> bool:
    """Whether nearly all pixels are blends of the ink (4,) with what lies below them (n, 4)."""
    line = ink - below
    difference = pixels - below
    share = np.einsum("ij,ij->i", difference, line) / np.maximum(
        np.einsum("ij,ij->i", line, line), 1e-6
    )
    off_line = np.linalg.norm(difference - np.clip(share, 0.0, 1.0)[:, None] * line, axis=1)
    return bool(np.count_nonzero(off_line > _OFF_LINE_DISTANCE) <= _MAX_OTHER_SHARE * len(off_line))
