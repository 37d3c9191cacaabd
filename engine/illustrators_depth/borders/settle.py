"""One order for all regions from what each border says and what the network said of each region.

The borders' answers may contradict each other in a cycle, and they say nothing of regions that do
not touch. So the network's values move as little as they must for the borders to be right: least
squares with one-sided terms for the borders that are not (on ranking from noisy pairs by least
squares see Jiang et al. 2011, HodgeRank).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["settle_values"]

MAX_ROUNDS = 30
MAX_LOG_ODDS = 6.0
"""A border counts no more than this, however sure it is."""
SURE_LOG_ODDS = 3.0
"""From here on a border wants the whole margin between its regions."""


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
    # Regions without a border that was asked about stay where they are: a picture may have many
    # thousands, and what is solved for grows with the third power.
    asked, number = np.unique(pairs, return_inverse=True)
    values[asked] = _settled(
        values[asked], number.reshape(-1, 2), np.asarray(log_odds), inertia[asked], margin
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
    wanted = margin * np.minimum(1.0, weight / SURE_LOG_ODDS)
    violated = np.zeros(len(pairs), bool)
    for number in range(MAX_ROUNDS):
        now = values[above] - values[below] < wanted - 1e-9
        if np.array_equal(now, violated):
            break
        # Terms that come and go in turn would never end: from some round on they only come.
        violated = now if number < MAX_ROUNDS // 2 else now | violated
        values = _least_squares(
            prior, inertia, above, below, np.where(violated, weight, 0.0), wanted
        )
    return values


def _least_squares(
    prior: NDArray[np.float64],
    inertia: NDArray[np.float64],
    above: NDArray[np.intp],
    below: NDArray[np.intp],
    weight: NDArray[np.float64],
    wanted: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Minimise inertia (v - prior)^2 + weight (v[above] - v[below] - wanted)^2."""
    count = len(prior)
    system = np.diag(inertia + _sums(above, below, weight, weight, count))
    np.add.at(system, (above, below), -weight)
    np.add.at(system, (below, above), -weight)
    pull = weight * wanted
    return np.linalg.solve(system, inertia * prior + _sums(above, below, pull, -pull, count))


def _sums(
    above: NDArray[np.intp],
    below: NDArray[np.intp],
    upper: NDArray[np.float64],
    lower: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    sums: NDArray[np.float64] = np.zeros(count)
    return sums + np.bincount(above, upper, count) + np.bincount(below, lower, count)
