"""Edge-keeping blur against paper, canvas and grain, before depth or clustering looks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["denoise"]


def denoise(rgba: NDArray[np.float32], strength: float) -> NDArray[np.float32]:
    """Smooth texture inside areas and keep the edges between them.

    Args:
        rgba: float32 (H, W, 4), straight alpha, 0..1; alpha is returned unchanged.
        strength: 0 (nothing happens) .. 1.

    Two passes of a bilateral filter: one pass of the same total strength leaves canvas weave.
    """
    if strength <= 0.0:
        return rgba
    color = np.ascontiguousarray(rgba[..., :3])
    sigma_color = 0.04 + 0.16 * strength
    # The radius follows the picture, since a scan's grain grows with its resolution.
    sigma_space = max(1.5, 0.004 * min(rgba.shape[:2]) * strength)
    diameter = min(15, 2 * int(np.ceil(1.5 * sigma_space)) + 1)
    for _ in range(2):
        color = cv2.bilateralFilter(color, diameter, sigma_color, sigma_space)
    return np.dstack([np.clip(color, 0.0, 1.0), rgba[..., 3]]).astype(np.float32, copy=False)
