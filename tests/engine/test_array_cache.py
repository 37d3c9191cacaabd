"""What is remembered of an array lasts as long as the array, and no longer."""

from __future__ import annotations

import gc

import numpy as np

from illustrators_depth.array_cache import ArrayCache


def test_worked_out_once_per_array_and_key() -> None:
    memo, calls = ArrayCache(), []

    def make() -> int:
        calls.append(1)
        return len(calls)

    one, twin = np.zeros(3), np.zeros(3)
    assert [memo.get(one, "a", make), memo.get(one, "a", make)] == [1, 1]
    assert memo.get(one, "b", make) == 2
    assert memo.get(twin, "a", make) == 3  # equal is not the same
    assert memo.has(one, "a") and not memo.has(twin, "b")


def test_forgotten_with_the_array() -> None:
    memo = ArrayCache()
    one = np.zeros(3)
    memo.get(one, "a", lambda: "value")
    del one
    gc.collect()
    assert memo.size() == 0
    for _ in range(50):  # new arrays may take over the old one's address
        fresh = np.zeros(3)
        assert not memo.has(fresh, "a")
        memo.get(fresh, "a", lambda: "other")
        del fresh
