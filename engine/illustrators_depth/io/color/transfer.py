"""Transfer curves, and straight and premultiplied alpha.

sRGB per IEC 61966-2-1.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["linear_to_srgb", "srgb_to_linear", "unpremultiply"]

# Below half an 8-bit step of coverage the stored colour is rounding noise.
_MIN_ALPHA = 1e-6
# The least common multiple of 255 and 4095: pictures have 8 bits, colours that layers invent 12.
_STEPS = 69615
# Fewer values are not worth a table.
_MIN_TABLE_VALUES = 1 << 12


def linear_to_srgb(linear: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Encode linear light (any shape, clipped to 0..1) as sRGB, float32."""
    x = np.clip(linear, 0.0, 1.0).astype(np.float32, copy=False)
    high = np.float32(1.055) * np.power(x, np.float32(1.0 / 2.4)) - np.float32(0.055)
    return np.where(x <= 0.0031308, x * np.float32(12.92), high).astype(np.float32, copy=False)


def srgb_to_linear(encoded: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """Decode sRGB (any shape, clipped to 0..1) to linear light, float32."""
    x = np.clip(encoded, 0.0, 1.0).astype(np.float32, copy=False)
    if x.size < _MIN_TABLE_VALUES:
        return _decode(x)
    steps, table = _decoding_table()
    with np.errstate(invalid="ignore"):  # what is no number is not in the table
        place = (x * np.float32(_STEPS) + np.float32(0.5)).astype(np.int32)
    light = np.asarray(table.take(place, mode="clip"))
    missing = steps.take(place, mode="clip") != x
    if missing.any():
        light[missing] = _decode(x[missing])
    return light


def _decode(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """The curve itself, of float32 values in 0..1."""
    high = np.power((x + np.float32(0.055)) / np.float32(1.055), np.float32(2.4))
    return np.where(x <= 0.04045, x / np.float32(12.92), high).astype(np.float32, copy=False)


@cache
def _decoding_table() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Every value of 8 or 12 bits, and some others, and its linear light."""
    steps = np.arange(_STEPS + 1, dtype=np.float32) / np.float32(_STEPS)
    return steps, _decode(steps)


def unpremultiply(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide colour by coverage, float32 (H, W, 4); clear pixels become black."""
    alpha = rgba[..., 3:]
    clear = alpha < _MIN_ALPHA
    color = np.where(clear, np.float32(0.0), rgba[..., :3] / np.where(clear, 1.0, alpha))
    return np.concatenate([color, alpha], axis=-1).astype(np.float32, copy=False)
