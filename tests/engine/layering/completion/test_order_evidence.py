"""Junctions of outlines say which region lies above."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.layering.completion.order_evidence import order_evidence


def crossing(upper: int) -> np.ndarray:
    """Two crossing bars, regions 1 (level) and 2 (upright), of which one lies above."""
    labels = np.zeros((120, 160), np.int32)
    bars = {1: (slice(50, 70), slice(10, 150)), 2: (slice(10, 110), slice(70, 96))}
    for number in sorted(bars, key=lambda number: number == upper):
        labels[bars[number]] = number
    return labels


@pytest.mark.parametrize("upper", [1, 2])
def test_the_bar_that_goes_through_lies_above(upper: int) -> None:
    evidence = order_evidence(crossing(upper))
    pair = evidence.regions.tolist().index([1, 2])
    sign = 1.0 if upper == 2 else -1.0
    assert sign * evidence.t_junctions[pair] > 3.0
    assert sign * evidence.relatability[pair] > 0.5


def test_every_touching_pair_is_there_once() -> None:
    evidence = order_evidence(crossing(2))
    assert evidence.regions.tolist() == [[0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (30, 30)])
def test_noise_and_nothing_give_an_answer(shape: tuple[int, int]) -> None:
    labels = np.random.default_rng(1).integers(-1, 4, shape).astype(np.int32)
    evidence = order_evidence(labels)
    assert len(evidence.regions) == len(evidence.t_junctions) == len(evidence.relatability)
    assert np.isfinite(evidence.t_junctions).all() and np.isfinite(evidence.relatability).all()
