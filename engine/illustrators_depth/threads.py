"""How many threads a process computes with: batches run many processes of one thread each.

More threads also add up floating-point sums in another order: with one thread in every process a
batch gives the same bytes on any machine of a kind, with any number of processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["limit_threads", "limit_threads_as_told", "network_threads", "side_by_side"]

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

_VARIABLE = "ILLUSTRATORS_DEPTH_THREADS"
# Below so many pixels in all, threads save little. Each also claims address space for its stack,
# which a small picture must not need where memory is short.
_WORTH_THREADS = 1 << 21

_limit = 0


def limit_threads(count: int) -> None:
    """Let OpenCV, torch (once loaded) and networks made from now on use `count` threads.

    0 gives the libraries their own choice back.
    """
    global _limit
    import cv2

    _limit = count
    cv2.setNumThreads(count or -1)
    if count and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)


def limit_threads_as_told() -> None:
    """Follow the environment variable ILLUSTRATORS_DEPTH_THREADS, if it holds a number."""
    told = os.environ.get(_VARIABLE, "")
    if told.isdecimal():
        limit_threads(int(told))


def network_threads() -> int:
    """Threads for a network that is made now; 0 leaves it to its library."""
    return _limit


def side_by_side(
    make: Callable[[_Item], _Made], items: Sequence[_Item], pixels: int, most: int
) -> Iterator[_Made]:
    """What `make` gives for each item, in order; several are made at a time where it pays.

    OpenCV, NumPy and the encoders let go of Python's lock.

    Args:
        make: called from several threads at once.
        items: what to make from.
        pixels: of all items together.
        most: made at a time, at most; nor more than processors, or than `limit_threads` allows.
    """
    at_once = min(_limit or os.cpu_count() or 1, len(items), most)
    if at_once < 2 or pixels < _WORTH_THREADS:
        yield from map(make, items)
        return
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(make, items)
