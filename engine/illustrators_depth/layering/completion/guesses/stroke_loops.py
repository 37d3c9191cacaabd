"""Paint in a closed stroke goes on under all else that the stroke encloses.

A stripe of light on a numeral, the night side of a moon: what lies above the paint inside of one
outline was laid on it, and the paint fills the outline.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["paint_in_loop"]

# A stroke is what borders on this share of the paint's outline, and more than any other layer.
_MIN_CONTACT_SHARE = 0.3
# It is no wider than this share of the side of a square as large as what it encloses.
_MAX_WIDTH_SHARE = 0.3
# Of what it encloses the paint shows at least this share: else it is one feature of many.
_MIN_PAINT_SHARE = 0.4
# The mean distance to the outline inside of a strip is this share of its width.
_WIDTHS_PER_MEAN = 4.0
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def paint_in_loop(
    numbers: NDArray[np.integer],
    number: int,
    unclear: NDArray[np.bool_],
    open_border: NDArray[np.bool_],
) -> NDArray[np.bool_] | None:
    """The unclear pixels that a layer fills inside of the stroke around it.

    Args:
        numbers: unsigned (h, w), 0 = nothing, 1..N = layers, in a window around the layer.
        number: of the layer.
        unclear: bool (h, w), hidden pixels in cells that both sides lay claim to.
        open_border: bool (h, w), pixels at which the window cuts off more of the picture.

    Returns:
        bool (h, w), without pixels where no stroke encloses the layer; None where the window is too
        small to tell.
    """
    own = numbers == number
    frame = np.ones(own.shape, bool)
    frame[1:-1, 1:-1] = False
    room = _enclosed(numbers, number, own, unclear, frame & ~open_border)
    if (room & open_border).any():
        return None
    inside = room & unclear
    if not inside.any():
        return inside
    lower = (room & (numbers < number)).view(np.uint8)
    count, cells = cv2.connectedComponents(inside.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    shared = np.zeros(count, bool)
    shared[cells[inside & (cv2.dilate(lower, _CROSS) > 0)]] = True
    contested = shared[cells] & inside
    if contested.any():
        to_own, to_lower = (
            cv2.distanceTransform(1 - side, cv2.DIST_L2, cv2.DIST_MASK_5)
            for side in (own.view(np.uint8), lower)
        )
        inside &= ~contested | (to_own <= to_lower)
    return inside


def _enclosed(
    numbers: NDArray[np.integer],
    number: int,
    own: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    frame: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """What the stroke around a layer encloses together with it, as far as the window shows.

    `frame` has the pixels along the picture's border: what reaches that is not enclosed.
    """
    nothing = np.zeros(own.shape, bool)
    around = (cv2.dilate(own.view(np.uint8), _CROSS) > 0) & ~own
    contact = np.bincount(numbers[around], minlength=number + 2)
    stroke = number + 1 + int(contact[number + 1 :].argmax())
    if contact[stroke] < _MIN_CONTACT_SHARE * contact.sum() or contact[stroke] == 0:
        return nothing
    line = (numbers == stroke).view(np.uint8)
    depth = cv2.distanceTransform(line, cv2.DIST_L2, cv2.DIST_MASK_3)
    width = _WIDTHS_PER_MEAN * float(depth.sum()) / cv2.countNonZero(line)
    count, rooms = cv2.connectedComponents(1 - line, connectivity=4, ltype=cv2.CV_32S)
    area = np.bincount(rooms.ravel(), minlength=count)
    paint = np.bincount(rooms[own], minlength=count)
    contested = np.bincount(rooms[own | unclear], minlength=count)
    closed = (paint > 0) & (paint >= _MIN_PAINT_SHARE * contested)
    closed &= width < _MAX_WIDTH_SHARE * np.sqrt(area)
    closed[0] = False
    closed[rooms[frame]] = False
    return closed[rooms] if closed.any() else nothing
