"""How many threads a process computes with: batches run many processes of one thread each.

More threads also add up floating-point sums in another order: with one thread in every process a
batch gives the same bytes on any machine of a kind, with any number of processes.
"""

from __future__ import annotations

import os
import sys

__all__ = ["limit_threads", "limit_threads_as_told", "network_threads"]

_VARIABLE = "ILLUSTRATORS_DEPTH_THREADS"

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
