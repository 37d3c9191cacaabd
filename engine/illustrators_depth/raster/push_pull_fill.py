"""Fills unknown pixels smoothly from known ones, coarse to fine.

Pull-push interpolation (Gortler et al. 1996, "The Lumigraph").
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["push_pull_fill"]

# A pixel of the coarser level is known if the weights below it add up to more than rounding errors.
_MIN_WEIGHT = 1e-4


def push_pull_fill(
    values: NDArray[np.float32], weights: NDArray[np.float32], relax: int = 2
) -> NDArray[np.float32]:
    """Interpolate values where weights are zero, keeping them where weights are positive.

    Args:
        values: float32 (H, W) or (H, W, C); ignored where weights are zero.
        weights: float32 (H, W), 0 (unknown) .. 1 (known); in between, both count.
        relax: smoothing sweeps over the unknown pixels at every level.

    Returns:
        float32 of the shape of `values`. Where nothing is known anywhere, zeros. Time and memory
        are linear in pixels.
    """
    stacked = values[..., None] if values.ndim == 2 else values
    filled = _fill(
        np.ascontiguousarray(stacked, np.float32), np.ascontiguousarray(weights, np.float32), relax
    )
    return filled[..., 0] if values.ndim == 2 else filled


def _fill(
    values: NDArray[np.float32], weights: NDArray[np.float32], relax: int
) -> NDArray[np.float32]:
    """As `push_pull_fill`, of float32 (H, W, C); fills the coarser level by calling itself."""
    height, width = weights.shape
    if bool((weights > 0.0).all()):
        return values
    if height <= 2 or width <= 2:
        total = float(weights.sum())
        mean = (values * weights[..., None]).sum(axis=(0, 1)) / max(total, 1e-12)
        known = weights[..., None] > 0.0
        return np.where(known, values, mean.astype(np.float32))
    # One weight per value: arithmetic on arrays of one shape is several times faster.
    wide = _widened(weights, values.shape[2])
    kept = values * wide
    rest = np.subtract(1.0, wide, out=wide)
    # Pull: weighted means at half size. cv2 drops a trailing axis of length one; put it back.
    total = cv2.pyrDown(weights)
    known = total > _MIN_WEIGHT
    total[~known] = np.inf  # the division below gives zeros there
    coarse = cv2.pyrDown(kept).reshape(*total.shape, -1)
    coarse /= _widened(total, values.shape[2])
    coarse = _fill(coarse, known.astype(np.float32), relax)
    # Push: the unknown takes the coarser level's answer.
    result = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    result = result.reshape(height, width, -1)
    # Two arrays in turn: allocating one for each sweep takes longer than the arithmetic.
    spare = np.empty_like(result) if relax else result
    for sweep in range(relax + 1):
        if sweep:
            cv2.blur(result, (3, 3), dst=spare, borderType=cv2.BORDER_REPLICATE)
            result, spare = spare, result
        result *= rest
        result += kept
    return result


def _widened(plane: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """A plane, float32 (H, W), once per channel, (H, W, channels)."""
    if channels == 1:
        return plane[..., None].copy()
    return np.asarray(cv2.merge([plane] * channels))
