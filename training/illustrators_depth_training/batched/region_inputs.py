"""What the region stage is told of regions, for whole batches.

The tensor form of the engine's `regions.region_inputs`: networks were trained on these very
numbers, so both must give the same ones, in the same order. Every array has a fixed size: R =
`tokens` regions a picture, the largest, padded where there are fewer. B pictures of H x W pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor

from illustrators_depth.regions.region_inputs import CELL, SAME_COLOR

from .tensors.counting import count, mean_colors
from .tensors.fields import pixel_grid

__all__ = ["boundary_lengths", "largest_regions", "region_tokens"]

_MIN_REGION_PX = 4  # smaller regions are not told of
# What a pixel of area adds to the key that regions are ranked by; more than any region's number,
# which decides between regions of one area.
_AREA_STEP = 1 << 20


def largest_regions(
    labels: Tensor,
    most: int,
    tokens: int,
    least_px: int = _MIN_REGION_PX,
    last_is_none: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Rank regions by their size; among equals the one of lower number comes first.

    Args:
        labels: int64 (B, H, W), numbers of regions from 0 to `most` - 1.
        most: how many numbers there are.
        tokens: how many regions are ranked.
        least_px: regions of fewer pixels are not ranked.
        last_is_none: pixels of the last number belong to no region: their token is 0, whatever the
            rank of that number.

    Returns:
        token int64 (B, H, W), 0 = none, else 1 + rank; number int64 (B, tokens), the ranked
        regions' labels; area float32 (B, tokens), 0 on padding.
    """
    flat = labels.flatten(1)
    area = count(flat, most)
    key = area.long() * _AREA_STEP + torch.arange(most - 1, -1, -1, device=labels.device)
    number = key.topk(tokens, dim=1).indices
    ranked = area.gather(1, number)
    shown = ranked >= least_px
    table = torch.zeros((len(labels), most), dtype=torch.long, device=labels.device)
    ranks = torch.arange(1, tokens + 1, device=labels.device).expand_as(number)
    table = table.scatter(1, number, torch.where(shown, ranks, 0))
    if last_is_none:
        table[:, -1] = 0
    token = table.gather(1, flat).view(labels.shape)
    return token, number, (ranked * shown).float()


def region_tokens(rgb: Tensor, labels: Tensor, most: int, tokens: int) -> dict[str, Tensor]:
    """What `samples.region_tokens.region_tokens` makes of one picture, for a batch.

    Args:
        rgb: uint8 (B, 3, H, W); H and W multiples of `CELL`.
        labels: int64 (B, H, W), numbers of regions from 0; `most` - 1 = none.

    Returns:
        "cover" float32 (B, R, H / CELL, W / CELL), "features" float32 (B, R, REGION_FEATURES),
        "pairs" float32 (B, R, R, PAIR_FEATURES), "real" bool (B, R), "token" int32 (B, H, W), -1 =
        none.
    """
    token, _number, area = largest_regions(labels, most, tokens, last_is_none=True)
    real = area > 0
    mean = mean_colors(token, rgb, area) / 255.0
    box = _boxes(token, tokens)
    shared = boundary_lengths(token, tokens)
    height, width = labels.shape[1:]
    features = _features(area, mean, box, shared, height, width)
    pairs = _pairs(area, mean, box, shared, max(height, width))
    both = real[:, :, None, None] & real[:, None, :, None]
    return {
        "cover": _cover(token, tokens),
        "features": torch.where(real[:, :, None], features, 0.0),
        "pairs": torch.where(both, pairs, 0.0),
        "real": real,
        "token": (token - 1).to(torch.int32),
    }


def _cover(token: Tensor, tokens: int) -> Tensor:
    """The share of each cell that each region covers: float32 (B, R, H / CELL, W / CELL)."""
    batch, height, width = token.shape
    rows, columns = pixel_grid(max(height, width), token.device)
    across = width // CELL
    cell = (rows[:height].int() // CELL) * across + columns[:, :width].int() // CELL
    cells = (height // CELL) * across
    share = torch.full((1, 1), CELL**-2, device=token.device)
    filled = count((token.int() * cells).add_(cell).long().flatten(1), (tokens + 1) * cells, share)
    return filled.view(batch, tokens + 1, height // CELL, across)[:, 1:]


def _boxes(token: Tensor, tokens: int) -> Tensor:
    """Centre of mass and bounding box (cx, cy, left, top, right, bottom), pixels: (B, R, 6)."""
    parts: dict[int, Tensor] = {}
    rows, columns = pixel_grid(max(token.shape[1:]), token.device)
    along = (columns.int()[:, : token.shape[2]], rows.int()[: token.shape[1]])
    narrow = token.int()
    for axis, place in enumerate(along):
        size = token.shape[2 - axis]
        # Pixels of each region in each column, or in each row.
        profile = count((narrow * size).add_(place).long().flatten(1), (tokens + 1) * size)
        profile = profile.view(len(token), tokens + 1, size)[:, 1:]
        middles = torch.arange(size, device=token.device, dtype=torch.float32) + 0.5
        parts[axis] = (profile * middles).sum(2) / profile.sum(2).clamp_min(1)
        inside = (profile > 0).to(torch.uint8)
        parts[2 + axis] = inside.argmax(2).float()
        parts[4 + axis] = size - inside.flip(2).argmax(2).float()
    return torch.stack([parts[i] for i in range(6)], dim=2)


def boundary_lengths(token: Tensor, tokens: int) -> Tensor:
    """Pixels of boundary between any two ranks: float32 (B, R + 1, R + 1), symmetric.

    Rows and columns are ranks from 0; the last one is what is no region, and the picture's frame.
    """
    framed = torch.nn.functional.pad(token.int(), (1, 1, 1, 1))
    side = tokens + 1
    total = sum(
        count((a * side).add_(b).long().flatten(1), side * side)
        for a, b in ((framed[:, :, 1:], framed[:, :, :-1]), (framed[:, 1:], framed[:, :-1]))
    )
    assert isinstance(total, Tensor)
    square = total.view(-1, side, side).roll((-1, -1), (1, 2))
    square.diagonal(dim1=1, dim2=2).zero_()  # neighbours within one region
    return (square + square.transpose(1, 2)).float()


def _features(
    area: Tensor, mean: Tensor, box: Tensor, shared: Tensor, height: int, width: int
) -> Tensor:
    """Size, place, shape, surroundings and colour of regions: (B, R, REGION_FEATURES)."""
    longest = float(max(height, width))
    half = torch.stack([torch.full_like(area, side / 2) for side in (width, height) * 3], dim=2)
    wide, high = (box[..., 4] - box[..., 2]) / longest, (box[..., 5] - box[..., 3]) / longest
    perimeter = shared.sum(2)[:, :-1]
    inner = shared[:, :-1, :-1]
    among = perimeter.clamp_min(1)
    return torch.cat(
        [
            torch.stack(
                [
                    torch.log(area.clamp_min(1) / longest**2) / 4,
                    torch.log(wide.clamp_min(1e-3)) / 2,
                    torch.log(high.clamp_min(1e-3)) / 2,
                ],
                dim=2,
            ),
            (box - half) / (longest / 2),
            torch.stack(
                [
                    area / (wide * high * longest**2).clamp_min(1),
                    torch.log(perimeter**2 / (16 * area.clamp_min(1)) + 1e-3) / 2,
                    inner.amax(2) / among,
                    shared[:, :-1, -1] / among,
                    torch.log1p((inner > 0).sum(2)) / 2,
                ],
                dim=2,
            ),
            mean * 2 - 1,
        ],
        dim=2,
    )


def _pairs(area: Tensor, mean: Tensor, box: Tensor, shared: Tensor, longest: int) -> Tensor:
    """How each region (row) lies to each other one (column): (B, R, R, PAIR_FEATURES)."""
    perimeter = shared.sum(2)[:, :-1].clamp_min(1)
    inner = shared[:, :-1, :-1]
    area = area.clamp_min(1)
    left = torch.maximum(box[:, :, None, 2], box[:, None, :, 2])
    top = torch.maximum(box[:, :, None, 3], box[:, None, :, 3])
    right = torch.minimum(box[:, :, None, 4], box[:, None, :, 4])
    bottom = torch.minimum(box[:, :, None, 5], box[:, None, :, 5])
    overlap = (right - left).clamp_min(0) * (bottom - top).clamp_min(0)
    extent = ((box[..., 4] - box[..., 2]) * (box[..., 5] - box[..., 3])).clamp_min(1)
    apart = (box[:, :, None, :2] - box[:, None, :, :2]) / longest
    color = (mean[:, :, None] - mean[:, None]).square().sum(3).sqrt()
    return torch.stack(
        [
            (inner > 0).float(),
            inner / perimeter[:, :, None],
            inner / perimeter[:, None, :],
            torch.log(area[:, :, None] / area[:, None, :]) / 4,
            overlap / extent[:, :, None],
            overlap / extent[:, None, :],
            apart[..., 0],
            apart[..., 1],
            apart.square().sum(3).sqrt(),
            color,
            (color < SAME_COLOR).float(),
        ],
        dim=3,
    )
