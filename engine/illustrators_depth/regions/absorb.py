"""Joins regions that are one to the eye: touching ones of one colour, specks with a neighbour."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .statistics import adjacency

__all__ = ["absorb_small", "merge_alike"]

# Merging makes new small neighbours; few rounds suffice and bound the time on noisy pictures.
_ROUNDS = 8


def merge_alike(
    labels: NDArray[np.int32], color8: NDArray[np.uint8], tolerance: float
) -> NDArray[np.int32]:
    """Merge touching regions whose mean colours differ by less than `tolerance` (8-bit L2).

    The blends along a narrow crescent break it into several regions; nobody sees a border there.
    """
    count = int(labels.max()) + 1
    if count <= 1:
        return labels
    _, means = _measure(labels, color8, count)
    pairs = adjacency(labels, count)
    a, b = pairs[:, 0], pairs[:, 1]
    alike = ((means[a] - means[b]) ** 2).sum(axis=1) < tolerance * tolerance
    target = np.arange(count, dtype=np.int64)
    a, b = a[alike], b[alike]
    while True:
        low = np.minimum(target[a], target[b])
        before = target.copy()
        np.minimum.at(target, a, low)
        np.minimum.at(target, b, low)
        target = target[target]
        if (target == before).all():
            break
    return np.where(labels >= 0, target[labels], -1).astype(np.int32)


def _measure(
    labels: NDArray[np.int32], color8: NDArray[np.uint8], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Area (count,) and mean colour (count, 3) of each region."""
    inside = labels >= 0
    flat = labels[inside]
    areas = np.bincount(flat, minlength=count)
    pixels = color8[inside].astype(np.float64)
    sums = np.stack([np.bincount(flat, pixels[:, k], count) for k in range(3)], axis=1)
    return areas, sums / np.maximum(areas, 1)[:, None].astype(np.float64)


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
        areas, means = _measure(labels, color8, count)
        small = (areas < minimum) & (areas > 0)
        if not small.any():
            return labels
        target = _nearest_neighbour(labels, count, small, areas, means)
        if (target == np.arange(count)).all():
            return labels
        labels = np.where(labels >= 0, _follow(target)[labels], -1).astype(np.int32)
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
