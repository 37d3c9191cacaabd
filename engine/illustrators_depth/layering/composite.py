"""Layers laid over one another (Porter and Duff 1984, "over")."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..nouns import Layer

__all__ = ["lay_over", "straight"]


def lay_over(canvas: NDArray[np.float32], layer: Layer) -> None:
    """Composite a layer over a premultiplied float32 (H, W, 4) canvas of its frame, in place."""
    part = canvas[layer.box]
    alpha = layer.rgba_crop[..., 3]
    # Most pixels are solid and only copied; arithmetic is left for the few at the rim.
    cv2.copyTo(layer.rgba_crop, (alpha >= 1.0).astype(np.uint8), part)
    rim = np.nonzero((alpha > 0.0) & (alpha < 1.0))
    share = alpha[rim][:, None]
    own = np.concatenate([layer.rgba_crop[rim][:, :3] * share, share], axis=1)
    part[rim] = own + part[rim] * (1.0 - share)


def straight(premultiplied: NDArray[np.float32]) -> NDArray[np.float32]:
    """Premultiplied to straight alpha, float32 (H, W, 4), 0..1; clear pixels are black."""
    alpha = premultiplied[..., 3:]
    color = premultiplied[..., :3] / np.maximum(alpha, 1e-6)
    rgba = np.concatenate([np.where(alpha > 0.0, color, 0.0), alpha], axis=2)
    return np.clip(rgba, 0.0, 1.0).astype(np.float32, copy=False)
