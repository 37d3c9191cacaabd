"""One order for all regions from what each border says and what the network said of each region.

The borders' answers may contradict each other in a cycle, and they say nothing of regions that do
not touch. Each region's value moves as little as it must to agree with the borders: the most
probable values under a Bradley-Terry model of the borders with a normal prior around the network's
values (Bradley and Terry 1952; on noisy pairs by least squares: Jiang et al. 2011, HodgeRank).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["settle_values"]

_NEWTON_STEPS = 12
_CONVERGED = 1e-4


def settle_values(
    prior: NDArray[np.float64],
    pairs: NDArray[np.int32],
    logits: NDArray[np.float64],
    steepness: float,
    stiffness: float,
) -> NDArray[np.float64]:
    """The values that fit both their prior and the pairs best.

    Args:
        prior: (R,), the network's value of each region, in units of the picture's spread.
        pairs: int (P, 2), region a and region b.
        logits: (P,), log odds that a lies above b.
        steepness: log odds per unit of difference; the larger, the smaller are the steps that
            suffice for a clear order.
        stiffness: how much a unit of change away from the prior costs, in log likelihood.

    Returns:
        float64 (R,). The problem is convex: one answer, the same on every machine.
    """
    values = np.asarray(prior, np.float64).copy()
    if not len(pairs):
        return values
    a, b = pairs[:, 0].astype(np.intp), pairs[:, 1].astype(np.intp)
    chance = _sigmoid(np.asarray(logits, np.float64))
    count = len(values)
    for _ in range(_NEWTON_STEPS):
        fitted = _sigmoid(steepness * (values[a] - values[b]))
        slope = steepness * (fitted - chance)
        gradient = stiffness * (values - prior)
        gradient += np.bincount(a, slope, count) - np.bincount(b, slope, count)
        curvature = steepness**2 * np.maximum(fitted * (1.0 - fitted), 1e-3)
        hessian = np.zeros((count, count))
        np.add.at(hessian, (a, b), -curvature)
        np.add.at(hessian, (b, a), -curvature)
        diagonal = np.bincount(a, curvature, count) + np.bincount(b, curvature, count)
        hessian[np.arange(count), np.arange(count)] += diagonal + stiffness
        step = np.linalg.solve(hessian, gradient)
        values -= step
        if np.abs(step).max() < _CONVERGED:
            break
    return values


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))
