"""Label maps of simple shapes, and layers completed in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.layering.complete_shape import complete_shape
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.settings import CompleteSettings

CONTOUR = CompleteSettings(method="contour")


def completed(labels: NDArray[np.int32], index: int) -> NDArray[np.bool_]:
    """A layer's whole mask."""
    box, part = complete_shape(VisibilityIndex(labels), index, CONTOUR, margin=4)
    mask = np.zeros(labels.shape, bool)
    mask[box] = part
    return mask


def grid(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and columns of pixel centres."""
    y, x = np.mgrid[0:height, 0:width]
    return y + 0.5, x + 0.5


def labels_of(*shapes: NDArray[np.bool_]) -> NDArray[np.int32]:
    """A label map of shapes, bottom to top, on a ground."""
    labels = np.zeros(shapes[0].shape, np.int32)
    for number, shape in enumerate(shapes, 1):
        labels[shape] = number
    return labels
