"""One order from the network's values and from pairs that may contradict each other."""

from __future__ import annotations

import numpy as np

from illustrators_depth.borders import settle_values


def settle(prior: list[float], pairs: list[list[int]], log_odds: list[float]) -> np.ndarray:
    pairs_array = np.array(pairs, np.int32).reshape(-1, 2)
    return settle_values(
        np.array(prior), pairs_array, np.array(log_odds), np.full(len(prior), 0.2), 0.2
    )


def test_without_pairs_the_values_stay() -> None:
    assert settle([3.0, 1.0, 2.0], [], []).tolist() == [3.0, 1.0, 2.0]


def test_a_sure_border_turns_a_close_pair_around() -> None:
    settled = settle([0.0, 0.1, 5.0], [[0, 1]], [6.0])
    assert settled[0] > settled[1]
    assert settled[2] == 5.0  # asked about nothing, it stays


def test_pairs_that_agree_and_lie_apart_change_nothing() -> None:
    prior = [0.0, 0.25, 2.0]
    assert settle(prior, [[1, 0], [2, 1]], [6.0, 6.0]).tolist() == prior


def test_a_sure_border_keeps_its_regions_apart() -> None:
    close = [0.0, 0.01]
    assert np.diff(settle(close, [[1, 0]], [6.0]))[0] > 0.15
    assert np.diff(settle(close, [[1, 0]], [0.1]))[0] < 0.02  # hardly any evidence


def test_what_lies_between_is_taken_along() -> None:
    # 1 lies above 0 by little; 2 must go below 0, and 1 below 2.
    settled = settle([1.0, 1.05, 1.2], [[0, 2], [2, 1]], [6.0, 6.0])
    assert settled[0] > settled[2] > settled[1]


def test_of_a_cycle_the_weakest_border_yields() -> None:
    settled = settle([0.0, 0.0, 0.0], [[0, 1], [1, 2], [2, 0]], [5.0, 5.0, 1.0])
    assert settled[0] > settled[1] > settled[2]


def test_a_region_that_is_hard_to_move_moves_less() -> None:
    pairs, log_odds = np.array([[0, 1]], np.int32), np.array([6.0])
    settled = settle_values(np.array([0.0, 1.0]), pairs, log_odds, np.array([9.0, 0.1]), 0.2)
    assert abs(settled[0]) < 0.05 < abs(settled[1] - 1.0)


def test_exchanging_a_pair_and_its_sign_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    prior, inertia = rng.normal(size=30), rng.uniform(0.1, 2.0, 30)
    pairs = np.array([rng.choice(30, 2, replace=False) for _ in range(60)], np.int32)
    log_odds = rng.normal(0, 3, 60)
    np.testing.assert_allclose(
        settle_values(prior, pairs, log_odds, inertia, 0.2),
        settle_values(prior, pairs[:, ::-1], -log_odds, inertia, 0.2),
        atol=1e-9,
    )


def test_thousands_of_regions_cost_no_more_than_those_with_borders() -> None:
    count = 200_000  # a system of all of them would not fit into any memory
    prior = np.random.default_rng(0).random(count)
    pairs = np.array([[5, 199_990], [17, 5]], np.int32)
    few = np.array([5, 17, 199_990])
    alone = settle_values(
        prior[few], np.array([[0, 2], [1, 0]], np.int32), np.array([9.0, 9.0]), np.ones(3), 0.3
    )
    values = settle_values(prior, pairs, np.array([9.0, 9.0]), np.ones(count), 0.3)
    np.testing.assert_array_equal(values[few], alone)
    np.testing.assert_array_equal(np.delete(values, few), np.delete(prior, few))
    assert alone[1] > alone[0] > alone[2]
