"""Finds thin strokes: pixels that no flat core covers and that no blend of two sides explains."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["find_ridges"]

# Opposite neighbours, at one and two pixels, in four directions.
_DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
_REACH = (1, 2)
# Sides must differ this much (8-bit L2) before a pixel between them can be called a blend.
_MIN_CONTRAST = 20.0
# Distance from the line between both sides that still counts as lying on it.
_ABSOLUTE_SLACK, _RELATIVE_SLACK = 8.0, 0.08
# A stroke's pixels may differ this much along it (8-bit, largest channel): its own blends do.
_STROKE_STEP = 40
# Fewer pixels than this are a corner, not a stroke.
_MIN_STROKE = 6


def find_ridges(color8: NDArray[np.uint8], candidates: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Label thin strokes among pixels that lie in no flat core.

    Args:
        color8: uint8 (H, W, 3).
        candidates: bool (H, W), the opaque pixels without a core.

    Returns:
        int32 (H, W): stroke number from 0, or -1.
    """
    result = np.full(candidates.shape, -1, np.int32)
    rows, cols = np.nonzero(candidates)
    if len(rows) == 0:
        return result
    keep = ~_is_blend(color8, rows, cols)
    rows, cols = rows[keep], cols[keep]
    quantised = (color8[rows, cols].astype(np.int32) + _STROKE_STEP // 2) // _STROKE_STEP
    codes = quantised[:, 0] * 64 + quantised[:, 1] * 8 + quantised[:, 2]
    # Pixels sorted by code; those of one code stay in raster order.
    order = np.argsort(codes, kind="stable")
    rows, cols = rows[order], cols[order]
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    found = 0
    for y, x in zip(np.split(rows, cuts), np.split(cols, cuts), strict=True):
        if len(y) < _MIN_STROKE:
            continue
        # Even corners: OpenCV numbers components by blocks of 2 x 2.
        top, left = int(y[0]) & ~1, int(x.min()) & ~1
        mask = np.zeros((int(y[-1]) + 1 - top, int(x.max()) + 1 - left), np.uint8)
        mask[y - top, x - left] = 1
        number, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        big = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] >= _MIN_STROKE)
        big = big[big > 0]
        if len(big) == 0:
            continue
        table = np.full(number, -1, np.int32)
        table[big] = found + np.arange(len(big), dtype=np.int32)
        result[y, x] = table[parts[y - top, x - left]]
        found += len(big)
    return result


def _is_blend(
    color8: NDArray[np.uint8], rows: NDArray[np.intp], cols: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether each pixel's colour lies strictly between those of two opposite neighbours."""
    height, width = color8.shape[:2]
    own = color8[rows, cols].astype(np.float32)
    blend = np.zeros(len(rows), bool)
    for reach in _REACH:
        for dy, dx in _DIRECTIONS:
            ahead = color8[
                np.clip(rows + reach * dy, 0, height - 1), np.clip(cols + reach * dx, 0, width - 1)
            ].astype(np.float32)
            behind = color8[
                np.clip(rows - reach * dy, 0, height - 1), np.clip(cols - reach * dx, 0, width - 1)
            ].astype(np.float32)
            span = ahead - behind
            length2 = (span * span).sum(axis=1)
            offset = own - behind
            t = (offset * span).sum(axis=1) / np.maximum(length2, 1.0)
            residual = offset - t[:, None] * span
            length = np.sqrt(length2)
            near = (residual * residual).sum(axis=1) <= (
                _ABSOLUTE_SLACK + _RELATIVE_SLACK * length
            ) ** 2
            blend |= (length >= _MIN_CONTRAST) & near & (t > 0.08) & (t < 0.92)
    return blend
