"""The part of the frame that a mask reaches, so that work can be kept to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["mask_window"]


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
