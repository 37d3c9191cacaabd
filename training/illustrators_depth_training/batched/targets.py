"""What the loss is told of index maps, for whole batches.

The tensor form of `samples.targets.make_targets`, with two differences: only the largest regions of
a picture are compared with their neighbours, and touching regions of one colour are left out. B
pictures of H x W pixels.
"""

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
# So many of a picture's largest regions are looked at for touching pairs, which keeps the table of
# all their pairs small.
_COMPARED_REGIONS = 96
# Greatest difference of mean colours, 0..255 in each channel, at which two touching regions look
# alike: where no boundary is seen, none can be learned.
_CLOSEST_COLOR = 0.02 * 255


def dense_layers(values: Tensor, places: int) -> tuple[Tensor, Tensor]:
    """Number the visible layers 1, 2, ... from the bottom.

    Args:
        values: int64 (B, H, W), below `places`; larger = nearer.

    Returns:
        index int64 (B, H, W), and the number that each value got, int64 (B, places), 0 where the
        value does not occur.
    """
    flat = values.flatten(1)
    present = torch.zeros((len(values), places), dtype=torch.bool, device=values.device)
    present.scatter_(1, flat, True)
    rank = present.cumsum(1) * present
    return rank.gather(1, flat).view(values.shape), rank


def closure(above: Tensor) -> Tensor:
    """Pairs of layers with one above the other, directly or through others: bool (B, L, L).

    Symmetric. above: bool (B, L, L), whether the second layer hides part of the first; number 0 is
    no layer.
    """
    reach = above.float()
    # L - 1 layers have chains of at most L - 2 steps, and each round doubles the steps reached.
    for _ in range(max(1, (above.shape[1] - 2).bit_length())):
        reach = torch.baddbmm(reach, reach, reach).clamp_max_(1)
    return (reach + reach.transpose(1, 2)) > 0


def layer_relations(above: Tensor, invisible: Tensor, known: Tensor) -> Tensor:
    """FACT, FREE or MASKED for all pairs of layers: uint8 (B, L, L); see `data.layered`.

    Layers are numbered as by `dense_layers`.

    Args:
        above: bool (B, L, L), whether the second layer hides part of the first.
        invisible: bool (B, L, L), symmetric: layers that meet in one colour.
        known: bool (B,), whether it is known what hides what; else every order counts as a fact.
    """
    fact = closure(above) | ~known[:, None, None]
    # Everything lies on layer 1.
    lowest = torch.zeros_like(fact)
    lowest[:, 1], lowest[:, :, 1] = True, True
    relation = torch.where(fact | lowest, FACT, FREE)
    return torch.where(invisible, MASKED, relation).to(torch.uint8)


def make_targets(
    dice: Dice, index: Tensor, relations: Tensor, rgb: Tensor, pixels: int = 192, edges: int = 128
) -> dict[str, Tensor]:
    """The fields of `samples.targets.Targets`, stacked.

    Args:
        dice: draws the pixels and pairs, on the device of `index`.
        index: int64 (B, H, W), layers from 1.
        relations: uint8 (B, L, L), L = `RELATED_LAYERS` + 1, from `layer_relations`; layers beyond
            the last count as free.
        rgb: uint8 (B, 3, H, W), in which pairs of one colour are looked for.
        pixels: K, how many pixels are drawn in each picture.
        edges: E, how many touching pairs at most, up to 96 * 96.

    Returns:
        "region" int32 (B, H, W), "pixels" int32 (B, K), "pixel_relation" uint8 (B, K, K),
        "edges" int32 (B, E, 2), "edge_weight" float32 (B, E), "edge_relation" uint8 (B, E).
    """
    region = connected_components(index, REGIONS)
    region_of_pixel = region.flatten(1)
    # A region is drawn in proportion to the root of its area.
    weight_of_region = count(region_of_pixel, REGIONS).float().rsqrt()
    cumulative = weight_of_region.gather(1, region_of_pixel).cumsum(1)
    points = dice.uniform((len(index), pixels)) * cumulative[:, -1:]
    # Rounding may let a point pass the end.
    drawn = torch.searchsorted(cumulative, points).clamp_max(region_of_pixel.shape[1] - 1)
    token, region_of_rank, size = largest_regions(region, REGIONS, _COMPARED_REGIONS, least_px=1)
    pairs, weight = _touching(dice, token, edges)
    mean = mean_colors(token, rgb, size)
    alike = (_of(mean, pairs[..., 0]) - _of(mean, pairs[..., 1])).abs().amax(2) < _CLOSEST_COLOR
    weight = torch.where(alike, 0.0, weight)
    layer = index.flatten(1).gather(1, drawn)
    layer_of_region = torch.zeros((len(index), REGIONS), dtype=torch.long, device=index.device)
    layer_of_region.scatter_(1, region_of_pixel, index.flatten(1))
    regions_of_pairs = region_of_rank.gather(1, pairs.flatten(1))
    layers_of_pairs = layer_of_region.gather(1, regions_of_pairs).view(pairs.shape)
    touching = torch.where((weight > 0)[..., None], regions_of_pairs.view(pairs.shape), 0)
    return {
        "region": region.to(torch.int32),
        "pixels": drawn.to(torch.int32),
        "pixel_relation": _related_to_all(relations, layer),
        "edges": touching.to(torch.int32),
        "edge_weight": weight,
        "edge_relation": _related(relations, *layers_of_pairs.unbind(2)),
    }


def _touching(dice: Dice, token: Tensor, edges: int) -> tuple[Tensor, Tensor]:
    """Pairs of touching regions, and the root of their boundary's length in pixels, 0 on padding.

    Where there are more than `edges`, those of longer boundaries are the likelier to be drawn.

    Args:
        token: (B, H, W), 1 + a region's rank by size, 0 for regions that are not compared.

    Returns:
        Ranks from 0, int64 (B, E, 2), and float32 (B, E).
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
    """Of a table for each picture, (B, R, C), the rows of these numbers, (B, E): (B, E, C)."""
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
