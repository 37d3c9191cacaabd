"""The assignment of least cost, against all of them tried."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from illustrators_depth.layering.completion.assignment import least_cost_assignment


@pytest.mark.parametrize("seed", range(12))
def test_no_other_assignment_costs_less(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, cols = 1 + seed % 5, 5
    cost = random.integers(-9, 9, (rows, cols)).astype(np.float64)
    chosen = least_cost_assignment(cost)
    assert len(set(chosen.tolist())) == rows
    least = min(cost[range(rows), way].sum() for way in permutations(range(cols), rows))
    assert cost[range(rows), chosen].sum() == least


def test_nothing_is_assigned_to_nothing() -> None:
    assert len(least_cost_assignment(np.zeros((0, 4)))) == 0
