"""Patches of a layer's pixels: written into them, or into a copy that is given again.

A layer that a slider leaves alone keeps its array, so what is cached by array stays valid.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from ...types.packed_pixels import PackedPixels, put_pixels

__all__ = ["Patch", "PatchedArrays", "put_patches"]

# Bytes of patched pixels that are kept for later calls.
_MAX_KEPT_BYTES = 1 << 28

Patch = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]
"""Rows and columns in a layer's window, and the pixels (n, 4) to put there, straight alpha."""


class PatchedArrays:
    """Patched pixels of layers: the same patches of the same array give the same array again."""

    def __init__(self) -> None:
        self._entries: OrderedDict[
            int, tuple[NDArray[np.float32], list[Patch], NDArray[np.float32]]
        ] = OrderedDict()
        self._bytes = 0

    def patched(self, rgba: NDArray[np.float32], patches: list[Patch]) -> NDArray[np.float32]:
        """A copy of `rgba` (h, w, 4) with each patch (rows, columns, pixels) in place."""
        entry = self._entries.pop(id(rgba), None)
        if entry is not None:
            self._bytes -= entry[2].nbytes
        if entry is None or entry[0] is not rgba or not _are_equal(entry[1], patches):
            patched = rgba.copy()
            put_patches(patched, patches)
            entry = rgba, patches, patched
        self._entries[id(rgba)] = entry
        self._bytes += entry[2].nbytes
        while self._bytes > _MAX_KEPT_BYTES and len(self._entries) > 1:
            self._bytes -= self._entries.popitem(last=False)[1][2].nbytes
        return entry[2]


def put_patches(rgba: NDArray[np.float32] | PackedPixels, patches: list[Patch]) -> None:
    """Write patches into a layer's pixels."""
    for rows, cols, pixels in patches:
        put_pixels(rgba, (rows, cols), pixels)


def _are_equal(patches: list[Patch], other_patches: list[Patch]) -> bool:
    """Whether two lists of patches put the same pixels in the same places."""
    return len(patches) == len(other_patches) and all(
        np.array_equal(a, b)
        for first, second in zip(patches, other_patches, strict=True)
        for a, b in zip(first, second, strict=True)
    )
