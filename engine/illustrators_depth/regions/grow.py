"""Grows labelled regions into the pixels between them, whichever neighbour is nearest in colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["grow"]

_NEIGHBOURS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def grow(
    labels: NDArray[np.int32],
    color8: NDArray[np.uint8],
    opaque: NDArray[np.bool_],
    rounds: int,
    tolerance: float = np.inf,
) -> None:
    """Give unlabelled opaque pixels the neighbouring label nearest in colour, in place.

    The colour compared is that of the labelled pixel the label came from, carried along as the
    front advances, so that a gradient is followed locally. `tolerance` (8-bit L2) bounds it.

    Args:
        labels: int32 (H, W), -1 where there is none yet.
        color8: uint8 (H, W, 3).
        opaque: bool (H, W), the pixels that may get a label.
        rounds: how far the front may advance, in pixels.
    """
    front = _first_front(labels, opaque)
    if len(front) == 0 or rounds < 1:
        return
    limit = min(tolerance * tolerance, 4.0 * 255 * 255)
    # A border of pixels without a label, so that every pixel has eight neighbours.
    width = labels.shape[1] + 2
    known = cv2.copyMakeBorder(labels, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=-1).ravel()
    free = cv2.copyMakeBorder(opaque.view(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    free = free.ravel()
    # Four bytes a pixel: one number to carry.
    carried = cv2.copyMakeBorder(
        cv2.cvtColor(color8, cv2.COLOR_RGB2RGBA), 1, 1, 1, 1, cv2.BORDER_REPLICATE
    )
    carried = carried.view(np.uint32).ravel()
    steps = np.array([dy * width + dx for dy, dx in _NEIGHBOURS])
    for turn in range(rounds):
        label, color = _nearest(front, known, carried, steps, limit)
        reached = label >= 0
        front = front[reached]
        if len(front) == 0:
            break
        known[front], carried[front] = label[reached], color[reached]
        if turn + 1 < rounds:
            # Only beside a pixel that has just been reached can anything change.
            front = _unique((front[:, None] + steps).ravel(), known, free)
    labels[:] = known.reshape(-1, width)[1:-1, 1:-1]


def _first_front(labels: NDArray[np.int32], opaque: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Unlabelled opaque pixels beside labelled ones, as places in the picture with its border."""
    without = labels < 0
    beside = cv2.dilate((~without).view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, cols = np.nonzero(without & opaque & beside)
    return (rows + 1) * (labels.shape[1] + 2) + cols + 1


def _nearest(
    front: NDArray[np.intp],
    known: NDArray[np.int32],
    carried: NDArray[np.uint32],
    steps: NDArray[np.intp],
    limit: float,
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """For each pixel the best neighbour's label, -1 if none is near enough, and carried colour."""
    best_cost = np.full(len(front), limit, np.float32)
    best_label = np.full(len(front), -1, np.int32)
    best_color = np.zeros(len(front), np.uint32)
    own = _channels(carried[front])
    for step in steps.tolist():
        label = known[front + step]
        some = np.flatnonzero(label >= 0)
        color = carried[front[some] + step]
        difference = own[some] - _channels(color)
        cost = np.einsum("ij,ij->i", difference, difference).astype(np.float32)
        better = cost < best_cost[some]
        at = some[better]
        best_cost[at], best_label[at], best_color[at] = cost[better], label[at], color[better]
    return best_label, best_color


def _channels(packed: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Red, green, blue of packed pixels (n,), and 255, as int32 (n, 4)."""
    return packed.view(np.uint8).reshape(-1, 4).astype(np.int32)


def _unique(
    pixels: NDArray[np.intp], known: NDArray[np.int32], free: NDArray[np.uint8]
) -> NDArray[np.intp]:
    """The pixels that may get a label and have none, each once."""
    pixels = pixels[(known[pixels] < 0) & (free[pixels] > 0)]
    # Where no label is yet, a pixel's last place in the list is noted in the meantime.
    places = np.arange(-len(pixels) - 1, -1, dtype=np.int32)
    known[pixels] = places
    pixels = pixels[known[pixels] == places]
    known[pixels] = -1
    return pixels
