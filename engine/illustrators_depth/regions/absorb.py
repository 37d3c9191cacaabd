"""Absorbs regions that are too small to be anyone's layer into their most similar neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .statistics import adjacency

__all__ = ["absorb_small"]

# Merging makes new small neighbours; few rounds suffice and bound the time on noisy pictures.
_ROUNDS = 8


def absorb_small(
    labels: NDArray[np.int32], color8: NDArray[np.uint8], minimum: float
) -> NDArray[np.int32]:
    """Merge each region smaller than `minimum` pixels into the touching region nearest in colour.

    Args:
        labels: int32 (H, W), -1 = no region.
        color8: uint8 (H, W, 3).
        minimum: area in pixels; 0 returns the labels unchanged.

    A small region with no neighbour (alone on a transparent page) stays.
    """
    if minimum <= 0.0:
        return labels
    for _ in range(_ROUNDS):
        count = int(labels.max()) + 1
        if count <= 1:
            return labels
        inside = labels >= 0
        flat = labels[inside]
        areas = np.bincount(flat, minlength=count)
        small = (areas < minimum) & (areas > 0)
        if not small.any():
            return labels
        pixels = color8[inside].astype(np.float64)
        sums = np.stack([np.bincount(flat, pixels[:, k], count) for k in range(3)], axis=1)
        means = sums / np.maximum(areas, 1)[:, None].astype(np.float64)
        target = _nearest_neighbour(labels, count, small, areas, means)
        if (target == np.arange(count)).all():
            return labels
        labels = np.where(inside, _follow(target)[labels], -1).astype(np.int32)
    return labels


def _nearest_neighbour(
    labels: NDArray[np.int32],
    count: int,
    small: NDArray[np.bool_],
    areas: NDArray[np.int64],
    means: NDArray[np.float64],
) -> NDArray[np.int64]:
    """For each small region the larger touching region nearest in colour, else itself."""
    pairs = adjacency(labels, count)
    a = np.concatenate([pairs[:, 0], pairs[:, 1]])
    b = np.concatenate([pairs[:, 1], pairs[:, 0]])
    shared = np.concatenate([pairs[:, 2], pairs[:, 2]])
    # Merge strictly upwards in (area, number), so that no cycle can form.
    usable = small[a] & ((areas[b] > areas[a]) | ((areas[b] == areas[a]) & (b > a)))
    a, b, shared = a[usable], b[usable], shared[usable]
    target = np.arange(count, dtype=np.int64)
    if len(a) == 0:
        return target
    distance = np.sqrt(((means[a] - means[b]) ** 2).sum(axis=1)) / np.sqrt(shared)
    order = np.lexsort((b, distance, a))
    first = np.ones(len(order), bool)
    first[1:] = a[order][1:] != a[order][:-1]
    target[a[order][first]] = b[order][first]
    return target


def _follow(target: NDArray[np.int64]) -> NDArray[np.int32]:
    """Resolve chains a -> b -> c to their end."""
    while True:
        further = target[target]
        if (further == target).all():
            return target.astype(np.int32)
        target = further
