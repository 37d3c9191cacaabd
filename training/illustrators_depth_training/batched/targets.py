"""What the loss is told of index maps, for whole batches: `targets.make_targets` in tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.layered import FACT, FREE, MASKED
from .region_inputs import boundary_lengths, largest_regions
from .tensors.components import connected_components
from .tensors.counting import count, mean_colors
from .tensors.dice import Dice

__all__ = ["REGIONS", "closure", "dense_layers", "layer_relations", "make_targets"]

REGIONS = 1024
"""Regions of constant index that a picture may have; what is beyond shares the last number."""
_COMPARED_REGIONS = 96  # of which the touching pairs are known: the largest
_CLOSEST_COLOR = 0.02 * 255  # of 255: touching regions of one colour teach nothing


def dense_layers(values: Tensor, places: int) -> tuple[Tensor, Tensor]:
    """Number the layers that show from 1: index (B, H, W), and the rank of each value.

    values: int64 (B, H, W), below `places`; larger = nearer. Ranks (B, places) are 0 where a value
    does not occur.
    """
    flat = values.flatten(1)
    present = torch.zeros((len(values), places), dtype=torch.bool, device=values.device)
    present.scatter_(1, flat, True)
    rank = present.cumsum(1) * present
    return rank.gather(1, flat).view(values.shape), rank


def closure(above: Tensor) -> Tensor:
    """What hides, and what hides that, and so on: bool (B, L, L), symmetric.

    above: bool (B, L, L), whether the second layer hides part of the first.
    """
    reach = above.float()
    for _ in range(max(1, (above.shape[1] - 2).bit_length())):  # one of them is no layer
        reach = torch.baddbmm(reach, reach, reach).clamp_max_(1)
    return (reach + reach.transpose(1, 2)) > 0


def layer_relations(above: Tensor, invisible: Tensor, known: Tensor) -> Tensor:
    """FACT, FREE or MASKED for all pairs of layers: uint8 (B, L, L), by rank; see `data.layered`.

    Args:
        above: bool (B, L, L), whether the second layer hides part of the first.
        invisible: bool (B, L, L), symmetric: layers that meet in one colour.
        known: bool (B,), whether it is known what hides what; else every order counts as a fact.
    """
    fact = closure(above) | ~known[:, None, None]
    lowest = torch.zeros_like(fact)
    lowest[:, 1], lowest[:, :, 1] = True, True
    relation = torch.where(fact | lowest, FACT, FREE)
    return torch.where(invisible, MASKED, relation).to(torch.uint8)


def make_targets(
    dice: Dice, index: Tensor, relations: Tensor, rgb: Tensor, pixels: int = 192, edges: int = 128
) -> dict[str, Tensor]:
    """The fields of `Targets`, stacked.

    Args:
        index: int64 (B, H, W), layers from 1.
        relations: uint8 (B, L, L) by layer; layers beyond the last count as free.
        rgb: uint8 (B, 3, H, W), in which pairs of one colour are looked for.
    """
    region = connected_components(index, REGIONS)
    flat = region.flatten(1)
    weight_of = count(flat, REGIONS).float().rsqrt()
    cumulative = weight_of.gather(1, flat).cumsum(1)
    at = dice.uniform((len(index), pixels)) * cumulative[:, -1:]
    drawn = torch.searchsorted(cumulative, at).clamp_max(flat.shape[1] - 1)
    token, number, size = largest_regions(region, REGIONS, _COMPARED_REGIONS, least_px=1)
    pairs, weight = _touching(dice, token, edges)
    mean = mean_colors(token, rgb, size)
    alike = (_of(mean, pairs[..., 0]) - _of(mean, pairs[..., 1])).abs().amax(2) < _CLOSEST_COLOR
    weight = torch.where(alike, 0.0, weight)
    layer = index.flatten(1).gather(1, drawn)
    level = torch.zeros((len(index), REGIONS), dtype=torch.long, device=index.device)
    level.scatter_(1, flat, index.flatten(1))
    ends = number.gather(1, pairs.flatten(1))
    return {
        "region": region.to(torch.int32),
        "pixels": drawn.to(torch.int32),
        "pixel_relation": _related_to_all(relations, layer),
        "edges": torch.where((weight > 0)[..., None], ends.view(pairs.shape), 0).to(torch.int32),
        "edge_weight": weight,
        "edge_relation": _related(relations, *level.gather(1, ends).view(pairs.shape).unbind(2)),
    }


def _touching(dice: Dice, token: Tensor, edges: int) -> tuple[Tensor, Tensor]:
    """Touching ranks (B, E, 2) from 0, and the root of their boundary's length, 0 on padding.

    Where there are more than E, longer boundaries are the likelier to be drawn.
    """
    most = _COMPARED_REGIONS
    length = boundary_lengths(token, most)[:, :most, :most].triu(1).flatten(1)
    root = length.sqrt()
    # The largest of log p plus Gumbel noise are draws without replacement in proportion to p.
    noise = -torch.log(-torch.log(dice.uniform(root.shape, 1e-9, 1 - 1e-7)))
    key = torch.where(root > 0, torch.log(root.clamp_min(1e-9)) + noise, -torch.inf)
    chosen = key.topk(edges, dim=1).indices
    pairs = torch.stack([chosen // most, chosen % most], dim=2)
    return pairs, root.gather(1, chosen)


def _of(table: Tensor, number: Tensor) -> Tensor:
    """Rows of tables (B, R, C) by number (B, E): (B, E, C)."""
    return table.gather(1, number[..., None].expand(-1, -1, table.shape[2]))


def _related_to_all(relations: Tensor, layer: Tensor) -> Tensor:
    """Relations of all pairs among layers (B, K): (B, K, K)."""
    count, side = layer.shape[1], relations.shape[1]
    padded = torch.nn.functional.pad(relations, (0, 1, 0, 1), value=FREE)
    layer = layer.clamp_max(side)
    of_first = padded.gather(1, layer[:, :, None].expand(-1, -1, side + 1))
    return of_first.gather(2, layer[:, None].expand(-1, count, -1))


def _related(relations: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Relations of pairs of layers, broadcast together."""
    side = relations.shape[1]
    first, second = torch.broadcast_tensors(first, second)
    beyond = (first >= side) | (second >= side)
    code = first.clamp_max(side - 1) * side + second.clamp_max(side - 1)
    found = relations.flatten(1).gather(1, code.flatten(1)).view(code.shape)
    return torch.where(beyond, torch.full_like(found, FREE), found)
