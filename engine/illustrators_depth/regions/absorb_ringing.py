"""Joins what lossy compression broke off regions: strips and flecks of a shifted colour at edges.

Colour is compressed in coarser blocks than light: beside a strong edge an area is of another colour
for half a block, flat enough to look like paint. Such a strip is narrow, it lies where ringing is
to be expected, and it differs from its area less in luma than in chroma.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .absorb import RegionTable, follow_chains

__all__ = ["absorb_ringing", "ringing_sums"]

# Two regions are one if they differ less (8-bit) than this, times the root of the ringing to be
# expected (8-bit) over the width of the smaller one in pixels. Where that lies against the other
# region all around, the limit is larger by the second number.
_TOLERANCE, _ENCLOSED_FACTOR = 8.0, 2.5
# Where less ringing (8-bit) is to be expected, regions are as in a clean drawing.
_MIN_RINGING = 1.0
# Merging makes new neighbours; few rounds suffice and bound the time.
_MAX_ROUNDS = 8


def ringing_sums(
    table: RegionTable, labels: NDArray[np.int32], local: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Sum over each region of the ringing to be expected, float64 (K,).

    Args:
        table: of the label map's regions.
        labels: int32 (H, W), -1 = no region.
        local: float32 (H, W), see `Ringing`.
    """
    count = len(table.number)
    sums = np.bincount((labels + 1).ravel(), local.ravel(), count + 1)[1:]
    total: NDArray[np.float64] = np.bincount(table.number, sums, count).astype(np.float64)
    return total


def absorb_ringing(table: RegionTable, ringing: NDArray[np.float64]) -> RegionTable:
    """Merge regions that only ringing tells from a larger neighbour.

    docs/decisions/051-compressed-drawings.md has what the limit was fitted to.

    Args:
        table: the regions.
        ringing: from `ringing_sums`.
    """
    unchanged = np.arange(len(table.number))
    for _ in range(_MAX_ROUNDS):
        target = _nearest_within_ringing(table, ringing)
        if np.array_equal(target, unchanged):
            break
        target = follow_chains(target)
        ringing = np.bincount(target, ringing, len(unchanged)).astype(np.float64)
        table = table.joined(target)
    return table


def _nearest_within_ringing(table: RegionTable, ringing: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each region the larger touching one that ringing best explains it by, else itself."""
    areas, means = table.areas, table.lossy_means
    a, b, shared = table.pairs.T
    # Merge strictly upwards in (area, number), so that no cycle can form.
    a_larger = (areas[a] > areas[b]) | ((areas[a] == areas[b]) & (a > b))
    small, large = np.where(a_larger, b, a), np.where(a_larger, a, b)
    width = table.widths[small]
    border = 2.0 * areas[small] / width
    expected = ringing[small] / areas[small]
    distance = np.linalg.norm(means[small] - means[large], axis=1)
    limit = _TOLERANCE * _ENCLOSED_FACTOR ** (shared / border)
    limit *= np.sqrt((expected + 1.0) / np.maximum(width, 1.0))
    explained = np.flatnonzero((distance < limit) & (expected >= _MIN_RINGING))
    # Of equally good ones the first.
    excess = distance[explained] / limit[explained]
    explained = explained[np.lexsort((large[explained], excess, small[explained]))]
    explained = explained[np.flatnonzero(np.diff(small[explained], prepend=-1))]
    target = np.arange(len(areas), dtype=np.int64)
    target[small[explained]] = large[explained]
    return target
