"""Work side by side: in order, on threads only where there is enough of it and they are allowed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from illustrators_depth.threads import limit_threads, side_by_side

PLENTY = 1 << 24


@pytest.fixture
def four_processors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    yield
    limit_threads(0)


def _threads(pixels: int, most: int) -> set[str]:
    """Names of the threads that made 24 items; none returns before two are at work, if two are."""
    together = threading.Barrier(2)

    def make(item: int) -> tuple[int, str]:
        if item < 2 and threading.current_thread() is not threading.main_thread():
            together.wait(10)
        return item, threading.current_thread().name

    made = list(side_by_side(make, range(24), pixels, most))
    assert [item for item, _ in made] == list(range(24))
    return {name for _, name in made}


def test_much_work_is_shared(four_processors: None) -> None:
    names = _threads(PLENTY, 3)
    assert 2 <= len(names) <= 3
    assert threading.current_thread().name not in names


@pytest.mark.parametrize(("pixels", "most"), [(1000, 4), (PLENTY, 1)])
def test_little_work_starts_no_thread(four_processors: None, pixels: int, most: int) -> None:
    assert _threads(pixels, most) == {threading.current_thread().name}


def test_a_process_limited_to_one_thread_starts_none(four_processors: None) -> None:
    limit_threads(1)
    assert _threads(PLENTY, 4) == {threading.current_thread().name}
