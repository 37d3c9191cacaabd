"""Full shapes of layers as a data set stores them."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

__all__ = ["MIN_OVERLAP_PX", "pack_shapes", "unpack_shapes"]

MIN_OVERLAP_PX = 16
"""Pixels at 512 x 512, in proportion elsewhere, that one layer hides of another if it hides it."""


def pack_shapes(shapes: NDArray[np.bool_]) -> bytes:
    """Full shapes, bool (N, H, W), as a set stores them."""
    return zlib.compress(np.packbits(shapes).tobytes(), 1)


def unpack_shapes(data: bytes, layers: int, frame: tuple[int, ...], key: str) -> NDArray[np.bool_]:
    """The full shapes of sample `key`, bool (layers, H, W); InputError when they do not fit.

    Sets that leave out the page, whose shape is the frame, are read too.
    """
    pixels = int(np.prod(frame))
    try:
        bits = np.unpackbits(np.frombuffer(zlib.decompress(data), np.uint8))
    except zlib.error as error:
        raise InputError(
            f"The shapes of sample {key} are damaged; rebuild the data set."
        ) from error
    count = bits.size // pixels
    if count not in (layers, layers - 1) or bits.size - count * pixels >= 8:
        raise InputError(
            f"The shapes of sample {key} do not fit its {layers} layers; rebuild the data set."
        )
    shapes = bits[: count * pixels].reshape(count, *frame).view(bool)
    if count == layers:
        return shapes
    return np.concatenate([np.ones((1, *frame), bool), shapes])
