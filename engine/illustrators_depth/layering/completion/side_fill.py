"""Which hidden pixels lie on a layer's side of the curves that divide them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Sides", "hidden_sides"]

_SAMPLE_SPACING_PX = 0.5
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE = np.ones((3, 3), np.uint8)
# How far to either side of a curve, in pixels, lie the cells that it divides.
_SIDE_OFFSET_PX = 1.3
# A cell is on a side if the other side has no more votes than this number and share.
_STRAY_PIXELS, _STRAY_SHARE = 2, 0.02
# Up to so many cells are compared one by one, which is quicker than a table of all.
_MAX_COMPARED_CELLS = 5


@dataclass(frozen=True)
class Sides:
    """Hidden pixels by side.

    Attributes:
        own: bool (h, w), on the layer's side.
        unclear: bool (h, w), in a cell that both sides lay claim to.
        reaches_out: whether a cell is cut off by the window that only the layer lays claim to, as
            far as can be seen.
    """

    own: NDArray[np.bool_]
    unclear: NDArray[np.bool_]
    reaches_out: bool


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
    barrier, left, sides = _barriers(curves, visible.shape)
    hidden, seen = above.view(np.uint8), visible.view(np.uint8)
    free = cv2.bitwise_and(hidden, 1 - barrier)
    count, cells = cv2.connectedComponents(free, connectivity=4, ltype=cv2.CV_32S)
    # Pixels next to a curve touch both of its sides, so that they do not vote.
    clear = cv2.bitwise_and(free, 1 - cv2.dilate(barrier, _SQUARE))
    lower = 1 - (seen | hidden)
    for_own = _count(cells, clear & cv2.dilate(seen, _CROSS), count)
    against = _count(cells, clear & cv2.dilate(lower, _CROSS), count)
    for places, votes in zip(sides, (for_own, against), strict=True):
        inside = ((places >= 0) & (places < visible.shape)).all(axis=1)
        votes += np.bincount(cells[tuple(places[inside].T)], minlength=count)
    beyond = _count(cells, free & open_border.view(np.uint8), count)
    unopposed = against <= _STRAY_PIXELS + _STRAY_SHARE * for_own
    against += beyond
    is_own = (for_own > 0) & (against <= _STRAY_PIXELS + _STRAY_SHARE * for_own)
    is_other = (against > 0) & (for_own <= _STRAY_PIXELS + _STRAY_SHARE * against)
    is_own &= ~(is_other & (against >= for_own))
    unsure = (for_own + against > 0) & ~is_own & ~is_other
    is_own[0] = unsure[0] = False
    own, unclear = _cell_mask(is_own, cells), _cell_mask(unsure, cells)
    # A curve between two cells of the same side belongs to that side, too.
    curved = barrier & hidden
    at_own = cv2.dilate(own | seen, _SQUARE) & curved
    at_unclear = cv2.dilate(unclear, _SQUARE) & curved if unsure.any() else unclear
    at_other = cv2.dilate(1 - (own | unclear | seen | barrier), _SQUARE)
    own |= at_own & (left | (1 - at_other)) & (1 - at_unclear)
    unclear |= at_unclear
    return Sides(own.view(bool), unclear.view(bool), bool((unsure & unopposed).any()))


def _count(cells: NDArray[np.int32], chosen: NDArray[np.uint8], count: int) -> NDArray[np.intp]:
    """How many of the chosen pixels each cell has."""
    return np.bincount(cells.ravel()[np.flatnonzero(chosen.view(np.bool_))], minlength=count)


def _cell_mask(chosen: NDArray[np.bool_], cells: NDArray[np.int32]) -> NDArray[np.uint8]:
    """1 in the chosen cells."""
    numbers = np.flatnonzero(chosen)
    if len(numbers) == 0:
        return np.zeros(cells.shape, np.uint8)
    if len(numbers) > _MAX_COMPARED_CELLS:
        return chosen.view(np.uint8).take(cells)
    inside = cells == numbers[0]
    for number in numbers[1:]:
        inside |= cells == number
    return inside.view(np.uint8)


def _barriers(
    curves: list[NDArray[np.float64]], shape: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """1 under the curves, 1 where that is on the left, and places to the left and right."""
    barrier, left = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    if not curves:
        nothing = np.zeros((0, 2), np.intp)
        return barrier, left, (nothing, nothing)
    points, normals = _resampled(curves)
    sides = tuple(
        np.floor(points + sign * _SIDE_OFFSET_PX * normals).astype(np.intp)[:, ::-1]
        for sign in (1, -1)
    )
    pixel = np.floor(points).astype(np.intp)
    inside = ((pixel >= 0) & (pixel < shape[::-1])).all(axis=1)
    points, normals, pixel = points[inside], normals[inside], pixel[inside]
    off = pixel + 0.5 - points
    key = pixel[:, 1] * shape[1] + pixel[:, 0]
    order = np.lexsort(((off * off).sum(axis=1), key))
    nearest = order[np.flatnonzero(np.diff(key[order], prepend=-1))]
    barrier.ravel()[key[nearest]] = 1
    left.ravel()[key[nearest]] = (off[nearest] * normals[nearest]).sum(axis=1) > 0.0
    return barrier, left, (sides[0], sides[1])


def _resampled(
    curves: list[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Evenly spaced points of polylines, and unit vectors to their left there."""
    corners = np.concatenate(curves)
    number = np.repeat(np.arange(len(curves)), [len(curve) for curve in curves])
    step = np.diff(corners, axis=0)
    length = np.hypot(step[:, 0], step[:, 1])
    # All curves in one polyline, with a piece of length one from each to the next.
    between = number[1:] != number[:-1]
    some = (length > 1e-9) | between
    corners = np.concatenate([corners[:1], corners[1:][some]])
    number = np.concatenate([number[:1], number[1:][some]])
    step, length = step[some], np.where(between, 1.0, length)[some]
    at = np.concatenate([[0.0], np.cumsum(length)])
    first = np.flatnonzero(np.diff(number, prepend=-1))
    last = np.append(first[1:], len(number)) - 1
    whole = at[last] - at[first]
    count = np.maximum(2, np.ceil(whole / _SAMPLE_SPACING_PX).astype(np.intp) + 1)
    curve = np.repeat(np.arange(len(first)), count)
    share = np.arange(len(curve)) - (np.cumsum(count) - count)[curve]
    places = at[first][curve] + share * (whole / (count - 1))[curve]
    points = np.stack([np.interp(places, at, corners[:, axis]) for axis in (0, 1)], axis=1)
    piece = np.searchsorted(at, places, side="right") - 1
    piece = np.clip(piece, first[curve], np.maximum(last - 1, first)[curve])
    tangents = np.concatenate([step / length[:, None], np.zeros((1, 2))])[piece]
    tangents[whole[curve] == 0.0] = 0.0
    return points, np.stack([tangents[:, 1], -tangents[:, 0]], axis=1)
