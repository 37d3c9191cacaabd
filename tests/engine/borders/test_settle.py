"""One order from the network's values and from pairs that may contradict each other."""

from __future__ import annotations

import numpy as np

from illustrators_depth.borders import settle_values

HOW = {"steepness": 6.0, "stiffness": 1.0}


def test_without_pairs_the_values_stay() -> None:
    prior = np.array([3.0, 1.0, 2.0])
    settled = settle_values(prior, np.zeros((0, 2), np.int32), np.zeros(0), **HOW)
    np.testing.assert_array_equal(settled, prior)


def test_a_sure_border_turns_a_close_pair_around() -> None:
    prior = np.array([0.0, 0.1, 5.0])
    settled = settle_values(prior, np.array([[0, 1]]), np.array([6.0]), **HOW)
    assert settled[0] > settled[1]
    assert settled[2] == 5.0  # asked about nothing, it stays


def test_pairs_that_agree_change_hardly_anything() -> None:
    prior = np.array([0.0, 1.0, 2.0])
    pairs = np.array([[1, 0], [2, 1]])
    settled = settle_values(prior, pairs, np.array([6.0, 6.0]), **HOW)
    np.testing.assert_allclose(settled, prior, atol=0.15)


def test_of_a_cycle_the_weakest_border_yields() -> None:
    prior = np.zeros(3)
    pairs = np.array([[0, 1], [1, 2], [2, 0]])
    settled = settle_values(prior, pairs, np.array([5.0, 5.0, 1.0]), **HOW)
    assert settled[0] > settled[1] > settled[2]


def test_exchanging_a_pair_and_its_sign_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    prior = rng.normal(size=30)
    pairs = np.array([rng.choice(30, 2, replace=False) for _ in range(60)])
    logits = rng.normal(0, 3, 60)
    np.testing.assert_allclose(
        settle_values(prior, pairs, logits, **HOW),
        settle_values(prior, pairs[:, ::-1], -logits, **HOW),
        atol=1e-6,
    )
