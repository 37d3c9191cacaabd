"""Values of square cells of pixels: means over them, and back to pixels between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .tiling import Box

__all__ = ["area_mean", "enlarged"]


def area_mean(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Means of (H, W) or (H, W, C) over cells; beyond the right and lower border all is zero."""
    down, right = -values.shape[0] % step, -values.shape[1] % step
    if down or right:
        values = cv2.copyMakeBorder(values, 0, down, 0, right, cv2.BORDER_CONSTANT, value=0.0)
    size = (values.shape[1] // step, values.shape[0] // step)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def enlarged(values: NDArray[np.float32], step: int, box: Box) -> NDArray[np.float32]:
    """Values of cells, float32 (rows, columns[, C]), linearly interpolated at the pixels of a box.

    Returns float32 (h, w[, C]) of the box's size.
    """
    if step == 1:
        return values[box]
    # The cells that the box's pixels lie between.
    first = [max(0, side.start // step - 1) for side in box]
    last = [-(-side.stop // step) + 1 for side in box]
    part = np.ascontiguousarray(values[first[0] : last[0], first[1] : last[1]])
    size = (part.shape[1] * step, part.shape[0] * step)
    fine = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    top, left = box[0].start - first[0] * step, box[1].start - first[1] * step
    height, width = box[0].stop - box[0].start, box[1].stop - box[1].start
    return np.asarray(fine[top : top + height, left : left + width])
