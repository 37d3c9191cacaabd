"""Layers of flat art: same-coloured regions that one coat of paint could have made.

The paper clusters by colour and gives each cluster its median depth. A colour used twice (a black
outline below, a black pupil on top) then ends in one layer at a depth that suits neither. Here the
unit is the connected region: regions are laid from the deepest up, and each joins an existing layer
of its colour only if that layer is above everything the region must cover. So the order between
regions that touch is always the predicted one, with as few layers as that allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..regions import FlatRegions, adjacency, area_weighted_median, region_medians
from ..settings import DecomposeSettings
from .partition import optimal_partition

__all__ = ["cluster_labels"]

# Share of the depth range within which regions of one colour may share a layer, at detail 0 and 1.
_REACH_AT_0, _REACH_AT_1 = 1.8, 0.02
# A sliver of nothing but blends is this many times less certain of its colour.
_BLEND_SLACK = 3.0


@dataclass
class _Group:
    """A layer in the making."""

    depth: float
    color: NDArray[np.float64]
    area: float
    members: list[int] = field(default_factory=list)

    def add(self, region: int, color: NDArray[np.float64], area: float) -> None:
        self.color = (self.color * self.area + color * area) / (self.area + area)
        self.area += area
        self.members.append(region)


def cluster_labels(
    regions: FlatRegions, depth: NDArray[np.float32], settings: DecomposeSettings
) -> NDArray[np.int32]:
    """Assign every pixel to a layer, bottom = 0.

    Args:
        regions: the picture's flat regions, count >= 1.
        depth: float32 (H, W), larger = nearer.
        settings: `layers` 0 keeps the fewest layers that respect the order; a number merges the
            neighbours in depth whose union costs least.

    Returns:
        int32 (H, W); -1 where no region is.

    Raises:
        InputError: more layers are asked for than the picture has regions of distinct colour.
    """
    medians = region_medians(depth, regions.labels, regions.count).astype(np.float64)
    groups = _stack_regions(regions, medians, settings)
    if settings.layers:
        if settings.layers > len(groups):
            raise InputError(
                f"The picture has {len(groups)} layers by colour and order, fewer than the "
                f"{settings.layers} asked for; ask for at most {len(groups)}, or use method bins."
            )
        groups = _merge_to(groups, settings.layers)
    elif len(groups) > settings.max_layers:
        groups = _merge_to(groups, settings.max_layers)
    table = np.full(regions.count + 1, -1, np.int32)
    for index, group in enumerate(groups):
        table[group.members] = index
    return table[regions.labels]  # label -1 reads the last entry, -1


def _stack_regions(
    regions: FlatRegions, medians: NDArray[np.float64], settings: DecomposeSettings
) -> list[_Group]:
    """Lay regions from the deepest up into the fewest groups that keep the touching order."""
    reach = _reach(medians, regions.areas, settings.detail)
    neighbours: list[list[int]] = [[] for _ in range(regions.count)]
    for a, b, _ in adjacency(regions.labels, regions.count):
        neighbours[a].append(int(b))
        neighbours[b].append(int(a))
    # Of equal depths the larger is laid first: small things lie on large ones.
    order = np.lexsort((np.arange(regions.count), -regions.areas, medians))
    colors = regions.colors.astype(np.float64)
    tolerance = settings.merge_color * (1.0 + _BLEND_SLACK * (1.0 - regions.purity))
    groups: list[_Group] = []
    position = np.full(regions.count, -1)
    for region in order:
        covered = max((int(position[n]) for n in neighbours[region]), default=-1)
        joined = -1
        for index in range(len(groups) - 1, -1, -1):
            group = groups[index]
            # The topmost group is the coat painted last: the same colour again is the same coat,
            # however far (the paper's merge of neighbours in order).
            if index < len(groups) - 1 and medians[region] - group.depth > reach:
                break
            near = np.linalg.norm(group.color - colors[region]) < tolerance[region]
            # A neighbour in the same group is its own colour again: one coat all the same.
            if near and index >= covered:
                joined = index
                break
        if joined < 0:
            joined = len(groups)
            groups.append(_Group(float(medians[region]), colors[region].copy(), 0.0))
        groups[joined].add(int(region), colors[region], float(regions.areas[region]))
        position[region] = joined
    for group in groups:
        members = np.asarray(group.members)
        group.depth = area_weighted_median(medians[members], regions.areas[members])
    return groups


def _reach(medians: NDArray[np.float64], areas: NDArray[np.int64], detail: float) -> float:
    """How far apart in depth regions of one colour may lie and still share a layer."""
    order = np.argsort(medians)
    share = np.cumsum(areas[order]) / areas.sum()
    # The range without the outermost 0.1 % of area, so that one stray speck does not set it.
    low = medians[order][np.searchsorted(share, 0.001)]
    high = medians[order][min(int(np.searchsorted(share, 0.999)), len(order) - 1)]
    fraction = _REACH_AT_0 * (_REACH_AT_1 / _REACH_AT_0) ** detail
    return float(max(high - low, 1e-6) * fraction)


def _merge_to(groups: list[_Group], count: int) -> list[_Group]:
    """Merge neighbours in order into exactly `count` groups, least squared depth error."""
    depths = np.maximum.accumulate(np.array([g.depth for g in groups], np.float64))
    # The square root keeps a large background from outvoting every detail.
    weights = np.sqrt([g.area for g in groups])
    starts = optimal_partition(depths, np.asarray(weights, np.float64), count)
    merged = []
    for first, last in zip(starts, [*starts[1:], len(groups)], strict=True):
        run = groups[first:last]
        whole = _Group(run[0].depth, run[0].color, 0.0)
        for group in run:
            for member in group.members:
                whole.add(member, group.color, group.area / len(group.members))
        merged.append(whole)
    return merged
