"""Keeps shapes apart in a compressed drawing that differ less than the ripples at a strong edge.

What counts as flat is loosened beside strong edges, or ripples would break every area there. Where
a faint edge runs into a strong one, the two areas beside it flow together at that end. So areas
that are surely flat are told apart first, and ripples are given to the nearest of them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.components import component_roots
from .absorb import luma_chroma
from .grow import grow

__all__ = ["split_at_faint_edges"]

# A surely flat area has at least so many pixels: fewer are a calm spot among ripples.
_MIN_AREA_PX = 40
# Two such areas are one unless they differ at their border by more than this (8-bit, weighted for
# lossy pictures): a gradient's steps are less. Pixels that far from each other are compared.
_MIN_STEP, _REACH_PX = 8.0, 4


def split_at_faint_edges(
    labels: NDArray[np.int32],
    color8: NDArray[np.uint8],
    sure: NDArray[np.bool_],
) -> NDArray[np.int32]:
    """Flat cores, parted where they are connected by ripples alone; int32 (H, W), -1 = no core.

    Args:
        labels: int32 (H, W), the connected flat cores, -1 elsewhere.
        color8: uint8 (H, W, 3).
        sure: bool (H, W), the pixels of cores that would be flat in a clean drawing, too.
    """
    _, parts, measures, _ = cv2.connectedComponentsWithStats(sure.view(np.uint8), connectivity=4)
    large = measures[:, cv2.CC_STAT_AREA] >= _MIN_AREA_PX
    large[0] = False
    count = int(np.count_nonzero(large))
    number = np.where(large, np.cumsum(large) - 1, -1).astype(np.int32)
    split = number[parts]
    core_of_part = np.full(count + 1, -1, np.int32)
    core_of_part[split] = labels
    core_of_part[-1] = -1
    grow(split, color8, labels >= 0, rounds=sum(labels.shape))
    # Cores may touch at corners, over which parts grow, too.
    split[core_of_part[split] != labels] = -1
    split = np.append(_joined_parts(split, color8, core_of_part), np.int32(-1))[split]
    rest = (labels >= 0) & (split < 0)
    _, without = cv2.connectedComponents(rest.view(np.uint8), connectivity=4)
    np.copyto(split, without + np.int32(count - 1), where=rest)
    # Numbers of parts that were joined are left out; label -1 reads the last entry.
    used = np.zeros(count + int(without.max()) + 1, bool)
    used[split] = True
    used[-1] = False
    numbers = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    return np.asarray(numbers[split], np.int32)


def _joined_parts(
    split: NDArray[np.int32], color8: NDArray[np.uint8], core_of_part: NDArray[np.int32]
) -> NDArray[np.int32]:
    """For each part the one that stands for all it is one with, int32 (count,).

    `split` has the numbers of parts, `core_of_part`, one longer, the core that each belongs to.
    """
    count = len(core_of_part) - 1
    keys, steps, counted = [], [], []
    for axis in (0, 1):
        near, colors = np.moveaxis(split, axis, 0), np.moveaxis(color8, axis, 0)
        # Four pixels in a row, at equal distances: the border is between the inner ones.
        slices = [slice(n * _REACH_PX, len(near) - (3 - n) * _REACH_PX) for n in range(4)]
        one, other = near[slices[1]], near[slices[2]]
        core = core_of_part[one]
        beside = (one != other) & (core >= 0) & (core_of_part[other] == core)
        inside = (core_of_part[near[slices[0]]] == core) & (core_of_part[near[slices[3]]] == core)
        low, high = one[beside].astype(np.int64), other[beside].astype(np.int64)
        first, second, third, last = (colors[part][beside].astype(np.float64) for part in slices)
        # How much more changes at the border than beside it.
        step = (third - second) - 0.5 * ((second - first) + (last - third))
        step[low > high] *= -1.0
        # Outside the core is another paint, which tells nothing.
        step[~inside[beside]] = 0.0
        steps.append(step)
        counted.append(inside[beside])
        keys.append(np.minimum(low, high) * count + np.maximum(low, high))
    pairs, at = np.unique(np.concatenate(keys), return_inverse=True)
    lengths = np.maximum(np.bincount(at, np.concatenate(counted), len(pairs)), 1.0)
    sums = np.zeros((len(pairs), 3))
    np.add.at(sums, at, np.concatenate(steps))
    # The mean over a border: ripples go up and down along it. Without anything to compare it is 0.
    step = np.linalg.norm(luma_chroma(sums / lengths[:, None]), axis=1)
    alike = pairs[step < _MIN_STEP]
    return np.asarray(component_roots(alike // count, alike % count, count), np.int32)
