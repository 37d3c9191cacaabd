"""How many threads a process computes with: batches run many processes of one thread each.

More threads also add up floating-point sums in another order: with one thread in every process a
batch gives the same bytes on any machine of a kind, with any number of processes.
"""

from __future__ import annotations

import sys

__all__ = ["limit_threads", "network_threads"]

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


def network_threads() -> int:
    """Threads for a network that is made now; 0 leaves it to its library."""
    return _limit
