"""Which hidden pixels lie on a layer's side of the curves that divide them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Sides", "hidden_sides"]

_SPACING_PX = 0.5
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)
# How far to the side of a curve, in pixels, the cells that it divides are asked for.
_ASIDE_PX = 1.3
# A cell is on a side if no more pixels than this, and than this share, speak for the other.
_STRAY_PIXELS, _STRAY_SHARE = 2, 0.05


@dataclass(frozen=True)
class Sides:
    """Hidden pixels by side.

    Attributes:
        own: bool (h, w), on the layer's side.
        unclear: bool (h, w), in a cell that both sides lay claim to.
    """

    own: NDArray[np.bool_]
    unclear: NDArray[np.bool_]


def hidden_sides(
    visible: NDArray[np.bool_],
    above: NDArray[np.bool_],
    open_border: NDArray[np.bool_],
    curves: list[NDArray[np.float64]],
) -> Sides:
    """Divide what is hidden along curves; each cell goes to the side that it touches.

    Args:
        visible: bool (h, w), where the layer is seen.
        above: bool (h, w), where a higher layer is seen.
        open_border: bool (h, w), pixels at which the window cuts off more of the picture.
        curves: float64 (n, 2), x and y in the window, the layer on their left.
    """
    own = np.zeros(visible.shape, bool)
    barrier, left, sides = _barriers(curves, visible.shape)
    free = above & ~barrier
    count, cells = cv2.connectedComponents(free.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    # What touches the curves themselves says nothing of the sides.
    clear = cv2.dilate(barrier.view(np.uint8), _SQUARE) == 0
    lower = ~(visible | above)
    for_own = _touching(visible, cells, clear, count)
    against = _touching(lower, cells, clear, count)
    against += np.bincount(cells[open_border & free], minlength=count)
    for places, votes in zip(sides, (for_own, against), strict=True):
        inside = ((places >= 0) & (places < visible.shape)).all(axis=1)
        votes += np.bincount(cells[tuple(places[inside].T)], minlength=count)
    is_own = (for_own > 0) & (against <= _STRAY_PIXELS + _STRAY_SHARE * for_own)
    is_other = (against > 0) & (for_own <= _STRAY_PIXELS + _STRAY_SHARE * against)
    is_own, is_other = is_own & ~(is_other & (against >= for_own)), is_other
    unsure = (for_own + against > 0) & ~is_own & ~is_other
    is_own[0] = unsure[0] = False
    own = is_own[cells]
    # A curve with one side on both of its sides divides nothing.
    near_own = cv2.dilate((own | visible).view(np.uint8), _SQUARE) > 0
    other = ~(own | visible | barrier)
    near_other = cv2.dilate(other.view(np.uint8), _SQUARE) > 0
    own |= barrier & above & near_own & (left | ~near_other)
    return Sides(own, unsure[cells])


def _touching(
    region: NDArray[np.bool_],
    cells: NDArray[np.int32],
    clear: NDArray[np.bool_],
    count: int,
) -> NDArray[np.intp]:
    """How many pixels of each cell touch a region, away from the curves."""
    near = (cv2.dilate(region.view(np.uint8), _CROSS) > 0) & (cells > 0) & clear
    return np.bincount(cells[near], minlength=count)


def _barriers(
    curves: list[NDArray[np.float64]], shape: tuple[int, ...]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Pixels under the curves, which of them lie on the left, and places to the left and right."""
    barrier, left = np.zeros(shape, bool), np.zeros(shape, bool)
    if not curves:
        nothing = np.zeros((0, 2), np.intp)
        return barrier, left, (nothing, nothing)
    dense = [_resampled(curve) for curve in curves]
    points = np.concatenate([points for points, _ in dense])
    aside = np.concatenate([normal for _, normal in dense])
    sides = tuple(
        np.floor(points + sign * _ASIDE_PX * aside).astype(np.intp)[:, ::-1] for sign in (1, -1)
    )
    pixel = np.floor(points).astype(np.intp)
    inside = ((pixel >= 0) & (pixel < shape[::-1])).all(axis=1)
    points, aside, pixel = points[inside], aside[inside], pixel[inside]
    off = pixel + 0.5 - points
    key = pixel[:, 1] * shape[1] + pixel[:, 0]
    order = np.lexsort(((off * off).sum(axis=1), key))
    nearest = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
    barrier.ravel()[key[nearest]] = True
    left.ravel()[key[nearest]] = (off[nearest] * aside[nearest]).sum(axis=1) > 0.0
    return barrier, left, (sides[0], sides[1])


def _resampled(curve: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Evenly spaced points of a polyline, and unit vectors to its left there."""
    step = np.diff(curve, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    some = length > 1e-9
    curve = np.concatenate([curve[:1], curve[1:][some]])
    step, length = step[some], length[some]
    at = np.concatenate([[0.0], np.cumsum(length)])
    places = np.linspace(0.0, at[-1], max(2, int(np.ceil(at[-1] / _SPACING_PX)) + 1))
    points = np.stack([np.interp(places, at, curve[:, axis]) for axis in (0, 1)], axis=1)
    if len(step) == 0:
        return points, np.zeros_like(points)
    piece = np.clip(np.searchsorted(at, places, side="right") - 1, 0, len(step) - 1)
    way = step[piece] / length[piece][:, None]
    return points, np.stack([way[:, 1], -way[:, 0]], axis=1)
