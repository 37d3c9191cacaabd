"""Light and material inside each layer, in batches: `effects.shading` in tensors."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..tensors.dice import Dice
from ..tensors.fields import border_distance, gaussian_blur, grain, pixel_grid, strokes

__all__ = ["grain_layers", "shade_layers"]

_SHADED_SHARE = 0.7  # of the layers of a shaded picture
_PLACES = 65  # layers from the last of these on share what it gets


def _look_up(table: Tensor, index: Tensor) -> Tensor:
    """Values of tables (B, L) at layers (B, H, W)."""
    return table.gather(1, index.flatten(1)).view(index.shape)


def _sums(index: Tensor, values: Tensor) -> Tensor:
    """Sums of values (B, H, W) over each layer: (B, L)."""
    out = torch.zeros((len(index), _PLACES), device=index.device)
    return out.scatter_add(1, index.flatten(1), values.expand(index.shape).flatten(1))


def shade_layers(dice: Dice, rgb: Tensor, index: Tensor) -> Tensor:
    """Light each layer on its own: a linear or radial gradient, a pillow, a rim, or some of these.

    rgb: float32 (B, 3, S, S), 0..255; index: int64 (B, S, S).
    """
    index = index.clamp_max(_PLACES - 1)
    count, size = len(index), int(index.shape[1])
    rows, columns = pixel_grid(size, index.device)
    area = _sums(index, torch.ones_like(rows * columns)).clamp_min(1)
    extent = area.sqrt()
    y = (rows - _look_up(_sums(index, rows + 0 * columns) / area, index)) / _look_up(extent, index)
    x = (columns - _look_up(_sums(index, columns + 0 * rows) / area, index)) / _look_up(
        extent, index
    )
    lit = dice.chance((count, _PLACES), _SHADED_SHARE).float()
    kinds = dice.uniform((3, count, 1, 1))
    pillow, rim = kinds[1] < 0.35, kinds[2] < 0.4
    slope = (kinds[0] < 0.7) | ~(pillow | rim)
    # One light for the picture, with a few layers that disobey.
    own = dice.normal((count, _PLACES), 0.35) * dice.chance((count, _PLACES), 0.5)
    angle = dice.uniform((count, 1), 0, 2 * math.pi) + own
    sign = 1.0 - 2.0 * dice.chance((count, _PLACES), 0.25).float()
    amount = dice.uniform((count, 1), 0.1, 0.45) * lit * sign
    radial = _look_up(amount, index) * (0.6 - torch.sqrt(x.square() + y.square()))
    linear = _look_up(amount * torch.cos(angle), index) * x
    linear = linear + _look_up(amount * torch.sin(angle), index) * y
    light = slope * torch.where(dice.chance((count, 1, 1), 0.3), radial, linear)
    distance = border_distance(index)
    reach = (extent * dice.uniform((count, 1), 0.1, 0.4)).clamp_min(2.0)
    depth = _look_up(dice.uniform((count, 1), 0.1, 0.4) * lit, index)
    light = light - pillow * depth * torch.exp(-distance / _look_up(reach, index))
    light = light + rim * _rim_light(dice, distance, angle.mean(1)) * _look_up(lit, index)
    return _lit(dice, rgb, light)


def _rim_light(dice: Dice, distance: Tensor, angle: Tensor) -> Tensor:
    """Light on the edges that face it."""
    count = len(distance)
    side = gaussian_blur(distance[:, None], torch.full_like(angle, 1.5), 4)[:, 0]
    across, down = torch.zeros_like(side), torch.zeros_like(side)
    across[:, :, 1:-1] = 4 * (side[:, :, 2:] - side[:, :, :-2])
    down[:, 1:-1] = 4 * (side[:, 2:] - side[:, :-2])
    facing = torch.cos(angle)[:, None, None] * across + torch.sin(angle)[:, None, None] * down
    near = torch.exp(-distance / dice.uniform((count, 1, 1), 1.5, 5.0))
    return dice.uniform((count, 1, 1), 0.04, 0.12) * facing.clamp(-3, 3) * near


def _lit(dice: Dice, rgb: Tensor, light: Tensor) -> Tensor:
    """Add light: bright towards a warm or cool white, dark by taking away."""
    white = 255.0 - dice.uniform((len(rgb), 3, 1, 1), 0, 70)
    up, down = light.clamp(0, 0.8)[:, None], light.clamp(-0.7, 0)[:, None]
    return (rgb + up * (white - rgb) + down * rgb).clamp(0, 255)


def grain_layers(dice: Dice, rgb: Tensor, index: Tensor) -> Tensor:
    """Give layers a material: grain, strokes in a direction of their own, or wet edges."""
    index = index.clamp_max(_PLACES - 1)
    count, size = len(index), int(index.shape[1])
    table = (count, _PLACES)
    amount = (
        dice.uniform((count, 1), 4, 26) * dice.uniform(table).pow(0.7) * dice.chance(table, 0.75)
    )
    kind = dice.integers(table, 0, 3)
    field = torch.zeros(index.shape, device=index.device)
    for number in range(3):
        if number == 0:
            texture = grain(dice, dice.uniform((count,), 0.0, 1.6), size)
        else:
            length, angle = dice.uniform((count,), 6, 18), dice.uniform((count,), 0, math.pi)
            texture = strokes(dice, length, angle, size)
        field = field + texture * _look_up(amount * (kind == number), index)
    # Pigment gathers where paint dries last.
    wet = dice.uniform((count, 1), 10, 45) * dice.chance(table, 0.7) * dice.chance((count, 1), 0.4)
    reach = dice.uniform((count, 1, 1), 1.0, 3.0)
    field = field - _look_up(wet, index) * torch.exp(-border_distance(index) / reach)
    tint = 1.0 + dice.normal((count, 3, 1, 1), 0.15)
    return (rgb + field[:, None] * tint).clamp(0, 255)
