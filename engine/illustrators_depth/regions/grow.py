"""Grows labelled regions into the pixels between them, by colour.

In every round the front, the unlabelled pixels beside labelled ones, takes the label of whichever
neighbour is nearest in colour, and moves on by a pixel. Pixels are counted row by row, in the
picture with a border of one pixel around it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import nonzero_places
from .packed_pixels import channels_of, packed_with_border

__all__ = ["grow"]

_NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))
# Pixels that are looked at together: few enough that what is worked out for them stays in the
# processor's cache.
_CHUNK_PX = 1 << 14
# Above the squared distance of any two colours, 3 x 255 x 255: without a tolerance all are near.
_MAX_SQUARE = 4.0 * 255 * 255


def grow(
    labels: NDArray[np.int32],
    color8: NDArray[np.uint8],
    opaque: NDArray[np.bool_],
    rounds: int,
    tolerance: float = np.inf,
) -> None:
    """Give unlabelled opaque pixels the neighbouring label nearest in colour, in place.

    The colour compared is that of the labelled pixel the label came from, carried along as the
    front advances.

    Args:
        labels: int32 (H, W), -1 where there is none yet; written to.
        color8: uint8 (H, W, 3).
        opaque: bool (H, W), the pixels that may get a label.
        rounds: how far the front may advance, in pixels.
        tolerance: a neighbour must be nearer in colour than this (8-bit L2).
    """
    front = _first_front(labels, opaque)
    if len(front) == 0 or rounds < 1:
        return
    limit = min(tolerance * tolerance, _MAX_SQUARE)
    # A border of pixels without a label, so that every pixel has eight neighbours.
    width = labels.shape[1] + 2
    known = cv2.copyMakeBorder(labels, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=-1).ravel()
    waiting = cv2.copyMakeBorder(
        (opaque & (labels < 0)).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
    )
    waiting = waiting.ravel().view(np.bool_)
    carried = packed_with_border(color8, 1)
    steps = np.array([dy * width + dx for dy, dx in _NEIGHBOURS])
    for round_number in range(rounds):
        label, color = _nearest(front, known, carried, steps, limit)
        reached = label >= 0
        front = front[reached]
        if len(front) == 0:
            break
        known[front], carried[front] = label[reached], color[reached]
        waiting[front] = False
        if round_number + 1 < rounds:
            # Only beside a pixel that has just been reached can anything change.
            front = _beside(front, waiting, steps)
    labels[:] = known.reshape(-1, width)[1:-1, 1:-1]


def _first_front(labels: NDArray[np.int32], opaque: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Unlabelled opaque pixels beside labelled ones, as indices in the picture with its border."""
    without = labels < 0
    beside = cv2.dilate((~without).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, cols = nonzero_places(without & opaque & beside)
    return (rows + 1) * (labels.shape[1] + 2) + cols + 1


def _nearest(
    front: NDArray[np.intp],
    known: NDArray[np.int32],
    carried: NDArray[np.uint32],
    steps: NDArray[np.intp],
    limit: float,
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """For each pixel of the front the best neighbour's label and colour.

    Args:
        front: intp (n,), pixels.
        known: int32, label of every pixel, -1 for none.
        carried: uint32, packed colour of every pixel, or of that which its label came from.
        steps: from a pixel to each of its eight neighbours.
        limit: squared distance (8-bit) that a neighbour's colour must be nearer than.

    Returns:
        int32 (n,) labels, -1 if no neighbour is near enough, and uint32 (n,) packed colours.
    """
    label, color = np.empty(len(front), np.int32), np.empty(len(front), np.uint32)
    for first in range(0, len(front), _CHUNK_PX):
        chunk = slice(first, first + _CHUNK_PX)
        label[chunk], color[chunk] = _chunk_nearest(front[chunk], known, carried, steps, limit)
    return label, color


def _chunk_nearest(
    front: NDArray[np.intp],
    known: NDArray[np.int32],
    carried: NDArray[np.uint32],
    steps: NDArray[np.intp],
    limit: float,
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """As `_nearest`, for few pixels."""
    best_cost = np.full(len(front), limit, np.float32)
    best_label = np.full(len(front), -1, np.int32)
    best_color = np.zeros(len(front), np.uint32)
    front_channels = np.stack(channels_of(carried.take(front)))
    for step in steps.tolist():
        label = known.take(front + step)
        labelled = np.flatnonzero(label >= 0)
        color = carried.take(front.take(labelled) + step)
        difference = front_channels.take(labelled, axis=1)
        difference -= channels_of(color)
        difference *= difference
        cost = difference[0] + difference[1] + difference[2]
        better = np.flatnonzero(cost < best_cost.take(labelled))
        improved = labelled.take(better)
        best_cost[improved], best_color[improved] = cost.take(better), color.take(better)
        best_label[improved] = label.take(improved)
    return best_label, best_color


def _beside(
    front: NDArray[np.intp], waiting: NDArray[np.bool_], steps: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The waiting pixels next to those of the front, each once."""
    reached = []
    for step in steps.tolist():
        places = front + step
        places = places[waiting.take(places)]
        # A pixel that one step reaches is not counted again by the next.
        waiting[places] = False
        reached.append(places)
    beside = np.concatenate(reached)
    waiting[beside] = True
    return beside
