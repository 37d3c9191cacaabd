"""What is known at some pixels, carried to the pixels that lie nearest to them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest_known", "spread_known"]


def nearest_known(known: NDArray[np.bool_], mask: int = cv2.DIST_MASK_5) -> NDArray[np.int32]:
    """The known pixel nearest to every pixel, as its number among the known ones in raster order.

    Args:
        known: bool (H, W), True at one pixel at least.
        mask: `cv2.DIST_MASK_3` or `cv2.DIST_MASK_5`: how exactly distances are measured.

    Returns:
        int32 (H, W), each below the count of known pixels.
    """
    # OpenCV measures to zeros and counts them from 1.
    _, label = cv2.distanceTransformWithLabels(
        (~known).view(np.uint8), cv2.DIST_L2, mask, labelType=cv2.DIST_LABEL_PIXEL
    )
    label -= 1
    return np.asarray(label, np.int32)


def spread_known(
    values: NDArray[Any], known: NDArray[np.bool_], mask: int = cv2.DIST_MASK_5
) -> NDArray[Any]:
    """The values of the nearest known pixels, in the shape and dtype of `values`.

    Args:
        values: (H, W) or (H, W, C), read where `known` is True.
        known: bool (H, W), True at one pixel at least.
        mask: see `nearest_known`.
    """
    return np.asarray(values[known][nearest_known(known, mask)])
