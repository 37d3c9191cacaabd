"""The paper's base-256 false colour: layer i is painted (i mod 256, i//256 mod 256, i//65536)."""

from __future__ import annotations

import numpy as np

__all__ = ["code_color", "decode_index", "encode_index"]

LARGEST = 256**3 - 1


def code_color(index: int) -> str:
    """Return the CSS colour of a layer index 0..16777215."""
    if not 0 <= index <= LARGEST:
        raise ValueError(f"index {index} does not fit in 24 bits")
    return f"#{index & 255:02x}{index >> 8 & 255:02x}{index >> 16 & 255:02x}"


def encode_index(index: np.ndarray) -> np.ndarray:
    """Return uint8 (H, W, 3) RGB from integer (H, W), by D = R + 256 G + 65536 B."""
    values = index.astype(np.uint32)
    if values.size and int(values.max()) > LARGEST:
        raise ValueError("an index does not fit in 24 bits")
    return np.stack([values & 255, values >> 8 & 255, values >> 16 & 255], axis=-1).astype(np.uint8)


def decode_index(colors: np.ndarray) -> np.ndarray:
    """Return int32 (H, W) from uint8 (H, W, 3 or more) RGB, by D = R + 256 G + 65536 B."""
    wide = colors[..., :3].astype(np.int32)
    return wide[..., 0] | wide[..., 1] << 8 | wide[..., 2] << 16
