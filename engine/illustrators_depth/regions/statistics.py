"""Per-region statistics over a label map, vectorised over all regions at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["adjacency", "area_weighted_median", "region_medians"]


def region_medians(
    values: NDArray[np.float32], labels: NDArray[np.int32], count: int
) -> NDArray[np.float32]:
    """Median of `values` within each region.

    Args:
        values: float32 (H, W).
        labels: int32 (H, W), 0..count-1; negative pixels are left out.
        count: number of regions.

    Returns:
        float32 (count,); NaN for a region without pixels. The lower median is taken, so that the
        result is always a value that occurs.
    """
    inside = labels.ravel() >= 0
    flat_labels = labels.ravel()[inside]
    flat_values = values.ravel()[inside]
    # Two stable sorts of 1-D keys are several times faster than a lexsort of both.
    order = np.argsort(flat_values, kind="stable")
    order = order[np.argsort(flat_labels[order], kind="stable")]
    counts = np.bincount(flat_labels, minlength=count)
    starts = np.cumsum(counts) - counts
    medians = np.full(count, np.nan, np.float32)
    filled = counts > 0
    medians[filled] = flat_values[order[starts[filled] + (counts[filled] - 1) // 2]]
    return medians


def area_weighted_median(values: NDArray[np.floating], weights: NDArray[np.floating]) -> float:
    """The value at which half the weight lies below; values and weights are (n,), n >= 1."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(cumulated, 0.5 * cumulated[-1])]])


def adjacency(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Pairs of regions that touch, with the length of their common border.

    Args:
        labels: int32 (H, W), 0..count-1; borders with negative pixels are left out.

    Returns:
        int64 (P, 3): region a, region b (a < b), number of 4-neighbour pixel pairs between them.
    """
    keys = []
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        differ = (one != other) & (one >= 0) & (other >= 0)
        a, b = one[differ].astype(np.int64), other[differ].astype(np.int64)
        keys.append(np.minimum(a, b) * count + np.maximum(a, b))
    unique, lengths = np.unique(np.concatenate(keys), return_counts=True)
    return np.stack([unique // count, unique % count, lengths], axis=1)
