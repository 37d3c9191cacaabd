"""The part of the frame that a mask reaches, so that work can be kept to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["cut_off", "mask_window"]


def mask_window(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """The mask's bounding box with a margin, clipped to the picture; one pixel if it is empty."""
    rows = np.flatnonzero(mask.any(axis=1))
    cols = np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return slice(0, 1), slice(0, 1)
    return (
        slice(max(0, int(rows[0]) - margin), min(mask.shape[0], int(rows[-1]) + 1 + margin)),
        slice(max(0, int(cols[0]) - margin), min(mask.shape[1], int(cols[-1]) + 1 + margin)),
    )


def cut_off(box: tuple[slice, slice], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels at the border of a box beyond which the whole, (H, W), goes on."""
    cut = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    if cut.size:
        cut[0] |= box[0].start > 0
        cut[-1] |= box[0].stop < shape[0]
        cut[:, 0] |= box[1].start > 0
        cut[:, -1] |= box[1].stop < shape[1]
    return cut
