"""Reserves the working memory of linear algebra early, while there is some.

NumPy and OpenCV multiply and solve matrices through OpenBLAS, which takes a buffer on first use,
and one more whenever calls overlap. Where the system refuses it, NumPy's waits for ever and
OpenCV's ends the process; neither can be told. So the first buffers are taken early, and calls only
overlap where there is room for more.
"""

from __future__ import annotations

import mmap
from threading import Lock

__all__ = ["BUFFERS_BYTES", "has_room", "reserve_blas_memory"]

# Both libraries' buffers for one thread, 32 MiB each, and what goes with them.
BUFFERS_BYTES = 72 << 20
# OpenCV hands matrices of 100 rows and more to OpenBLAS.
_LARGE_MATRIX = 128

_reserved = False
_lock = Lock()


def has_room(size: int) -> bool:
    """Whether so many bytes can be had now; none are kept.

    Limits of the process count as well as what the system has promised to others.
    """
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError, ValueError, OverflowError):
        return False
    return True


def reserve_blas_memory() -> None:
    """Have one thread's buffers taken, once in a process.

    Raises MemoryError when there is no room for them.
    """
    global _reserved
    with _lock:
        if _reserved:
            return
        if not has_room(BUFFERS_BYTES):
            raise MemoryError("no room for the working memory of linear algebra")
        import cv2
        import numpy as np

        square = np.ones((_LARGE_MATRIX, _LARGE_MATRIX))
        np.matmul(square, square)
        cv2.gemm(square, square, 1.0, None, 0.0)
        _reserved = True
