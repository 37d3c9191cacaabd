"""Light and material inside each layer, in batches: `effects.shading` in tensors."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..tensors.counting import count, look_up
from ..tensors.dice import Dice
from ..tensors.fields import border_distance, gaussian_blur, grain, pixel_grid, strokes

__all__ = ["grain_layers", "shade_layers"]

_SHADED_SHARE = 0.7  # of the layers of a shaded picture
_PLACES = 65  # layers from the last of these on share what it gets


def shade_layers(dice: Dice, rgb: Tensor, index: Tensor) -> Tensor:
    """Light each layer on its own: a linear or radial gradient, a pillow, a rim, or some of these.

    rgb: float32 (B, 3, S, S), 0..255; index: int64 (B, S, S).
    """
    index = index.clamp_max(_PLACES - 1)
    table = (len(index), _PLACES)
    lit = dice.chance(table, _SHADED_SHARE).float()
    # One light for the picture, with a few layers that disobey.
    own = dice.normal(table, 0.35) * dice.chance(table, 0.5)
    angle = dice.uniform((len(index), 1), 0, 2 * math.pi) + own
    sign = 1.0 - 2.0 * dice.chance(table, 0.25).float()
    amount = dice.uniform((len(index), 1), 0.1, 0.45) * lit * sign
    linear, radial, pillow, rim = _kinds_of_light(dice, len(index))
    light = torch.zeros(index.shape, device=index.device)
    for rows, slope in ((linear, _linear), (radial, _radial)):
        if len(rows):
            light.index_copy_(0, rows, slope(index[rows], amount[rows], angle[rows]))
    if len(pillow):
        light.index_add_(0, pillow, _pillow(dice, index[pillow], lit[pillow]), alpha=-1)
    if len(rim):
        side = _rim_light(dice, border_distance(index[rim]), angle[rim].mean(1))
        light.index_add_(0, rim, side.mul_(look_up(lit[rim], index[rim])))
    return _apply_light(dice, rgb, light)


def _kinds_of_light(dice: Dice, count: int) -> list[Tensor]:
    """Which pictures have linear and radial gradients, pillows, rims; every one has something."""
    kinds: list[list[int]] = [[], [], [], []]
    for number in range(count):
        slope, pillow, rim = (dice.host.random() < share for share in (0.7, 0.35, 0.4))
        if slope or not (pillow or rim):
            kinds[int(dice.host.random() < 0.3)].append(number)
        if pillow:
            kinds[2].append(number)
        if rim:
            kinds[3].append(number)
    return [dice.positions(rows) for rows in kinds]


def _middles(index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Area and middle (column, row) of each layer: three of float32 (B, L)."""
    flat, size = index.flatten(1), int(index.shape[1])
    steps = torch.arange(size, dtype=torch.int32, device=index.device)
    area = count(flat, _PLACES).clamp_min(1).float()
    across = count(flat, _PLACES, steps.repeat(size)[None]) / area
    down = count(flat, _PLACES, steps.repeat_interleave(size)[None]) / area
    return area, across, down


def _linear(index: Tensor, amount: Tensor, angle: Tensor) -> Tensor:
    """Light that grows along a direction, over each layer's extent."""
    area, across, down = _middles(index)
    a, b = (amount * turn(angle) * area.rsqrt() for turn in (torch.cos, torch.sin))
    rows, columns = pixel_grid(int(index.shape[1]), index.device)
    light = look_up(-(a * across + b * down), index)
    return light.addcmul_(look_up(a, index), columns).addcmul_(look_up(b, index), rows)


def _radial(index: Tensor, amount: Tensor, _angle: Tensor) -> Tensor:
    """Light that falls from the middle of each layer."""
    area, across, down = _middles(index)
    rows, columns = pixel_grid(int(index.shape[1]), index.device)
    apart = (columns - look_up(across, index)).square_()
    apart.add_((rows - look_up(down, index)).square_()).mul_(look_up(1 / area, index))
    return look_up(amount, index) * (0.6 - apart.sqrt_())


def _pillow(dice: Dice, index: Tensor, lit: Tensor) -> Tensor:
    """How much darker layers are towards their edges."""
    shape = (len(index), 1)
    extent = count(index.flatten(1), _PLACES).float().sqrt()
    reach = (extent * dice.uniform(shape, 0.1, 0.4)).clamp_min(2.0)
    depth = look_up(dice.uniform(shape, 0.1, 0.4) * lit, index)
    return depth * torch.exp(border_distance(index).mul_(look_up(-1 / reach, index)))


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


def _apply_light(dice: Dice, rgb: Tensor, light: Tensor) -> Tensor:
    """Add light: bright towards a warm or cool white, dark by taking away."""
    white = 255.0 - dice.uniform((len(rgb), 3, 1, 1), 0, 70)
    up, down = light.clamp(0, 0.8)[:, None], light.clamp(-0.7, 0)[:, None]
    return (rgb + up * (white - rgb) + down * rgb).clamp(0, 255)


def grain_layers(dice: Dice, rgb: Tensor, index: Tensor) -> Tensor:
    """Give layers a material: grain, strokes in a direction of their own, or wet edges."""
    index = index.clamp_max(_PLACES - 1)
    number, size = len(index), int(index.shape[1])
    table = (number, _PLACES)
    amount = (
        dice.uniform((number, 1), 4, 26) * dice.uniform(table).pow(0.7) * dice.chance(table, 0.75)
    )
    kind = dice.integers(table, 0, 3)
    field = torch.zeros(index.shape, device=index.device)
    for material in range(3):
        if material == 0:
            texture = grain(dice, dice.uniform((number,), 0.0, 1.6), size)
        else:
            length, angle = dice.uniform((number,), 6, 18), dice.uniform((number,), 0, math.pi)
            texture = strokes(dice, length, angle, size)
        field.addcmul_(texture, look_up(amount * (kind == material), index))
    # Pigment gathers where paint dries last.
    wet = (
        dice.uniform((number, 1), 10, 45) * dice.chance(table, 0.7) * dice.chance((number, 1), 0.4)
    )
    reach = dice.uniform((number, 1, 1), 1.0, 3.0)
    field = field - look_up(wet, index) * torch.exp(-border_distance(index) / reach)
    tint = 1.0 + dice.normal((number, 3, 1, 1), 0.15)
    return (rgb + field[:, None] * tint).clamp(0, 255)
