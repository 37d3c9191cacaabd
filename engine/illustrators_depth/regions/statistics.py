"""Per-region statistics over a label map, vectorised over all regions at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["adjacency", "area_weighted_median", "places_of", "region_medians", "runs_of"]


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
    medians = np.full(count, np.nan, np.float32)
    starts, owner, lengths = runs_of(labels)
    # Runs are sorted, not pixels: flat art has hundreds of times fewer of them.
    order = np.argsort(owner, kind="stable")
    order = order[owner[order] >= 0]
    # Four bytes hold the pixel indices of all but enormous images.
    index_type = np.int32 if labels.size < 1 << 31 else np.int64
    grouped = values.ravel()[places_of(starts[order], lengths[order], index_type)]
    counts = np.bincount(owner[order], lengths[order], count).astype(np.int64)
    start = 0
    for region, size in enumerate(counts.tolist()):
        if size:
            region_values = grouped[start : start + size]
            middle = (size - 1) // 2
            region_values.partition(middle)
            medians[region] = region_values[middle]
            start += size
    return medians


def runs_of(
    labels: NDArray[np.integer],
) -> tuple[NDArray[np.intp], NDArray[np.integer], NDArray[np.intp]]:
    """The runs of one label in raster order: index of the first pixel, label, number of pixels."""
    flat = labels.ravel()
    starts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate([np.zeros(1, starts.dtype), starts])
    return starts, flat[starts], np.diff(starts, append=flat.size)


def places_of(
    starts: NDArray[np.intp], lengths: NDArray[np.intp], dtype: type[np.integer]
) -> NDArray[np.integer]:
    """Indices of all pixels of the given runs, one run after the other, in `dtype`."""
    shifts: NDArray[np.integer] = (starts - (np.cumsum(lengths) - lengths)).astype(dtype)
    within: NDArray[np.integer] = np.arange(int(lengths.sum()), dtype=dtype)
    places: NDArray[np.integer] = np.repeat(shifts, lengths) + within
    return places


def area_weighted_median(values: NDArray[np.floating], weights: NDArray[np.floating]) -> float:
    """The value at which half the weight lies below; values and weights are (n,), n >= 1."""
    order = np.argsort(values, kind="stable")
    cumulative_weights = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(cumulative_weights, 0.5 * cumulative_weights[-1])]])


def adjacency(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Pairs of regions that touch, with the length of their common border.

    Args:
        labels: int32 (H, W), 0..count-1; borders with negative pixels are left out.

    Returns:
        int64 (P, 3): region a, region b (a < b), number of 4-neighbour pixel pairs between them.
    """
    pair_codes = []
    for one, other in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        differ = (one != other) & (one >= 0) & (other >= 0)
        a, b = one[differ].astype(np.int64), other[differ].astype(np.int64)
        pair_codes.append(np.minimum(a, b) * count + np.maximum(a, b))
    codes, lengths = np.unique(np.concatenate(pair_codes), return_counts=True)
    return np.stack([codes // count, codes % count, lengths], axis=1)
