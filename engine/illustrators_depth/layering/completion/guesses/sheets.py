"""Sheets that stick out of something, as paper does of a folder, go on as far again as they show.

Three sides of a rectangle are seen, and the edges that are cut off run straight on: where the
fourth side is no one can tell. That half of the sheet is hidden is the guess that is never far off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["rectangle_corners", "sheet_outline"]

# Edges run the same way if the cosine between them is at least this; the cut leans and bends by no
# more than these shares of its length, and so many pixels.
_MIN_PARALLEL, _MAX_LEAN, _MAX_BEND, _BEND_PX = 0.99, 0.04, 0.02, 1.5
# The area enclosed is at least this share of the rectangle around it; a sheet is wider than high by
# this, and its height is at least so many pixels.
_MIN_FULLNESS, _MIN_WIDTHS, _MIN_HEIGHT_PX = 0.93, 1.25, 6.0
# The edge that is seen farther is hidden no longer than this share of what the other one lacks; the
# other lacks at least this share of the width; the rest lies between both, within so many pixels.
_MAX_RIM_SHARE, _MIN_LACK_SHARE, _BETWEEN_PX, _INSIDE_PX = 0.5, 0.25, 2.0, 1.5


def rectangle_corners(
    chain: NDArray[np.float64],
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    leaving: NDArray[np.float64],
    arriving: NDArray[np.float64],
    above: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """The two corners (2, 2) of a rectangle whose fourth side is hidden, and with it more of one
    edge than of the other; None if it is none.

    The edge that is seen farther tells where that side is: only a rim along the side hides it.
    Arguments as of `sheet_outline`; `above` is bool (H, W), where a higher layer is seen.
    """
    way = leaving - arriving
    if float(-(leaving @ arriving)) < _MIN_PARALLEL:
        return None
    way /= np.hypot(*way)
    normal = np.array([-way[1], way[0]])
    across, lack = abs(float((stop - start) @ normal)), float((stop - start) @ way)
    if abs(lack) < _MIN_LACK_SHARE * across:
        return None
    side = (chain - start) @ normal
    if float(np.ptp(side)) > across + _BETWEEN_PX:
        return None
    first, last = (stop, start) if lack > 0.0 else (start, stop)
    # A little inside of the edge: what hides both may end right at it.
    first = first + _INSIDE_PX * np.sign((last - first) @ normal) * normal
    steps = np.arange(0.5, _MAX_RIM_SHARE * abs(lack))[:, None]
    col, row = np.floor(first + steps * way).astype(np.intp).T
    inside = (col >= 0) & (row >= 0) & (col < above.shape[1]) & (row < above.shape[0])
    if not inside.all() or above[row, col].all():
        return None
    rim = float(np.argmin(above[row, col]))
    if rim == 0.0:
        return None
    return np.stack([start + (rim + max(lack, 0.0)) * way, stop + (rim + max(-lack, 0.0)) * way])


def sheet_outline(
    chain: NDArray[np.float64],
    border: NDArray[np.float64],
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    leaving: NDArray[np.float64],
    arriving: NDArray[np.float64],
) -> NDArray[np.float64] | None:
    """The hidden outline of a sheet, from where it is cut off to where it shows again.

    Args:
        chain: float64 (n, 2), x and y, all that is seen of the outline, from `stop` to `start`.
        border: float64 (m, 2), along which it is cut off.
        start, stop: (2,), the ends of what is seen.
        leaving, arriving: (2,), unit vectors along the outline there.

    Returns:
        float64 (n, 2), the mirror image of what is seen; None if that is no sheet.
    """
    across = stop - start
    width = float(np.hypot(*across))
    if width == 0.0 or float(-(leaving @ arriving)) < _MIN_PARALLEL:
        return None
    along = across / width
    way = np.array([along[1], -along[0]])
    way *= np.sign(way @ (leaving - arriving))
    if max(abs(float(along @ leaving)), abs(float(along @ arriving))) > _MAX_LEAN:
        return None
    if np.abs((border - start) @ way).max(initial=0.0) > _MAX_BEND * width + _BEND_PX:
        return None
    height = (start - chain) @ way
    side = (chain - start) @ along
    high, wide = float(height.max()), float(np.ptp(side))
    if high < _MIN_HEIGHT_PX or width < _MIN_WIDTHS * high:
        return None
    step = np.diff(side, append=side[:1])
    area = abs(float((step * 0.5 * (height + np.roll(height, -1))).sum()))
    if area < _MIN_FULLNESS * high * wide:
        return None
    return np.asarray((chain + 2.0 * height[:, None] * way)[::-1])
