"""Caches of smoothed tiles, by the mask that they were made from (`smooth_field.py`).

There are two. `begun_tile` keeps tiles smoothed as far as a layer's coverage needs them: its
outline goes on from there and is often asked for next, so a little of that is always kept.
`remembered_tile` keeps finished tiles and is off until `remember_tiles`: while a slider moves, most
of every outline stays as it was, but a batch never sees a finished tile twice and should not pay
for looking. `remembering_tiles` turns it on for a product that draws outlines several times.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np
from numpy.typing import NDArray

__all__ = ["begun_tile", "remember_tiles", "remembered_tile", "remembering_tiles"]

# Bytes of begun tiles that are always kept: those of a rich drawing of a megapixel.
_MAX_BEGUN_BYTES = 1 << 26


class TileCache:
    """Tiles by the mask that they were made from; the least recently used are dropped first.

    May be used from several threads.
    """

    def __init__(self, max_bytes: int) -> None:
        """Keep up to so many bytes, masks included; 0 keeps nothing."""
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
        """What `make` returned for the same pixels before, or returns now.

        It may be shared: the caller never writes to it.

        Args:
            mask: bool (h, w), all pixels that the answer depends on.
            how: what else it depends on, such as the number of sweeps.
            make: returns a float32 array of any shape.
        """
        if self._max_bytes == 0:
            return make()
        # The pixels themselves, not a checksum of them: an eighth of a byte each is little enough.
        key = (how, mask.shape, np.packbits(mask).tobytes())
        with self._lock:
            remembered = self._tiles.get(key)
            if remembered is not None:
                self._tiles.move_to_end(key)
                return remembered
        tile = make()  # without the lock: two threads may do the same work, but none waits
        kept = tile.copy()  # a part of a larger array would keep all of that
        kept.flags.writeable = False
        with self._lock:
            if key not in self._tiles:
                self._tiles[key] = kept
                self._bytes += _size(key, kept)
                self._drop()
        return tile

    def kept_bytes(self) -> int:
        """Bytes of all tiles that are kept, and of the masks that they were made from."""
        return self._bytes

    def _drop(self) -> None:
        while self._bytes > self._max_bytes:
            self._bytes -= _size(*self._tiles.popitem(last=False))


def _size(key: Hashable, tile: NDArray[np.float32]) -> int:
    """Bytes of a tile and of its packed mask, the last part of its key."""
    assert isinstance(key, tuple)
    return tile.nbytes + len(key[-1])


_finished, _begun = TileCache(0), TileCache(_MAX_BEGUN_BYTES)
remembered_tile, begun_tile = _finished.get, _begun.get


def remember_tiles(max_bytes: int) -> None:
    """Let this process keep up to so many bytes of finished tiles, and of begun ones.

    0 forgets all tiles; begun ones are kept up to _MAX_BEGUN_BYTES even then.
    """
    _finished.limit(max_bytes)
    _begun.limit(0)
    _begun.limit(max(max_bytes, _MAX_BEGUN_BYTES))


@contextmanager
def remembering_tiles(max_bytes: int) -> Iterator[None]:
    """Within this, keep finished tiles up to so many bytes, or to the earlier limit if larger."""
    before = _finished.max_bytes
    _finished.limit(max(max_bytes, before))
    try:
        yield
    finally:
        _finished.limit(before)
