"""How many threads a process computes with: batches run many processes of one thread each.

More threads also add up floating-point sums in another order: with one thread in every process a
batch gives the same bytes on any machine of a kind, with any number of processes.
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
_Made = TypeVar("_Made")

_VARIABLE = "ILLUSTRATORS_DEPTH_THREADS"
# Below so many pixels in all, threads save little. Each also claims address space for its stack,
# which a small picture must not need where memory is short.
_WORTH_THREADS = 1 << 21
# What a further thread claims: its stack and its linear algebra, and for each pixel of its work.
_THREAD_BYTES, _PIXEL_BYTES = BUFFERS_BYTES + (16 << 20), 32

_limit = 0

# How many callers of `parallel_map` keep OpenCV from threads now, and how many it had before.
_alone, _before = 0, 0
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
    told = os.environ.get(_VARIABLE, "")
    if told.isdecimal():
        limit_threads(int(told))


def network_threads() -> int:
    """Threads for a network that is made now; 0 leaves it to its library."""
    return _limit


def parallel_map(
    make: Callable[[_Item], _Made], items: Sequence[_Item], pixels: int, most: int
) -> Iterator[_Made]:
    """What `make` gives for each item, in order; several are made at a time where it pays.

    OpenCV, NumPy and the encoders let go of Python's lock. Where memory is short one thread does
    all: starting another, or linear algebra in two at a time, can then end or halt the process.

    Args:
        make: called from several threads at once.
        items: what to make from.
        pixels: of all items together.
        most: made at a time, at most; nor more than processors, or than `limit_threads` allows.
    """
    at_once = min(_limit or os.cpu_count() or 1, len(items), most)
    enough_work = at_once > 1 and pixels >= _WORTH_THREADS
    if not enough_work or not _room_for_threads(at_once, pixels // len(items)):
        yield from map(make, items)
        return
    results: list[Future[_Made]] = [Future() for _ in items]
    waiting = deque(zip(items, results, strict=True))

    def make_next() -> bool:
        try:
            item, result = waiting.popleft()
        except IndexError:
            return False
        try:
            result.set_result(make(item))
        except BaseException as error:  # whoever asks for the result hears of it
            result.set_exception(error)
        return True

    def make_all() -> None:
        while make_next():
            pass

    # The caller's thread works, too: what memory it gives back it gets again, where new threads
    # are given pages never touched before.
    with _opencv_alone(at_once), ThreadPoolExecutor(at_once - 1) as pool:
        try:
            for _ in range(at_once - 1):
                pool.submit(make_all)
            for result in results:
                while not result.done() and make_next():
                    pass
                yield result.result()
        finally:
            waiting.clear()


def _room_for_threads(at_once: int, pixels: int) -> bool:
    """Whether there is memory for so many threads, each with work of so many pixels."""
    reserve_blas_memory()
    return has_room((at_once - 1) * _THREAD_BYTES + at_once * pixels * _PIXEL_BYTES)


@contextmanager
def _opencv_alone(at_once: int) -> Iterator[None]:
    """Keep OpenCV from threads of its own where there is no processor left for them.

    Its threads wait busily for the next piece of work, in the way of those that have some.
    """
    global _alone, _before
    import cv2

    if 2 * at_once <= (os.cpu_count() or 1):
        yield
        return
    with _lock:
        if not _alone:
            _before = cv2.getNumThreads()
            cv2.setNumThreads(1)
        _alone += 1
    try:
        yield
    finally:
        with _lock:
            _alone -= 1
            if not _alone:
                cv2.setNumThreads(_before)
