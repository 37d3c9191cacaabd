"""Colour values: transfer curves, straight and premultiplied alpha.

sRGB per IEC 61966-2-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["linear_to_srgb", "srgb_to_linear", "unpremultiply"]

# Below half an 8-bit step of coverage the stored colour is rounding noise.
_LEAST_ALPHA = 1e-6


def linear_to_srgb(linear: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Encode linear light (any shape, clipped to 0..1) as sRGB, float32."""
    x = np.clip(linear, 0.0, 1.0).astype(np.float32, copy=False)
    high = np.float32(1.055) * np.power(x, np.float32(1.0 / 2.4)) - np.float32(0.055)
    return np.where(x <= 0.0031308, x * np.float32(12.92), high).astype(np.float32, copy=False)


def srgb_to_linear(encoded: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Decode sRGB (any shape, clipped to 0..1) to linear light, float32."""
    x = np.clip(encoded, 0.0, 1.0).astype(np.float32, copy=False)
    high = np.power((x + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(x <= 0.04045, x / np.float32(12.92), high).astype(np.float32, copy=False)


def unpremultiply(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide colour by coverage, float32 (H, W, 4); clear pixels become black."""
    alpha = rgba[..., 3:]
    clear = alpha < _LEAST_ALPHA
    colour = np.where(clear, np.float32(0.0), rgba[..., :3] / np.where(clear, 1.0, alpha))
    return np.concatenate([colour, alpha], axis=-1).astype(np.float32, copy=False)
