"""One order for all regions, from the network's value of each region and the odds of each border.

The borders' answers may contradict each other in a cycle, and they say nothing of regions that do
not touch. So the network's values move as little as they must to put the regions along each border
in order: least squares, with one-sided terms for the borders whose regions are not in order (on
ranking from noisy pairs by least squares see Jiang et al. 2011, HodgeRank).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["settle_values"]

MAX_ROUNDS = 30
"""Of the active-set method, should it not end by itself."""
MAX_LOG_ODDS = 6.0
"""Larger odds of a border count as these."""
SURE_LOG_ODDS = 3.0
"""From here on the regions of a border shall differ by the whole margin."""


def settle_values(
    prior: NDArray[np.float64],
    pairs: NDArray[np.int32],
    log_odds: NDArray[np.float64],
    inertia: NDArray[np.float64],
    margin: float,
) -> NDArray[np.float64]:
    """The values nearest to their prior that put the pairs in order, as far as they agree.

    Args:
        prior: (R,), the network's value of each region.
        pairs: int (P, 2), region a and region b.
        log_odds: (P,), log odds that a lies above b.
        inertia: (R,), what it costs to move a region's value by one, squared.
        margin: how far apart the values of a pair come to lie if its border is sure and nothing
            else pulls at them. A pair that lies farther apart already stays as it is.

    Returns:
        float64 (R,). The problem is convex, with one answer; values whose borders all agree,
        and that lie far enough apart, stay exactly as they are.
    """
    values = np.asarray(prior, np.float64).copy()
    if not len(pairs):
        return values
    # Regions without a pair stay where they are: a picture may have many thousands, and the time to
    # solve for them grows with the third power.
    with_border, number = np.unique(pairs, return_inverse=True)
    values[with_border] = _settled(
        values[with_border],
        number.reshape(-1, 2),
        np.asarray(log_odds),
        inertia[with_border],
        margin,
    )
    return values


def _settled(
    prior: NDArray[np.float64],
    pairs: NDArray[np.intp],
    log_odds: NDArray[np.float64],
    inertia: NDArray[np.float64],
    margin: float,
) -> NDArray[np.float64]:
    """`settle_values` of regions that all have a border."""
    values = prior.copy()
    first_above = log_odds >= 0
    above = np.where(first_above, pairs[:, 0], pairs[:, 1]).astype(np.intp)
    below = np.where(first_above, pairs[:, 1], pairs[:, 0]).astype(np.intp)
    weight = np.minimum(np.abs(np.asarray(log_odds, np.float64)), MAX_LOG_ODDS)
    # The surer a border is, the farther apart its regions: layers are told apart by distance.
    min_gap = margin * np.minimum(1.0, weight / SURE_LOG_ODDS)
    active = np.zeros(len(pairs), bool)
    for round_number in range(MAX_ROUNDS):
        is_violated = values[above] - values[below] < min_gap - 1e-9
        if np.array_equal(is_violated, active):
            break
        # Terms that are dropped and added in turn would never end: in the second half of the rounds
        # they are only added.
        active = is_violated if round_number < MAX_ROUNDS // 2 else is_violated | active
        values = _least_squares(
            prior, inertia, above, below, np.where(active, weight, 0.0), min_gap
        )
    return values


def _least_squares(
    prior: NDArray[np.float64],
    inertia: NDArray[np.float64],
    above: NDArray[np.intp],
    below: NDArray[np.intp],
    weight: NDArray[np.float64],
    min_gap: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Minimise the sum of inertia (v - prior)^2 + weight (v[above] - v[below] - min_gap)^2."""
    count = len(prior)
    system = np.diag(inertia + _sums(above, below, weight, weight, count))
    np.add.at(system, (above, below), -weight)
    np.add.at(system, (below, above), -weight)
    pull = weight * min_gap
    return np.linalg.solve(system, inertia * prior + _sums(above, below, pull, -pull, count))


def _sums(
    above: NDArray[np.intp],
    below: NDArray[np.intp],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Sums per region of what its pairs contribute to the upper and to the lower one, (count,)."""
    sums: NDArray[np.float64] = np.zeros(count)
    return sums + np.bincount(above, upper, count) + np.bincount(below, lower, count)
