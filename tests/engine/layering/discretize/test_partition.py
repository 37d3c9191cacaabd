"""The 1-D partitions against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from illustrators_depth.layering.discretize.partition import optimal_partition, penalised_partition


def cost(values: np.ndarray, weights: np.ndarray, starts: tuple[int, ...]) -> float:
    total = 0.0
    for a, b in zip(starts, (*starts[1:], len(values)), strict=True):
        v, w = values[a:b], weights[a:b]
        total += float((w * (v - np.average(v, weights=w)) ** 2).sum())
    return total


def best(values: np.ndarray, weights: np.ndarray, count: int) -> float:
    cuts = combinations(range(1, len(values)), count - 1)
    return min(cost(values, weights, (0, *c)) for c in cuts)


@pytest.mark.parametrize("seed", range(5))
def test_both_partitions_are_optimal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, weights = np.sort(rng.random(9)), rng.random(9) + 0.1
    for count in range(1, 10):
        starts = optimal_partition(values, weights, count)
        assert len(starts) == count and starts[0] == 0 and (np.diff(starts) > 0).all()
        found = cost(values, weights, tuple(starts))
        assert found == pytest.approx(best(values, weights, count), abs=1e-12)
    for penalty in (1e-6, 0.01, 0.05, 10.0):
        starts = penalised_partition(values, weights, penalty)
        found = cost(values, weights, tuple(starts)) + penalty * len(starts)
        truth = min(best(values, weights, k) + penalty * k for k in range(1, 10))
        assert found == pytest.approx(truth, abs=1e-12)
