"""The median of very many numbers, most of which need no sorting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["median"]

# Fewer numbers are left to NumPy; of more, about so many are looked at first.
_MANY, _SAMPLE = 1 << 14, 1 << 11


def median(values: NDArray[np.float32]) -> float:
    """What `np.median` gives, to the bit, in a quarter of the time or less.

    A sample says between which numbers the median lies; only those there are sorted.

    Args:
        values: float32, any shape, at least one, finite.
    """
    flat = values.ravel()
    count = len(flat)
    if count >= _MANY:
        some = np.sort(flat[:: count // _SAMPLE])
        at, near = len(some) // 2, len(some) // 16
        low, high = some[at - near], some[at + near]
        middle = flat[(flat >= low) & (flat <= high)]
        below = int(np.count_nonzero(flat < low))
        first, last = (count - 1) // 2 - below, count // 2 - below
        if first >= 0 and last < len(middle):
            if low < high:
                middle.partition((first, last))
            return float(np.mean(middle[[first, last]]))
    return float(np.median(flat))
