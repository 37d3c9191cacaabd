"""The training loss: the paper's scale-invariant MAE, and terms put where the error is.

In most drawings the background wins most comparisons, so a plain pixel loss is satisfied long
before the order *within* the drawing is right. The extra terms compare connected regions (their
mean prediction), weigh a region by the square root of its area, and ask for the order of touching
regions outright. Weights of zero leave the paper's loss exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from illustrators_depth.errors import InputError

from ..checked_settings import chance
from ..data.layered import FACT, FREE

__all__ = ["LossWeights", "depth_loss", "normalize_map", "scale_invariant_mae"]

_SMALLEST_SPREAD = 1e-3


@dataclass(frozen=True)
class LossWeights:
    """How much of each term.

    Attributes:
        mae: the paper's loss.
        region: the same difference between region means, weighted by square root of area.
        rank: order of sampled pixel pairs, on region means and on the dense map.
        touch: order of touching regions.
        background: weight of pairs with the bottom layer among ranked pairs (1 = like any other).
        free: weight of pairs of which neither hides part of the other, since both orders draw the
            same picture.
        clamp: bound on a region's normalised target, which explodes where nearly everything is
            background (the pixel mean of the paper's loss is bounded by itself); 0 = none.
        space: "index" as in the paper, or "disparity" (-1 / index), one of its ablations.
    """

    mae: float = 1.0
    region: float = 0.0
    rank: float = 0.0
    touch: float = 0.0
    background: float = 0.25
    free: float = chance(0.3)
    clamp: float = 0.0
    space: str = "index"

    def __post_init__(self) -> None:
        if self.space not in ("index", "disparity"):
            raise InputError(f"loss.space must be index or disparity, not {self.space!r}.")


def normalize_map(x: Tensor) -> tuple[Tensor, Tensor]:
    """(B, H, W) -> (x - median) / mean absolute deviation per map, and the deviation (B, 1, 1)."""
    flat = x.flatten(1)
    median = flat.median(dim=1, keepdim=True).values
    spread = (flat - median).abs().mean(dim=1, keepdim=True).clamp_min(_SMALLEST_SPREAD)
    return ((flat - median) / spread).view_as(x), spread[:, :, None]


def scale_invariant_mae(prediction: Tensor, index: Tensor) -> Tensor:
    """The paper's loss: mean |difference| of the two maps, each normalised by itself; a scalar."""
    return (normalize_map(prediction)[0] - normalize_map(index)[0]).abs().mean()


def depth_loss(
    prediction: Tensor,
    batch: dict[str, Tensor],
    weights: LossWeights,
    regions: int | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum of all terms, and each term by name.

    Args:
        prediction: float (B, H, W).
        batch: `index` (B, H, W), and `region`, `pixels`, `edges`, `edge_weight` as in
            `samples.targets.Targets`, stacked; `pixel_relation` and `edge_relation` if they are
            known.
        weights: which terms count.
        regions: more than any number in `region`; else the largest is asked for, which waits for
            the device.

    Every term is averaged in each picture and then over pictures, so that a deep drawing counts no
    more than a shallow one. A picture's pairs are averaged as if all were facts: where few or none
    are, it counts less.
    """
    index = batch["index"].float()
    target, spread = normalize_map(-1.0 / index if weights.space == "disparity" else index)
    dense, _ = normalize_map(prediction.float())
    terms = {"mae": (dense - target).abs().mean()}
    if weights.region or weights.rank or weights.touch:
        count = regions or int(batch["region"].max()) + 1
        region = batch["region"].flatten(1).long()
        area = _scatter_sum(torch.ones_like(dense).flatten(1), region, count)
        mean = _scatter_sum(dense.flatten(1), region, count) / area.clamp_min(1)
        truth = _scatter_sum(target.flatten(1), region, count) / area.clamp_min(1)
        # From normalised units to logits. Touching layers have a definite order: one layer apart
        # should be a confident two, however deep the stack. Layers far apart often have none, and
        # sharp logits would only teach the network to hedge all of its values.
        sharp = 2.0 * spread[:, :, 0].clamp(0.5, 2.0)
        sharp_touch = 2.0 * spread[:, :, 0].clamp(0.5, 8.0)
        level = _scatter_sum(index.flatten(1), region, count) / area.clamp_min(1)
        bottom = index.flatten(1).min(dim=1).values[:, None]
        if weights.region:
            bound = weights.clamp or float("inf")
            root = area.sqrt()
            gap = mean.clamp(-bound, bound) - truth.clamp(-bound, bound)
            terms["region"] = _mean_of_pictures(gap.abs() * root, root)
        if weights.rank:
            pixels = batch["pixels"].long()
            where = region.gather(1, pixels)
            at = level.gather(1, where)
            share, full = _pair_shares(at, bottom, batch.get("pixel_relation"), weights)
            pooled = _rank(mean.gather(1, where), sharp, share, full)
            points = _rank(dense.flatten(1).gather(1, pixels), sharp, share, full)
            terms["rank"] = 0.5 * (pooled + points)
        if weights.touch:
            terms["touch"] = _touch(mean, level, bottom, sharp_touch, batch, weights)
    total = sum(getattr(weights, name) * value for name, value in terms.items())
    assert isinstance(total, Tensor)
    return total, terms


def _touch(
    mean: Tensor,
    level: Tensor,
    bottom: Tensor,
    sharp: Tensor,
    batch: dict[str, Tensor],
    weights: LossWeights,
) -> Tensor:
    """Logistic loss on the order of touching regions, of their means and levels (B, R)."""
    a, b = batch["edges"].long().unbind(2)
    sign = torch.sign(level.gather(1, a) - level.gather(1, b))
    gap = (mean.gather(1, a) - mean.gather(1, b)) * sharp
    lowest = (level.gather(1, a) == bottom) | (level.gather(1, b) == bottom)
    full = batch["edge_weight"] * torch.where(lowest, weights.background, 1.0)
    weight, full = _weigh_relations(full, batch.get("edge_relation"), weights)
    return _mean_of_pictures(F.softplus(-sign * gap) * weight, full)


def _scatter_sum(values: Tensor, region: Tensor, count: int) -> Tensor:
    """Sum (B, P) values by region number (B, P) -> (B, count)."""
    return values.new_zeros(values.shape[0], count).scatter_add(1, region, values)


def _mean_of_pictures(lost: Tensor, weight: Tensor) -> Tensor:
    """Weighted losses (B, ...) over the sum of weights in each picture, averaged over pictures.

    Pictures without weight do not count.
    """
    total = weight.flatten(1).sum(dim=1)
    mean = lost.flatten(1).sum(dim=1) / total.clamp_min(1e-6)
    return mean.sum() / (total > 0).sum().clamp_min(1)


def _weigh_relations(
    full: Tensor, relation: Tensor | None, weights: LossWeights
) -> tuple[Tensor, Tensor]:
    """What pairs weigh by their relation, and what they would if all that count were facts."""
    if relation is None:
        return full, full
    factor = (relation == FACT) + weights.free * (relation == FREE)
    return full * factor, full * (relation >= FREE)


def _pair_shares(
    level: Tensor, bottom: Tensor, relation: Tensor | None, weights: LossWeights
) -> tuple[Tensor, Tensor]:
    """Weights of all pairs among K samples of level (B, K), each pair once: see `_related`."""
    sign = torch.sign(level[:, :, None] - level[:, None, :])
    on_page = level == bottom
    either = on_page[:, :, None] | on_page[:, None, :]
    full = torch.where(either, weights.background, 1.0) * (sign > 0)
    return _weigh_relations(full, relation, weights)


def _rank(value: Tensor, sharp: Tensor, share: Tensor, full: Tensor) -> Tensor:
    """Logistic loss on the order of all pairs among K samples of value (B, K)."""
    gap = (value[:, :, None] - value[:, None, :]) * sharp[:, :, None]
    return _mean_of_pictures(F.softplus(-gap) * share, full)
