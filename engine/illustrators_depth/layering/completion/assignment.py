"""The assignment of rows to columns at least cost."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["least_cost_assignment"]


def least_cost_assignment(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """The column of each row, such that the sum of costs is least.

    Shortest augmenting paths with potentials (the Hungarian method; Kuhn 1955, Munkres 1957), one
    row after the other.

    Args:
        cost: float64 (n, m), n <= m, finite.

    Returns:
        int (n,), all different.
    """
    rows, cols = cost.shape
    row_price, col_price = np.zeros(rows + 1), np.zeros(cols + 1)
    # Column 0 stands for the row that looks for a place; rows count from 1, 0 is nobody.
    owner = np.zeros(cols + 1, np.intp)
    for row in range(1, rows + 1):
        owner[0] = row
        column = 0
        least = np.full(cols + 1, np.inf)
        came_from = np.zeros(cols + 1, np.intp)
        done = np.zeros(cols + 1, bool)
        while owner[column] != 0:
            done[column] = True
            here = owner[column]
            slack = cost[here - 1] - row_price[here] - col_price[1:]
            better = ~done[1:] & (slack < least[1:])
            least[1:][better] = slack[better]
            came_from[1:][better] = column
            open_least = np.where(done, np.inf, least)
            open_least[0] = np.inf
            column = int(np.argmin(open_least))
            step = open_least[column]
            row_price[owner[done]] += step
            col_price[done] -= step
            least[~done] -= step
        while column:
            before = came_from[column]
            owner[column] = owner[before]
            column = before
    places = np.zeros(rows, np.intp)
    taken = np.flatnonzero(owner[1:])
    places[owner[1:][taken] - 1] = taken
    return places
