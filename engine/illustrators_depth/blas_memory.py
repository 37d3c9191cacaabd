"""Reserves the working memory of linear algebra early, while there is enough.

NumPy and OpenCV multiply and solve matrices through OpenBLAS, which takes a buffer on first use,
and one more whenever calls overlap. Where the system refuses the memory, NumPy's OpenBLAS waits for
ever and OpenCV's ends the process; neither raises an error. So the first buffers are taken early,
and calls only overlap where there is room for more.
"""

from __future__ import annotations

import mmap
from threading import Lock

__all__ = ["BUFFERS_BYTES", "has_room", "reserve_blas_memory"]

# Both libraries' buffers for one thread, 32 MiB each, and what goes with them.
BUFFERS_BYTES = 72 << 20
# Rows of a matrix that OpenCV hands to OpenBLAS: it does so from 100 on.
_MATRIX_ROWS = 128

_reserved = False
_lock = Lock()


def has_room(size: int) -> bool:
    """Whether `size` bytes can be allocated at this moment; none are kept.

    Limits of the process count as well as what the system has promised to others.
    """
    try:
        mmap.mmap(-1, size).close()
    except (OSError, MemoryError, ValueError, OverflowError):
        return False
    return True


def reserve_blas_memory() -> None:
    """Let both libraries take the buffers of one thread, once in a process.

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

        square = np.ones((_MATRIX_ROWS, _MATRIX_ROWS))
        np.matmul(square, square)
        cv2.gemm(square, square, 1.0, None, 0.0)
        _reserved = True
