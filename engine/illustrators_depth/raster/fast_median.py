"""The median of very many numbers, most of which need no sorting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["median"]

# Fewer numbers are left to NumPy; of more, a sample of about so many is sorted first.
_MIN_COUNT, _SAMPLE_SIZE = 1 << 14, 1 << 11


def median(values: NDArray[np.float32]) -> float:
    """What `np.median` gives, to the bit, in less time.

    A sample says between which numbers the median lies; only those there are sorted.

    Args:
        values: float32, any shape, at least one, finite.
    """
    flat = values.ravel()
    count = len(flat)
    if count >= _MIN_COUNT:
        sample = np.sort(flat[:: count // _SAMPLE_SIZE])
        at, near = len(sample) // 2, len(sample) // 16
        low, high = sample[at - near], sample[at + near]
        middle = flat[(flat >= low) & (flat <= high)]
        below = int(np.count_nonzero(flat < low))
        first, last = (count - 1) // 2 - below, count // 2 - below
        if first >= 0 and last < len(middle):
            if low < high:
                middle.partition((first, last))
            return float(np.mean(middle[[first, last]]))
    return float(np.median(flat))
