"""Counts, sums and look-ups over whole batches: what many maps of numbers are reduced to."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["count", "look_up", "mean_colors"]

# What a unit of red adds to a sum of red and green; more than green can sum to over a picture.
_RED_UNIT = 1 << 32


def count(flat: Tensor, places: int, amount: Tensor | None = None) -> Tensor:
    """How often each number from 0 to `places` - 1 occurs in each row, or the sum of an amount.

    flat: int64 (B, P). amount: of any type, broadcast to it. Returns (B, places) of the amount's
    type, int32 without one: half the memory of int64, and quicker to add to than float32.
    """
    if amount is None:
        amount = torch.ones((1, 1), dtype=torch.int32, device=flat.device)
    out = torch.zeros((len(flat), places), dtype=amount.dtype, device=flat.device)
    return out.scatter_add_(1, flat, amount.expand_as(flat))


def mean_colors(token: Tensor, rgb: Tensor, area: Tensor) -> Tensor:
    """Mean colours float32 (B, R, 3), 0..255, of ranked regions.

    token: int64 (B, H, W), 0 = none, else 1 + rank. rgb: uint8 (B, 3, H, W). area: float32 (B, R),
    pixels of each rank; 0, where there is no such region, gives 0.
    """
    flat = token.flatten(1)
    red, green, blue = rgb.flatten(2).unbind(1)
    # Red and green in one sum: half the work, and exact.
    red_green = red.long().mul_(_RED_UNIT).add_(green)
    sums = torch.zeros((len(rgb), area.shape[1] + 1), dtype=torch.long, device=rgb.device)
    red_green = sums.scatter_add(1, flat, red_green)[:, 1:]
    blue = count(flat, area.shape[1] + 1, blue.int())[:, 1:]
    reds = torch.div(red_green, _RED_UNIT, rounding_mode="floor")
    stacked = torch.stack([reds, red_green - reds * _RED_UNIT, blue.long()], dim=2)
    return stacked.float() / area.clamp_min(1)[:, :, None]


def look_up(table: Tensor, index: Tensor) -> Tensor:
    """Values of a table per picture, (B, L) of any type, at int64 (B, H, W): (B, H, W)."""
    return table.gather(1, index.flatten(1)).view(index.shape)
