"""How many threads a process computes with, and a map over several of them.

Batches run many processes of one thread each. More threads also add up floating-point sums in
another order: with one thread in every process a batch gives the same bytes on any machine of a
kind, with any number of processes.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

from .blas_memory import BUFFERS_BYTES, has_room, reserve_blas_memory

__all__ = ["limit_threads", "limit_threads_from_env", "network_threads", "parallel_map"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_VARIABLE = "ILLUSTRATORS_DEPTH_THREADS"
# Below so many pixels in all, threads save little. Each also claims address space for its stack,
# which a small picture must not need where memory is short.
_MIN_PIXELS_FOR_THREADS = 1 << 21
# What a further thread claims: its stack and its linear algebra; and each pixel of its work.
_THREAD_BYTES, _PIXEL_BYTES = BUFFERS_BYTES + (16 << 20), 32

_limit = 0

# Callers of `parallel_map` that keep OpenCV to one thread at the moment, and how many threads it
# had before the first of them.
_opencv_limiters, _opencv_threads_before = 0, 0
_lock = Lock()


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


def limit_threads_from_env() -> None:
    """Follow the environment variable ILLUSTRATORS_DEPTH_THREADS, if it holds a number."""
    value = os.environ.get(_VARIABLE, "")
    if value.isdecimal():
        limit_threads(int(value))


def network_threads() -> int:
    """Threads for a network that is made now; 0 leaves it to its library."""
    return _limit


def parallel_map(
    function: Callable[[_Item], _Result], items: Sequence[_Item], pixels: int, max_threads: int
) -> Iterator[_Result]:
    """Results of a function for each item, in order; in several threads at a time where it pays.

    OpenCV, NumPy and the encoders let go of Python's lock. Where memory is short one thread does
    all: starting another, or linear algebra in two at a time, can then end or halt the process.

    Args:
        function: called from several threads at once.
        items: its arguments.
        pixels: of all items together, as a measure of the work.
        max_threads: at most so many, nor more than processors, or than `limit_threads` allows.

    Raises what `function` does, when the result concerned is asked for; MemoryError as
    `reserve_blas_memory` does.
    """
    thread_count = min(_limit or os.cpu_count() or 1, len(items), max_threads)
    enough_work = thread_count > 1 and pixels >= _MIN_PIXELS_FOR_THREADS
    if not enough_work or not _room_for_threads(thread_count, pixels // len(items)):
        yield from map(function, items)
        return
    results: list[Future[_Result]] = [Future() for _ in items]
    waiting = deque(zip(items, results, strict=True))

    def process_next() -> bool:
        """Process a waiting item; False when there is none."""
        try:
            item, result = waiting.popleft()
        except IndexError:
            return False
        try:
            result.set_result(function(item))
        except BaseException as error:  # raised again where the result is asked for
            result.set_exception(error)
        return True

    def process_all() -> None:
        while process_next():
            pass

    # The caller's thread works, too: what memory it gives back it gets again, where new threads
    # are given pages never touched before.
    with _opencv_single_threaded(thread_count), ThreadPoolExecutor(thread_count - 1) as pool:
        try:
            for _ in range(thread_count - 1):
                pool.submit(process_all)
            for result in results:
                while not result.done() and process_next():
                    pass
                yield result.result()
        finally:
            waiting.clear()


def _room_for_threads(thread_count: int, pixels: int) -> bool:
    """Whether there is memory for so many threads, each with work of so many pixels.

    Raises MemoryError as `reserve_blas_memory` does.
    """
    reserve_blas_memory()
    return has_room((thread_count - 1) * _THREAD_BYTES + thread_count * pixels * _PIXEL_BYTES)


@contextmanager
def _opencv_single_threaded(thread_count: int) -> Iterator[None]:
    """Keep OpenCV to one thread where `thread_count` threads leave no processor for its own.

    Its threads spin while they wait for work, and take processor time from those that have some.
    """
    global _opencv_limiters, _opencv_threads_before
    import cv2

    if 2 * thread_count <= (os.cpu_count() or 1):
        yield
        return
    with _lock:
        if not _opencv_limiters:
            _opencv_threads_before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _opencv_limiters += 1
    try:
        yield
    finally:
        with _lock:
            _opencv_limiters -= 1
            if not _opencv_limiters:
                cv2.setNumThreads(_opencv_threads_before)
