"""Paint too faint to be segmented: the rim of a shadow, which goes to the layer that lies nearest.

A shadow fades until nothing is left of it. Its faintest pixels make no region, since there it is no
longer told from noise; as part of the shadow's layer they are seen all the same. Which of them are
a layer's follows from where it is seen in one picture, so that layers that are kept stay right.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.nearest import spread_known
from ...raster.tiling import Box

__all__ = ["FaintRims", "with_room"]

# Less than half a step of 8 bits is nothing.
_MIN_ALPHA = 0.5 / 255.0
# A rim reaches this share of the picture's longest side: farther out is a page that is not clear.
_REACH_SHARE = 1.0 / 8.0
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class FaintRims:
    """Faint pixels of no region, by layer.

    Attributes:
        numbers: unsigned (H, W), the number of the layer that a faint pixel belongs to, 0 at all
            others, as at those that touch a layer: they are its edge.
        places: for each number that occurs, rows and columns of its pixels.
    """

    numbers: NDArray[np.integer]
    places: dict[int, tuple[NDArray[np.intp], NDArray[np.intp]]]

    @classmethod
    def of(cls, numbers: NDArray[np.integer], alpha: NDArray[np.float32]) -> FaintRims | None:
        """The faint pixels around layers; None where there are none.

        Args:
            numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
            alpha: float32 (H, W), the picture's.
        """
        drawn = (numbers > 0).view(np.uint8)
        faint = (alpha >= _MIN_ALPHA) & (cv2.dilate(drawn, _SQUARE) == 0)
        if not faint.any() or not drawn.any():
            return None
        reach = max(numbers.shape) * _REACH_SHARE
        faint &= cv2.distanceTransform(1 - drawn, cv2.DIST_L2, cv2.DIST_MASK_5) <= reach
        nearest = spread_known(numbers, drawn > 0)
        rims = np.where(faint, nearest, 0).astype(numbers.dtype)
        rows, cols = np.nonzero(rims)
        owner = rims[rows, cols]
        order = np.argsort(owner, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(owner[order].astype(np.int64))) + 1)
        places = {int(owner[part[0]]): (rows[part], cols[part]) for part in parts if len(part)}
        return cls(rims, places) if places else None


def with_room(
    box: Box, mask: NDArray[np.bool_], places: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> tuple[Box, NDArray[np.bool_]]:
    """A mask in a window that holds some further pixels of the picture, too."""
    (rows, cols), (down, across) = box, places
    top, left = min(rows.start, int(down.min())), min(cols.start, int(across.min()))
    bottom, right = max(rows.stop, int(down.max()) + 1), max(cols.stop, int(across.max()) + 1)
    larger = np.zeros((bottom - top, right - left), np.bool_)
    larger[rows.start - top : rows.stop - top, cols.start - left : cols.stop - left] = mask
    return (slice(top, bottom), slice(left, right)), larger
