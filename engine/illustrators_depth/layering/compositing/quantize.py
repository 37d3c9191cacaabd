"""Colour and coverage as 8-bit pictures hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...types import Layer, LayerStack
from ...types.packed_pixels import PackedPixels

__all__ = ["EIGHT_BITS", "eight_bit", "eight_bit_layer", "in_eight_bits"]

EIGHT_BITS = np.float32(255.0)
"""Steps from 0 to 1 that 8 bits hold."""


def in_eight_bits(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The nearest values, 0..1, that 8 bits hold."""
    return np.asarray(np.rint(values * EIGHT_BITS) / EIGHT_BITS, np.float32)


def eight_bit(stack: LayerStack) -> LayerStack:
    """The stack with layer pictures rounded to 8 bits, which is what textures and PNGs hold.

    Completed colours are smooth 32-bit fields that hardly compress; in whole steps a stored stack
    is far smaller. Labels, masks, names and depths are untouched.
    """
    return stack.with_layers(tuple(eight_bit_layer(layer) for layer in stack))


def eight_bit_layer(layer: Layer) -> Layer:
    """A layer with its pixels rounded to 8 bits, see `eight_bit`."""
    pixels = layer.pixels
    if isinstance(pixels, PackedPixels):
        return layer.replaced(rgba_crop=pixels.mapped(in_eight_bits))
    return layer.replaced(rgba_crop=in_eight_bits(layer.rgba_crop))
