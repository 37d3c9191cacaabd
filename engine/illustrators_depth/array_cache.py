"""A cache of what was worked out from an array, kept for as long as the array lives.

Layers share the arrays that an edit leaves alone, so "the same array" is the cheapest proof that
its encoding, its outline or its checksum is still right.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from numpy.typing import NDArray

__all__ = ["ArrayCache"]

Value = TypeVar("Value")


class ArrayCache:
    """Values by array and key. The arrays must not be written to after they were given here."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[weakref.ref[Any], dict[Hashable, Any]]] = {}

    def get(self, array: NDArray[Any], key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` returned when it was first asked for with this very array and key."""
        values = self._values(array)
        if key not in values:
            values[key] = make()
        value: Value = values[key]
        return value

    def has(self, array: NDArray[Any], key: Hashable) -> bool:
        """Whether a value is kept for this very array and key."""
        return key in self._values(array)

    def size(self) -> int:
        """Number of arrays that values are kept for."""
        return len(self._entries)

    def _values(self, array: NDArray[Any]) -> dict[Hashable, Any]:
        array_id = id(array)
        entry = self._entries.get(array_id)
        if entry is None or entry[0]() is not array:
            # An id is free for another array only after the first is gone, and so is its entry.
            reference = weakref.ref(array, lambda _: self._entries.pop(array_id, None))
            entry = self._entries[array_id] = (reference, {})
        return entry[1]
