"""Rods go on under what they are stuck into as far as its middle.

The hand of a clock under its hub, a limb under a body: long parallel edges say that something goes
on, and nothing says where it ends. Where it is stuck into something no wider than itself, as a cap,
it ends at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["rod_depth"]

# Edges run the same way if the cosine between them is at least this, and end side by side if the
# chord between their ends leans by no more than this share.
_MIN_PARALLEL, _MAX_LEAN = 0.97, 0.5
# Both edges are straight for so many times the rod's width.
_MIN_LENGTH_WIDTHS = 2.0
# It goes on for this share of what hides it, which is wider there by this share of the rod's width,
# and so many pixels, to both sides.
_DEPTH_SHARE, _WIDER_SHARE, _WIDER_PX = 0.5, 0.25, 1.0


def rod_depth(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    leaving: NDArray[np.float64],
    arriving: NDArray[np.float64],
    support: float,
    above: NDArray[np.bool_],
) -> tuple[float, NDArray[np.float64]] | None:
    """How far a rod goes on before it ends, in pixels, and its unit vector; None if it is no rod.

    Args:
        start, stop: (2,), x and y, where both of its edges are cut off.
        leaving, arriving: (2,), unit vectors along the outline there.
        support: pixels for which both edges are straight.
        above: bool (H, W), where a higher layer is seen.
    """
    across = stop - start
    width = float(np.hypot(*across))
    if float(-(leaving @ arriving)) < _MIN_PARALLEL or support < _MIN_LENGTH_WIDTHS * width:
        return None
    way = leaving - arriving
    way /= np.hypot(*way)
    if abs(float(across @ way)) > _MAX_LEAN * width:
        return None
    steps = np.arange(1.0, float(sum(above.shape)))[:, None]
    inside, hidden = _lookup(0.5 * (start + stop) + steps * way, above)
    if not inside.all():
        # What leaves the picture has no middle.
        inside[int(np.argmin(inside)) :] = False
    if bool(hidden[inside].all()):
        return None
    depth = _DEPTH_SHARE * float(np.argmin(hidden))
    aside = across * (_WIDER_SHARE + _WIDER_PX / max(width, 1.0))
    corners = np.stack([start - aside, stop + aside]) + depth * way
    return (depth, way) if _lookup(corners, above)[1].all() else None


def _lookup(
    points: NDArray[np.float64], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which points lie in the picture, and which of those on a mask."""
    col, row = np.floor(points).astype(np.intp).T
    height, width = mask.shape
    inside = (col >= 0) & (row >= 0) & (col < width) & (row < height)
    return inside, inside & mask[np.clip(row, 0, height - 1), np.clip(col, 0, width - 1)]
