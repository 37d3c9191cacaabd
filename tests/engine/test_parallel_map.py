"""Work side by side: in order, on threads only where there is enough of it and they are allowed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

import cv2
import pytest

from illustrators_depth.threads import limit_threads, parallel_map

PLENTY = 1 << 24


@pytest.fixture
def four_processors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    limit_threads(0)  # whatever tests before have left
    yield
    limit_threads(0)


def _threads(pixels: int, most: int, together: int = 1) -> set[str]:
    """Names of the threads that made 24 items; `together` of them have to be at work at once."""
    all_there = threading.Barrier(together)

    def make(item: int) -> tuple[int, str]:
        if item < together:
            all_there.wait(10)
        return item, threading.current_thread().name

    made = list(parallel_map(make, range(24), pixels, most))
    assert [item for item, _ in made] == list(range(24))
    return {name for _, name in made}


def test_much_work_is_shared(four_processors: None) -> None:
    names = _threads(PLENTY, 3, together=3)
    assert len(names) == 3
    assert threading.current_thread().name in names  # whose memory is at hand


def test_a_mistake_reaches_the_caller_in_its_turn(four_processors: None) -> None:
    def make(item: int) -> int:
        if item == 5:
            raise ValueError("the sixth")
        return item

    made = parallel_map(make, range(24), PLENTY, 3)
    assert [next(made) for _ in range(5)] == list(range(5))
    with pytest.raises(ValueError, match="the sixth"):
        next(made)


def test_nothing_more_is_made_for_a_caller_who_has_left(four_processors: None) -> None:
    begun: list[int] = []

    def make(item: int) -> int:
        begun.append(item)
        time.sleep(0.002)
        return item

    made = parallel_map(make, range(1000), PLENTY, 2)
    assert next(made) == 0
    made.close()
    assert len(begun) < 1000
    several = len(begun)
    time.sleep(0.05)
    assert len(begun) == several


def test_opencv_starts_no_threads_where_none_are_left(four_processors: None) -> None:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    try:
        inside = set(parallel_map(lambda _: cv2.getNumThreads(), range(24), PLENTY, 4))
        few = set(parallel_map(lambda _: cv2.getNumThreads(), range(24), PLENTY, 2))
        after = cv2.getNumThreads()
    finally:
        cv2.setNumThreads(before)
    assert (inside, few, after) == ({1}, {3}, 3)


@pytest.mark.parametrize(("pixels", "most"), [(1000, 4), (PLENTY, 1)])
def test_little_work_starts_no_thread(four_processors: None, pixels: int, most: int) -> None:
    assert _threads(pixels, most) == {threading.current_thread().name}


def test_a_process_limited_to_one_thread_starts_none(four_processors: None) -> None:
    limit_threads(1)
    assert _threads(PLENTY, 4) == {threading.current_thread().name}
