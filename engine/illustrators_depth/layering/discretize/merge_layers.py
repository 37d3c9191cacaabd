"""Layers in the making, and the merging of those that nothing certain keeps apart.

A predicted order is right with a probability that grows with the difference in depth, and a coin's
where there is hardly any. Two layers of one colour are one if the saving of a layer is worth more
than the evidence it contradicts: the maximum a posteriori reading of an uncertain order. What is
lost where both share a layer after all is the order of their pixels, and that weighs by area: two
specks may share one, a white dove and the white page may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...regions import FlatRegions, area_weighted_median

__all__ = ["DraftLayer", "color_tolerance", "merge_uncertain", "small_loss"]

Float = NDArray[np.float64]

# Log odds that two touching regions lie as predicted, per difference in depth as a share of the
# picture's range. Measured on val drawings at 256 pixels: .5 up to .03, .87 at .26, .97 at .5.
_ORDER_LOG_ODDS = 7.0
# What one layer less is worth in log odds at detail 0 (none at detail 1), and how fast that falls
# with the difference in depth of the two layers, as a share of the range.
_SAVING_AT_0, _SAVING_FALL = 6.0, 14.0
# Flat areas of one paint are of one colour to a rounding error: half the tolerance is plenty. A
# stroke of nothing but blends may be of any colour on the way.
_FLAT_SHARE, _BLEND_SHARE, _BLEND_POWER = 0.5, 5.0, 8
# Order that a shared layer may lose: share of one area x share of the other x difference in depth
# as a share of the range, at detail 0 (no limit to speak of) and 1. On train drawings what lies in
# the middle takes Order up by .005 and the error of the number of layers by .02.
_LOSS_AT_0, _LOSS_AT_1 = 0.25, 0.000025
# More layers than this are noise: they are cut down by number, not by reasoning about each.
_MAX_LAYERS = 1500


@dataclass
class DraftLayer:
    """A layer in the making.

    Attributes:
        depth: area-weighted median of its regions, in the depth map's unit.
        color: sRGB 0..1, mean.
        purity: share of its pixels that lie in a flat neighbourhood.
        area: pixels.
        members: its regions.
    """

    depth: float
    color: Float
    purity: float = 1.0
    area: float = 0.0
    members: list[int] = field(default_factory=list)

    def add(self, members: list[int], color: Float, purity: float, area: float) -> None:
        total = self.area + area
        self.color = (self.color * self.area + color * area) / total
        self.purity = (self.purity * self.area + purity * area) / total
        self.area = total
        self.members += members


def color_tolerance(purity: Float | float, merge_color: float) -> Float | float:
    """How far two colours may differ (sRGB, L2) and be one paint; `purity` of the less pure."""
    return merge_color * (_FLAT_SHARE + _BLEND_SHARE * (1.0 - purity) ** _BLEND_POWER)


def small_loss(
    one: Float | float, other: Float | float, apart: Float, detail: float
) -> NDArray[np.bool_]:
    """Whether two areas (shares of the picture) `apart` in depth (share of its range) may tie."""
    limit = _LOSS_AT_0 * (_LOSS_AT_1 / _LOSS_AT_0) ** detail
    return np.asarray(one * other * apart <= limit)


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
    """Merge draft_layers of one colour where the order that keeps them apart is not certain.

    Args:
        draft_layers: bottom to top.
        medians: depth of each region, (count,).
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
    against = _contradictions(draft_layers, medians / span, touching, len(regions.areas), exact)
    while True:
        merges = _best_merges(draft_layers, against, span, detail, merge_color)
        if not merges:
            return draft_layers
        # From the top down, so that the numbers of those below stay what they are.
        for low, high, place in sorted(merges, reverse=True):
            against = _join(against, low, high, place)
            whole, other = draft_layers[low], draft_layers.pop(high)
            whole.add(other.members, other.color, other.purity, other.area)
            members = np.asarray(whole.members)
            whole.depth = area_weighted_median(medians[members], regions.areas[members])
            draft_layers.insert(place, draft_layers.pop(low))


def _contradictions(
    draft_layers: list[DraftLayer],
    depth: Float,
    touching: NDArray[np.int64],
    count: int,
    exact: bool,
) -> Float:
    """Evidence (log odds) lost when coat i is laid above coat j; antisymmetric (n, n)."""
    owner = np.zeros(count, np.intp)
    for number, coat in enumerate(draft_layers):
        owner[coat.members] = number
    one, other = touching[:, 0], touching[:, 1]
    weight = (1e9 if exact else _ORDER_LOG_ODDS) * (depth[other] - depth[one])
    against = np.zeros((len(draft_layers), len(draft_layers)))
    np.add.at(against, (owner[one], owner[other]), weight)
    return against - against.T


def _best_merges(
    draft_layers: list[DraftLayer], against: Float, span: float, detail: float, merge_color: float
) -> list[tuple[int, int, int]]:
    """The most profitable merges (low, high, place) that do not interfere with one another."""
    color = np.stack([c.color for c in draft_layers])
    purity = np.array([c.purity for c in draft_layers])
    depth = np.array([c.depth for c in draft_layers]) / span
    low, high = np.triu_indices(len(draft_layers), 1)
    distance = np.linalg.norm(color[low] - color[high], axis=1)
    near = distance < color_tolerance(np.minimum(purity[low], purity[high]), merge_color)
    # Two large areas that might lie apart are worth a layer; two specks are not.
    share = np.array([c.area for c in draft_layers])
    share /= share.sum()
    near &= small_loss(share[low], share[high], np.abs(depth[high] - depth[low]), detail)
    low, high = low[near], high[near]
    worth = _SAVING_AT_0 * (1.0 - detail) - _SAVING_FALL * np.abs(depth[high] - depth[low])
    offers = []
    for a, b, gain in zip(low.tolist(), high.tolist(), worth.tolist(), strict=True):
        if b == a + 1:
            offers.append((np.inf, a, b, a))
        elif gain > 0.0:
            # Above the first t of those between, below the rest.
            raised = np.concatenate([[0.0], np.cumsum(against[a, a + 1 : b])])
            lowered = np.cumsum(against[a + 1 : b, b][::-1])[::-1]
            cost = raised + np.append(lowered, 0.0)
            t = int(np.argmin(cost))
            if gain - cost[t] > 1e-9:
                offers.append((gain - float(cost[t]), a, b, a + t))
    offers.sort(key=lambda offer: (-offer[0], offer[1], offer[2]))
    chosen: list[tuple[int, int, int]] = []
    for _, a, b, place in offers:
        if all(b < c or d < a for c, d, _ in chosen):
            chosen.append((a, b, place))
    return chosen


def _join(against: Float, low: int, high: int, place: int) -> Float:
    """The matrix after `high` went into `low` and that was moved up to `place`."""
    against[low] += against[high]
    against[:, low] += against[:, high]
    against[low, low] = 0.0
    order = [n for n in range(len(against)) if n not in (low, high)]
    order.insert(place, low)
    return against[np.ix_(order, order)]
