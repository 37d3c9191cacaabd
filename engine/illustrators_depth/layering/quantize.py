"""Colour and coverage as 8-bit pictures hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["EIGHT_BITS", "in_eight_bits"]

# Steps from 0 to 1.
EIGHT_BITS = np.float32(255.0)


def in_eight_bits(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The nearest values, 0..1, that 8 bits hold."""
    return np.asarray(np.rint(values * EIGHT_BITS) / EIGHT_BITS, np.float32)
