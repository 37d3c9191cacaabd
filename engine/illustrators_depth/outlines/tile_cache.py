"""Smoothed tiles of masks seen before: a layer's coverage and its outline begin with the same work.

A little of the latest coverage is always kept, for the outline that is often asked for next. All
else is off unless asked for: while a slider moves, most of every outline stays as it was, but a
batch never sees a finished tile twice, and should not pay for looking.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

__all__ = ["begun_tile", "remember_tiles", "remembered_tile"]

# Bytes of tiles that are begun: those of a rich drawing of a megapixel.
_MAX_BEGUN_BYTES = 1 << 26


class TileCache:
    """Tiles by the mask that they were made from; the last one used is the last one dropped."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._bytes = max_bytes, 0
        self._tiles: OrderedDict[Hashable, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    @property
    def max_bytes(self) -> int:
        return self._max_bytes

    def limit(self, max_bytes: int) -> None:
        """Keep up to so many bytes from now on; 0 forgets all tiles."""
        with self._lock:
            self._max_bytes = max_bytes
            self._drop()

    def get(
        self, mask: NDArray[np.bool_], how: Hashable, make: Callable[[], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """What `make` gave for the same pixels before, or now; it is shared, and never written to.

        Args:
            mask: bool (h, w), all pixels that the answer depends on.
            how: what else it depends on.
            make: float32, of any size.
        """
        if self._max_bytes == 0:
            return make()
        # The pixels themselves, not a checksum of them: an eighth of a byte each is little enough.
        key = (how, mask.shape, np.packbits(mask).tobytes())
        with self._lock:
            found = self._tiles.get(key)
            if found is not None:
                self._tiles.move_to_end(key)
                return found
        made = make()
        kept = made.copy()  # a part of a larger array would keep all of that
        kept.flags.writeable = False
        with self._lock:
            if key not in self._tiles:
                self._tiles[key] = kept
                self._bytes += _size(key, kept)
                self._drop()
        return made

    def kept_bytes(self) -> int:
        """Bytes of all that is kept, what it was made from included."""
        return self._bytes

    def _drop(self) -> None:
        while self._bytes > self._max_bytes:
            self._bytes -= _size(*self._tiles.popitem(last=False))


def _size(key: Hashable, tile: NDArray[np.float32]) -> int:
    assert isinstance(key, tuple)
    return tile.nbytes + len(key[-1])


_finished, _begun = TileCache(0), TileCache(_MAX_BEGUN_BYTES)
remembered_tile, begun_tile = _finished.get, _begun.get


def remember_tiles(most_bytes: int) -> None:
    """Let this process keep up to so many bytes of smoothed tiles; 0 forgets all of them."""
    _finished.limit(most_bytes)
    _begun.limit(0)
    _begun.limit(max(most_bytes, _MAX_BEGUN_BYTES))
