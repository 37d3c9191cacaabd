"""Layers of flat art: regions of one colour that may have been drawn in one layer.

The paper clusters by colour and gives each cluster its median depth. A colour used twice (a black
outline below, a black pupil on top) then ends in one layer at a depth that suits neither. Here the
unit is the connected region. Regions are taken from the deepest up, and each joins an existing
layer of its colour only if that layer is above every touching region that is deeper, and if hardly
any of the picture's order is lost. So the order between regions that touch is the predicted one,
with as few layers as that allows. Then layers of a colour merge where the prediction is too
uncertain to be worth a layer (`merge_layers.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...io.names import counted
from ...regions import FlatRegions, area_weighted_median
from ...settings import DecomposeSettings
from .merge_layers import DraftLayer, color_tolerance, merge_uncertain, small_loss
from .partition import optimal_partition

__all__ = ["cluster_labels"]

# Share of the depth range within which regions of one colour may share a layer, at detail 0 and 1.
_REACH_AT_0, _REACH_AT_1 = 1.8, 0.02
# Share of the area on either side that does not count for the range of depth.
_OUTLIER_SHARE = 0.001


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
    all_drafts = _stack_regions(regions, medians, touching, span, settings)
    drafts = merge_uncertain(
        all_drafts,
        regions,
        medians,
        touching,
        span,
        settings.detail,
        settings.merge_color,
        exact=exact,
    )
    if settings.layers > len(drafts):
        drafts = all_drafts  # rather than refuse: keep layers apart whose order is uncertain
    if settings.layers:
        if settings.layers > len(drafts):
            raise InputError(
                f"The picture has {counted(len(drafts), 'layer')} by colour and order, fewer than "
                f"the {settings.layers} asked for; ask for at most {len(drafts)}, or use method "
                "bins."
            )
        drafts = _merge_to(drafts, settings.layers)
    elif len(drafts) > settings.max_layers:
        drafts = _merge_to(drafts, settings.max_layers)
    table = np.full(regions.count + 1, -1, np.int32)
    for index, draft in enumerate(drafts):
        table[draft.members] = index
    return table[regions.labels]  # label -1 reads the last entry, -1


def _stack_regions(
    regions: FlatRegions,
    medians: NDArray[np.float64],
    touching: NDArray[np.int64],
    span: float,
    settings: DecomposeSettings,
) -> list[DraftLayer]:
    """Gather regions into the fewest layers that keep the order of those that touch, bottom to top.

    `span` is the picture's range of depth, see `_span`; `touching` as in `merge_uncertain`.
    """
    reach = span * _REACH_AT_0 * (_REACH_AT_1 / _REACH_AT_0) ** settings.detail
    neighbours: list[list[int]] = [[] for _ in range(regions.count)]
    for a, b in touching[:, :2].tolist():
        neighbours[a].append(b)
        neighbours[b].append(a)
    # Of equal depths the larger is laid first: small things lie on large ones.
    order = np.lexsort((np.arange(regions.count), -regions.areas, medians))
    region_colors = regions.colors.astype(np.float64)
    drafts: list[DraftLayer] = []
    # Colour, purity, depth of the first region and area of all drafts, to compare with all at once.
    colors, purity = np.zeros((regions.count, 3)), np.zeros(regions.count)
    first_depth, share = np.zeros(regions.count), np.zeros(regions.count)
    total = float(regions.areas.sum())
    draft_of_region = np.full(regions.count, -1)
    for region in order.tolist():
        highest_below = max((int(draft_of_region[n]) for n in neighbours[region]), default=-1)
        # A touching region of the same colour may be in the layer that this one joins.
        low, high = max(highest_below, 0), len(drafts)
        distance = np.linalg.norm(colors[low:high] - region_colors[region], axis=1)
        less_pure = np.minimum(purity[low:high], regions.purity[region])
        may_join = distance < color_tolerance(less_pure, settings.merge_color)
        difference = medians[region] - first_depth[low:high]
        may_join &= small_loss(
            share[low:high],
            float(regions.areas[region]) / total,
            difference / span,
            settings.detail,
        )
        # The topmost layer was drawn last: the same colour next is the same layer, however far the
        # depths differ (the paper's merge of neighbours in order).
        may_join[:-1] &= difference[:-1] <= reach
        candidates = np.flatnonzero(may_join)
        chosen = low + int(candidates[-1]) if len(candidates) else high
        if chosen == high:
            drafts.append(DraftLayer(float(medians[region]), region_colors[region].copy()))
            first_depth[chosen] = medians[region]
        drafts[chosen].add(
            [region],
            region_colors[region],
            float(regions.purity[region]),
            float(regions.areas[region]),
        )
        colors[chosen], purity[chosen] = drafts[chosen].color, drafts[chosen].purity
        share[chosen] = drafts[chosen].area / total
        draft_of_region[region] = chosen
    for draft in drafts:
        members = np.asarray(draft.members)
        draft.depth = area_weighted_median(medians[members], regions.areas[members])
    return drafts


def _span(medians: NDArray[np.float64], areas: NDArray[np.int64]) -> float:
    """Range of depth without the outermost share of area on either side: specks must not set it."""
    order = np.argsort(medians)
    share = np.cumsum(areas[order]) / areas.sum()
    low = medians[order][np.searchsorted(share, _OUTLIER_SHARE)]
    high = medians[order][min(int(np.searchsorted(share, 1.0 - _OUTLIER_SHARE)), len(order) - 1)]
    return max(float(high - low), 1e-6)


def _merge_to(drafts: list[DraftLayer], count: int) -> list[DraftLayer]:
    """Merge neighbours in order into exactly `count` layers of least squared depth error."""
    depths = np.maximum.accumulate(np.array([g.depth for g in drafts], np.float64))
    # The square root keeps a large background from outvoting every detail.
    weights = np.sqrt([g.area for g in drafts])
    starts = optimal_partition(depths, np.asarray(weights, np.float64), count)
    merged = []
    for first, last in zip(starts, [*starts[1:], len(drafts)], strict=True):
        run = drafts[first:last]
        joined = DraftLayer(run[0].depth, run[0].color)
        for draft in run:
            joined.add(draft.members, draft.color, draft.purity, draft.area)
        merged.append(joined)
    return merged
