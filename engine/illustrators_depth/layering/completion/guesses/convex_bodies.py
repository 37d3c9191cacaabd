"""Paint in an outline that is thick on one side fills it, where all of it is one convex body.

The shade of a ball merges with the stroke around it, the shadow of a coin with its edge: the nearer
side would end half way into the shade. An even stroke along the rest tells how far the paint goes
under it, and the outer outline tells the rest.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ....raster.window import mask_window

__all__ = ["convex_hull", "convex_paint"]

# The body's share of its convex hull, and the share of the body that is known to be the layer's.
_MIN_SOLIDITY, _MIN_KNOWN_SHARE = 0.95, 0.5
# The stroke's width is the distance to what is known of which this share of the outer outline is no
# farther away; at least this share of it is as far, within this share and so many pixels.
_STROKE_QUANTILE, _MIN_EVEN_SHARE, _SAME_SHARE, _SAME_PX = 0.35, 0.3, 0.3, 1.0
# Somewhere it is so many times as thick, and so many pixels more: else it is only a stroke.
_MIN_THICK_WIDTHS, _THICK_PX = 2.0, 1.0
# A stroke no wider than so many pixels is none, and a rim hides no more than this share.
_MIN_STROKE_PX, _MAX_RIM_SHARE = 1.5, 0.06
# The paint goes on to the middle of the stroke.
_UNDER_SHARE = 0.5
# With more bodies than this it is noise.
_MAX_BODIES = 16
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def convex_paint(
    clear: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    open_border: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """The unclear pixels that fill convex bodies together with what is clear.

    Args:
        clear: bool (h, w), what is the layer's for certain.
        unclear: bool (h, w), hidden pixels in cells that both sides lay claim to.
        open_border: bool (h, w), pixels at which the window cuts off more of the picture.

    Returns:
        bool (h, w); None where the window is too small to tell.
    """
    paint = np.zeros(clear.shape, bool)
    body = (clear | unclear).view(np.uint8)
    count, bodies = cv2.connectedComponents(body, connectivity=8, ltype=cv2.CV_32S)
    if count > _MAX_BODIES:
        return paint
    for number in range(1, count):
        whole = bodies == number
        known = np.count_nonzero(clear & whole)
        size = np.count_nonzero(whole)
        if known == size or known < _MIN_KNOWN_SHARE * size:
            continue
        box = mask_window(whole, 1)
        part = whole[box]
        if size >= _MIN_SOLIDITY * np.count_nonzero(convex_hull(part)):
            if (whole & open_border).any():
                return None
            paint[box] |= _under_stroke(part, clear[box]) & unclear[box]
    return paint


def _under_stroke(body: NDArray[np.bool_], clear: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A body without the outer half of the stroke along it; nothing if there is no such stroke."""
    outside = (~body).view(np.uint8)
    outline = body & (cv2.dilate(outside, _CROSS) > 0)
    to_clear = cv2.distanceTransform((~clear).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    thickness = to_clear[outline]
    width = float(np.quantile(thickness, _STROKE_QUANTILE)) if len(thickness) else 0.0
    even = np.abs(thickness - width) <= _SAME_SHARE * width + _SAME_PX
    is_stroke = len(thickness) > 0 and even.mean() >= _MIN_EVEN_SHARE
    # An outline that is mostly seen itself has no stroke: there is only a rim of light or shade.
    hidden_share = 1.0 - np.count_nonzero(clear & body) / np.count_nonzero(body)
    is_stroke &= width > _MIN_STROKE_PX or hidden_share < _MAX_RIM_SHARE
    if not is_stroke or thickness.max() < _MIN_THICK_WIDTHS * width + _THICK_PX:
        return np.zeros_like(body)
    to_outside = cv2.distanceTransform(1 - outside, cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(body & (to_outside > _UNDER_SHARE * width))


def convex_hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The convex hull of a mask, bool (h, w)."""
    filled = np.zeros(mask.shape, np.uint8)
    rows = np.flatnonzero(mask.any(axis=1))
    if len(rows):
        # The first and the last of each row are enough.
        first = mask[rows].argmax(axis=1)
        last = mask.shape[1] - 1 - mask[rows, ::-1].argmax(axis=1)
        ends = np.stack([np.concatenate([first, last]), np.tile(rows, 2)], axis=1)
        cv2.fillConvexPoly(filled, cv2.convexHull(ends.astype(np.int32)[:, None]), 1)
    return filled.view(np.bool_)
