"""Connected components of a graph given by its edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["component_roots"]


def component_roots(
    one: NDArray[np.integer], other: NDArray[np.integer], size: int
) -> NDArray[np.int64]:
    """For each of `size` nodes the lowest node of its connected component, int64 (size,).

    Edges join `one[i]` and `other[i]`. Roots are hooked to lower ones and paths cut short until
    every edge lies in one tree (Shiloach and Vishkin 1982). SciPy has this, but Blender's extension
    does not carry SciPy.
    """
    root = np.arange(size, dtype=np.int64)
    while True:
        a, b = root[one], root[other]
        if np.array_equal(a, b):
            return root
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root, shorter := root[root]):
            root = shorter
