"""Which part of a sheet is paper: frame, shapes, and bridges to what would fall out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["join_islands", "without_specks"]


def without_specks(solid: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """Drop pieces, and fill holes, of fewer than `smallest` pixels; bool (H, W)."""
    kept = _large_parts(solid, smallest)
    return ~_large_parts(~kept, smallest)


def _large_parts(mask: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= smallest
    large[0] = False
    return large[parts]


def join_islands(solid: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    """Join every part to the one that holds the upper left corner (the frame), by straight bars.

    The nearest island comes first and then holds others, so that bars stay short.

    Args:
        solid: bool (H, W), True where there is paper; the corner pixel is.
        width: of the bars, in pixels.

    Returns:
        bool (H, W), one connected part.
    """
    paper = solid.astype(np.uint8)
    thickness = max(1, round(width))
    while True:
        # Four-connected: pieces that touch in a corner would tear apart.
        count, parts = cv2.connectedComponents(paper, connectivity=4)
        if count <= 2:
            return paper > 0
        held = parts == parts[0, 0]
        away, nearest = cv2.distanceTransformWithLabels(
            (~held).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        loose = (paper > 0) & ~held
        start = int(np.argmin(np.where(loose, away, np.inf)))
        rows, cols = np.nonzero(held & (nearest == nearest.flat[start]))
        width_ = paper.shape[1]
        one = (start % width_, start // width_)
        # A little into both sides, so that a bar of any width is one piece with them.
        cv2.line(paper, one, (int(cols[0]), int(rows[0])), 1, thickness)
        if thickness == 1:
            cv2.line(paper, (one[0] + 1, one[1]), (int(cols[0]) + 1, int(rows[0])), 1, 1)
