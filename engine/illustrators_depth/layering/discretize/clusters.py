"""Layers of flat art: same-coloured regions that one coat of paint could have made.

The paper clusters by colour and gives each cluster its median depth. A colour used twice (a black
outline below, a black pupil on top) then ends in one layer at a depth that suits neither. Here the
unit is the connected region: regions are laid from the deepest up, and each joins an existing layer
of its colour only if that layer is above everything the region must cover, and if hardly any of the
picture's order is lost. So the order between regions that touch is the predicted one, with as few
layers as that allows. Then layers of a colour merge where the prediction is too uncertain to be
worth a layer (`merge_layers.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...regions import FlatRegions, area_weighted_median
from ...settings import DecomposeSettings
from .merge_layers import DraftLayer, color_tolerance, merge_uncertain, small_loss
from .partition import optimal_partition

__all__ = ["cluster_labels"]

# Share of the depth range within which regions of one colour may share a layer, at detail 0 and 1.
_REACH_AT_0, _REACH_AT_1 = 1.8, 0.02


def cluster_labels(
    regions: FlatRegions,
    medians: NDArray[np.floating],
    settings: DecomposeSettings,
    exact: bool = False,
) -> NDArray[np.int32]:
    """Assign every pixel to a layer, bottom = 0.

    Args:
        regions: the picture's flat regions, count >= 1.
        medians: (count,), each region's median depth, larger = nearer.
        settings: `layers` 0 keeps the fewest layers that respect the order; a number merges the
            neighbours in depth whose union costs least.
        exact: the depth holds whole layer numbers, as a truth does, rather than a prediction.

    Returns:
        int32 (H, W); -1 where no region is.

    Raises:
        InputError: more layers are asked for than the picture has regions of distinct colour.
    """
    medians = medians.astype(np.float64)
    touching = regions.touching
    span = _span(medians, regions.areas)
    every = _stack_regions(regions, medians, touching, span, settings)
    groups = merge_uncertain(
        every,
        regions,
        medians,
        touching,
        span,
        settings.detail,
        settings.merge_color,
        exact=exact,
    )
    if settings.layers > len(groups):
        groups = every  # rather than refuse: what was uncertain may be told apart after all
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
    regions: FlatRegions,
    medians: NDArray[np.float64],
    touching: NDArray[np.int64],
    span: float,
    settings: DecomposeSettings,
) -> list[DraftLayer]:
    """Lay regions from the deepest up into the fewest groups that keep the touching order."""
    reach = span * _REACH_AT_0 * (_REACH_AT_1 / _REACH_AT_0) ** settings.detail
    neighbours: list[list[int]] = [[] for _ in range(regions.count)]
    for a, b in touching[:, :2].tolist():
        neighbours[a].append(b)
        neighbours[b].append(a)
    # Of equal depths the larger is laid first: small things lie on large ones.
    order = np.lexsort((np.arange(regions.count), -regions.areas, medians))
    region_colors = regions.colors.astype(np.float64)
    groups: list[DraftLayer] = []
    # The groups' colour, purity, first depth and area once more, to compare with all at once.
    colors, purity = np.zeros((regions.count, 3)), np.zeros(regions.count)
    first, share = np.zeros(regions.count), np.zeros(regions.count)
    total = float(regions.areas.sum())
    position = np.full(regions.count, -1)
    for region in order.tolist():
        covered = max((int(position[n]) for n in neighbours[region]), default=-1)
        # A neighbour in the same group is its own colour again: one coat all the same.
        low, high = max(covered, 0), len(groups)
        distance = np.linalg.norm(colors[low:high] - region_colors[region], axis=1)
        least = np.minimum(purity[low:high], regions.purity[region])
        near = distance < color_tolerance(least, settings.merge_color)
        apart = medians[region] - first[low:high]
        near &= small_loss(
            share[low:high], float(regions.areas[region]) / total, apart / span, settings.detail
        )
        # The topmost group is the coat painted last: the same colour again is the same coat,
        # at any distance (the paper's merge of neighbours in order).
        near[:-1] &= apart[:-1] <= reach
        fit = np.flatnonzero(near)
        joined = low + int(fit[-1]) if len(fit) else high
        if joined == high:
            groups.append(DraftLayer(float(medians[region]), region_colors[region].copy()))
            first[joined] = medians[region]
        groups[joined].add(
            [region],
            region_colors[region],
            float(regions.purity[region]),
            float(regions.areas[region]),
        )
        colors[joined], purity[joined] = groups[joined].color, groups[joined].purity
        share[joined] = groups[joined].area / total
        position[region] = joined
    for group in groups:
        members = np.asarray(group.members)
        group.depth = area_weighted_median(medians[members], regions.areas[members])
    return groups


def _span(medians: NDArray[np.float64], areas: NDArray[np.int64]) -> float:
    """Range of depth without the outermost 0.1 % of area: one stray speck must not set it."""
    order = np.argsort(medians)
    share = np.cumsum(areas[order]) / areas.sum()
    low = medians[order][np.searchsorted(share, 0.001)]
    high = medians[order][min(int(np.searchsorted(share, 0.999)), len(order) - 1)]
    return max(float(high - low), 1e-6)


def _merge_to(groups: list[DraftLayer], count: int) -> list[DraftLayer]:
    """Merge neighbours in order into exactly `count` groups, least squared depth error."""
    depths = np.maximum.accumulate(np.array([g.depth for g in groups], np.float64))
    # The square root keeps a large background from outvoting every detail.
    weights = np.sqrt([g.area for g in groups])
    starts = optimal_partition(depths, np.asarray(weights, np.float64), count)
    merged = []
    for first, last in zip(starts, [*starts[1:], len(groups)], strict=True):
        run = groups[first:last]
        whole = DraftLayer(run[0].depth, run[0].color)
        for group in run:
            whole.add(group.members, group.color, group.purity, group.area)
        merged.append(whole)
    return merged
