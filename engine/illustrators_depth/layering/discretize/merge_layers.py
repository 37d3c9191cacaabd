"""Draft layers, and the merging of those whose order is too uncertain to keep them apart.

The probability that a predicted order is right grows with the difference in depth, from one half
where there is none. Two layers of one colour are merged if one layer less is worth more than the
evidence which that contradicts: the maximum a posteriori reading of an uncertain order. If they
were two layers after all, the order between their pixels is lost, and that counts by area: two
specks may share a layer, a white dove and the white page may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...regions import FlatRegions, area_weighted_median

__all__ = ["DraftLayer", "color_tolerance", "merge_uncertain", "small_loss"]

Float = NDArray[np.float64]

# Log odds that two touching regions lie as predicted, per difference in depth as a share of the
# picture's range (measured: docs/decisions/024-merging-uncertain-layers.md).
_ORDER_LOG_ODDS = 7.0
# What one layer less is worth in log odds at detail 0 (nothing at detail 1), and by how much less
# per difference in depth of the two layers, as a share of the range.
_SAVING_AT_0, _SAVING_FALL = 6.0, 14.0
# The tolerance for colours of one paint, in `merge_color`: _FLAT_SHARE for flat areas, which differ
# by rounding alone, and up to _BLEND_SHARE more for strokes that are all blends with their
# surroundings; _BLEND_POWER keeps that to the impurest.
_FLAT_SHARE, _BLEND_SHARE, _BLEND_POWER = 0.5, 5.0, 8
# Order that a shared layer may lose: share of one area x share of the other x difference in depth
# as a share of the range, at detail 0 (hardly a limit) and 1 (docs/decisions/024).
_LOSS_AT_0, _LOSS_AT_1 = 0.25, 0.000025
# More layers than this are noise: they are left to be merged down to the number allowed.
_MAX_LAYERS = 1500
# Evidence against contradicting a true order, per unit of depth: no saving outweighs it.
_EXACT_LOG_ODDS = 1e9


@dataclass
class DraftLayer:
    """A layer while layers are still merged, before it has pixels.

    Attributes:
        depth: area-weighted median of its regions, in the depth map's unit.
        color: sRGB 0..1, mean.
        purity: share of its pixels that lie in a flat neighbourhood.
        area: pixels.
        members: numbers of its regions.
    """

    depth: float
    color: Float
    purity: float = 1.0
    area: float = 0.0
    members: list[int] = field(default_factory=list)

    def add(self, members: list[int], color: Float, purity: float, area: float) -> None:
        """Take in regions of this mean colour, purity and area; `depth` is left as it is."""
        total = self.area + area
        self.color = (self.color * self.area + color * area) / total
        self.purity = (self.purity * self.area + purity * area) / total
        self.area = total
        self.members += members


def color_tolerance(purity: Float | float, merge_color: float) -> Float | float:
    """How far two colours may differ (sRGB, L2) and be one paint; `purity` of the less pure."""
    return merge_color * (_FLAT_SHARE + _BLEND_SHARE * (1.0 - purity) ** _BLEND_POWER)


def small_loss(
    area: Float | float, other_area: Float | float, difference: Float, detail: float
) -> NDArray[np.bool_]:
    """Whether two areas may share a layer without much order being lost.

    Args:
        area, other_area: shares of the picture's area.
        difference: in depth, as a share of the picture's range.
        detail: 0..1, see `DecomposeSettings`.
    """
    limit = _LOSS_AT_0 * (_LOSS_AT_1 / _LOSS_AT_0) ** detail
    return np.asarray(area * other_area * difference <= limit)


def merge_uncertain(
    draft_layers: list[DraftLayer],
    regions: FlatRegions,
    medians: Float,
    touching: NDArray[np.int64],
    span: float,
    detail: float,
    merge_color: float,
    exact: bool,
) -> list[DraftLayer]:
    """Merge draft layers of one colour where the order that keeps them apart is not certain.

    Args:
        draft_layers: bottom to top.
        regions: the picture's flat regions.
        medians: depth of each region, float64 (count,).
        touching: pairs of regions, (P, 2 or more), as `adjacency` gives them.
        span: the picture's range of depth.
        detail: 0..1; 1 merges only what is next to each other in order.
        merge_color: see `DecomposeSettings`.
        exact: the depth is a truth, not a prediction: nothing that contradicts it is merged.

    Returns:
        The layers, bottom to top; neighbours are of one colour only where both are large.
    """
    if not 2 <= len(draft_layers) <= _MAX_LAYERS:
        return draft_layers
    draft_layers = list(draft_layers)
    contradictions = _contradictions(
        draft_layers, medians / span, touching, len(regions.areas), exact
    )
    while True:
        merges = _best_merges(draft_layers, contradictions, span, detail, merge_color)
        if not merges:
            return draft_layers
        # From the top down, so that the numbers of those below stay what they are.
        for low, high, position in sorted(merges, reverse=True):
            contradictions = _join(contradictions, low, high, position)
            lower, upper = draft_layers[low], draft_layers.pop(high)
            lower.add(upper.members, upper.color, upper.purity, upper.area)
            members = np.asarray(lower.members)
            lower.depth = area_weighted_median(medians[members], regions.areas[members])
            draft_layers.insert(position, draft_layers.pop(low))


def _contradictions(
    draft_layers: list[DraftLayer],
    depth: Float,
    touching: NDArray[np.int64],
    count: int,
    exact: bool,
) -> Float:
    """Evidence (log odds) contradicted by layer i above layer j; antisymmetric, float64 (n, n)."""
    owner = np.zeros(count, np.intp)
    for number, draft in enumerate(draft_layers):
        owner[draft.members] = number
    first, second = touching[:, 0], touching[:, 1]
    weight = (_EXACT_LOG_ODDS if exact else _ORDER_LOG_ODDS) * (depth[second] - depth[first])
    contradictions = np.zeros((len(draft_layers), len(draft_layers)))
    np.add.at(contradictions, (owner[first], owner[second]), weight)
    return contradictions - contradictions.T


def _best_merges(
    draft_layers: list[DraftLayer],
    contradictions: Float,
    span: float,
    detail: float,
    merge_color: float,
) -> list[tuple[int, int, int]]:
    """The most profitable merges (lower, upper, position) of disjoint ranges of layers.

    Layer `upper` joins layer `lower`, which then moves up to `position`, between the two.
    """
    color = np.stack([draft.color for draft in draft_layers])
    purity = np.array([draft.purity for draft in draft_layers])
    depth = np.array([draft.depth for draft in draft_layers]) / span
    low, high = np.triu_indices(len(draft_layers), 1)
    distance = np.linalg.norm(color[low] - color[high], axis=1)
    may_merge = distance < color_tolerance(np.minimum(purity[low], purity[high]), merge_color)
    # Two large areas that might lie apart are worth a layer; two specks are not.
    area_share = np.array([draft.area for draft in draft_layers])
    area_share /= area_share.sum()
    may_merge &= small_loss(
        area_share[low], area_share[high], np.abs(depth[high] - depth[low]), detail
    )
    low, high = low[may_merge], high[may_merge]
    savings = _SAVING_AT_0 * (1.0 - detail) - _SAVING_FALL * np.abs(depth[high] - depth[low])
    offers = []
    for lower, upper, saving in zip(low.tolist(), high.tolist(), savings.tolist(), strict=True):
        if upper == lower + 1:
            offers.append((np.inf, lower, upper, lower))
        elif saving > 0.0:
            # The merged layer lies above the first `passed` of the layers between, below the rest.
            raised = np.concatenate([[0.0], np.cumsum(contradictions[lower, lower + 1 : upper])])
            lowered = np.cumsum(contradictions[lower + 1 : upper, upper][::-1])[::-1]
            cost = raised + np.append(lowered, 0.0)
            passed = int(np.argmin(cost))
            if saving - cost[passed] > 1e-9:
                offers.append((saving - float(cost[passed]), lower, upper, lower + passed))
    offers.sort(key=lambda offer: (-offer[0], offer[1], offer[2]))
    chosen: list[tuple[int, int, int]] = []
    for _, lower, upper, position in offers:
        if all(upper < first or last < lower for first, last, _ in chosen):
            chosen.append((lower, upper, position))
    return chosen


def _join(contradictions: Float, low: int, high: int, position: int) -> Float:
    """The matrix after layer `high` joined layer `low`, and that was moved up to `position`."""
    contradictions[low] += contradictions[high]
    contradictions[:, low] += contradictions[:, high]
    contradictions[low, low] = 0.0
    order = [index for index in range(len(contradictions)) if index not in (low, high)]
    order.insert(position, low)
    return contradictions[np.ix_(order, order)]
