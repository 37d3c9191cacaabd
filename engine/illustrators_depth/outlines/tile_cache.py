"""Smoothed tiles of masks seen before: while a slider moves, most of every outline stays as it was.

Off unless asked for: a batch never sees a tile twice, and should not pay for looking.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

__all__ = ["remember_tiles", "remembered_tile", "remembers_tiles"]

_lock = Lock()
_most = 0
_bytes = 0
_tiles: OrderedDict[Hashable, NDArray[np.float32]] = OrderedDict()


def remember_tiles(most_bytes: int) -> None:
    """Let this process keep up to so many bytes of smoothed tiles; 0 forgets all of them."""
    global _most, _bytes
    with _lock:
        _most = most_bytes
        if most_bytes == 0:
            _tiles.clear()
            _bytes = 0


def remembers_tiles() -> bool:
    """Whether tiles are remembered at all."""
    return _most > 0


def remembered_tile(
    mask: NDArray[np.bool_], how: Hashable, make: Callable[[], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """What `make` gave for the same pixels before, or now; it is shared, and never written to.

    Args:
        mask: bool (h, w), all pixels that the answer depends on.
        how: what else it depends on.
        make: float32, of any size.
    """
    global _bytes
    if _most == 0:
        return make()
    # The pixels themselves, not a checksum of them: an eighth of a byte each is little enough.
    key = (how, mask.shape, np.packbits(mask).tobytes())
    with _lock:
        found = _tiles.get(key)
        if found is not None:
            _tiles.move_to_end(key)
            return found
    made = make()
    with _lock:
        if key not in _tiles and _most:
            kept = made.copy()  # a part of a larger array would keep all of that
            kept.flags.writeable = False
            _tiles[key] = kept
            _bytes += _size(key, kept)
            while _bytes > _most:
                _bytes -= _size(*_tiles.popitem(last=False))
    return made


def _size(key: Hashable, tile: NDArray[np.float32]) -> int:
    assert isinstance(key, tuple)
    return tile.nbytes + len(key[-1])
