"""Remembers the last picture's segmentation: depth and layers of one picture both ask for it."""

from __future__ import annotations

import threading
import weakref
import zlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["cached_segmentation"]

_Result = TypeVar("_Result")

_lock = threading.Lock()
_last: tuple[weakref.ref[Any], tuple[Any, ...], Any] | None = None


def cached_segmentation(
    rgba: NDArray[np.float32],
    inputs: tuple[NDArray[Any], NDArray[Any]],
    min_region: float,
    compute: Callable[[], _Result],
) -> _Result:
    """The result of `compute`, kept from the last call if that was for the same, unchanged array.

    The array is held weakly, so that its result is freed with it. The checksum is of
    `inputs`: the 8-bit colours and the alpha, which is all that segmentation sees of it.
    """
    global _last
    key = (min_region, rgba.shape, *(zlib.crc32(array.data) for array in inputs))
    with _lock:
        if _last is not None and _last[0]() is rgba and _last[1] == key:
            cached: _Result = _last[2]
            return cached
    segmentation = compute()
    with _lock:
        _last = (weakref.ref(rgba, _forget), key, segmentation)
    return segmentation


def _forget(gone: weakref.ref[Any]) -> None:
    global _last
    if _last is not None and _last[0] is gone:
        _last = None
