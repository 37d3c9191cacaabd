"""Optimal partition of weighted values on a line (Fisher 1958), with a fixed or a chosen count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["optimal_partition", "penalised_partition"]


def _prefix_sums(
    values: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sums of weights, weights x values and weights x values squared before every index."""
    zero = np.zeros(1)
    return (
        np.concatenate([zero, np.cumsum(weights)]),
        np.concatenate([zero, np.cumsum(weights * values)]),
        np.concatenate([zero, np.cumsum(weights * values * values)]),
    )


def _segment_costs(
    sums: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], end: int
) -> NDArray[np.float64]:
    """Within-segment squared error of [i, end) for every i < end."""
    w, wx, wxx = sums
    weight = np.maximum(w[end] - w[:end], 1e-12)
    first = wx[end] - wx[:end]
    return np.maximum(wxx[end] - wxx[:end] - first * first / weight, 0.0)


def optimal_partition(
    values: NDArray[np.float64], weights: NDArray[np.float64], count: int
) -> NDArray[np.intp]:
    """Cut sorted values into `count` runs of the least weighted squared error.

    Args:
        values: float64 (n,), rising.
        weights: float64 (n,), positive.
        count: number of runs, 1..n.

    Returns:
        Index of the first value of every run, (count,), starting with 0. O(count n^2) time.
    """
    n = len(values)
    sums = _prefix_sums(values, weights)
    costs = [_segment_costs(sums, end) for end in range(1, n + 1)]
    best = np.concatenate([[0.0], [c[0] for c in costs]])
    choices = np.zeros((count, n + 1), np.intp)
    for run in range(1, count):
        next_best = np.full(n + 1, np.inf)
        for end in range(run + 1, n + 1):
            total = best[run:end] + costs[end - 1][run:end]
            start = int(np.argmin(total))
            next_best[end] = total[start]
            choices[run, end] = start + run
        best = next_best
    starts = np.zeros(count, np.intp)
    end = n
    for run in range(count - 1, 0, -1):
        end = choices[run, end]
        starts[run] = end
    return starts


def penalised_partition(
    values: NDArray[np.float64], weights: NDArray[np.float64], penalty: float
) -> NDArray[np.intp]:
    """Cut sorted values into runs, trading squared error against `penalty` per run.

    Minimises the sum of weighted squared errors + penalty x number of runs, exactly (Jackson et al.
    2005).

    Args:
        values: float64 (n,), rising.
        weights: float64 (n,), positive.
        penalty: in the unit of weight x value squared.

    Returns:
        Index of the first value of every run, starting with 0. O(n^2) time.
    """
    n = len(values)
    sums = _prefix_sums(values, weights)
    best = np.zeros(n + 1)
    previous = np.zeros(n + 1, np.intp)
    for end in range(1, n + 1):
        total = best[:end] + _segment_costs(sums, end) + penalty
        start = int(np.argmin(total))
        best[end], previous[end] = total[start], start
    starts = [n]
    while starts[-1] > 0:
        starts.append(int(previous[starts[-1]]))
    return np.asarray(starts[:0:-1], np.intp)
