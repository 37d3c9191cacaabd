"""What lies over whole pictures, in batches: canvas, paper, folds, light, print."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..tensors.dice import Dice
from ..tensors.fields import deviation, fractal, grain, pixel_grid, soft_noise

__all__ = ["surface"]

_SHARES = (2, 2, 1, 1, 1)  # canvas, paper, folds, uneven light, halftone


def surface(dice: Dice, rgb: Tensor) -> Tensor:
    """Put one surface over each picture, float32 (B, 3, S, S), 0..255, in place."""
    makers = (_canvas, _paper, _fold, _uneven_light, _halftone)
    for rows, make in zip(dice.split(dice.permutation(len(rgb)), _SHARES), makers, strict=True):
        if len(rows):
            rgb.index_copy_(0, rows, make(dice, rgb[rows]).clamp_(0, 255))
    return rgb


def _multiply(rgb: Tensor, field: Tensor) -> Tensor:
    """Multiply by 1 + field, a little darker over all, so that a white page shows it too."""
    return rgb * (1.0 + (field - 0.8 * deviation(field))[:, None])


def _canvas(dice: Dice, rgb: Tensor) -> Tensor:
    """A weave: threads over and under, of uneven thickness."""
    count, size = len(rgb), int(rgb.shape[2])
    rows, columns = pixel_grid(size, rgb.device)
    pitch = dice.log_uniform((count, 1, 1), 2.0, 9.0)
    turn = dice.normal((count, 1, 1), 0.1)
    cells = torch.full((count,), 12.0, device=rgb.device)
    bent = [0.15 * pitch * soft_noise(dice, cells, size, 12.0) for _ in range(2)]
    x = (columns * torch.cos(turn) + rows * torch.sin(turn) + bent[0]) * (math.pi / pitch)
    y = (rows * torch.cos(turn) - columns * torch.sin(turn) + bent[1]) * (math.pi / pitch)
    over = torch.cos(x) * torch.cos(y) > 0
    weave = torch.where(over, torch.sin(x).abs(), torch.sin(y).abs()) - 0.64
    thread = 0.3 * grain(dice, torch.full((count,), 0.7, device=rgb.device), size)
    return _multiply(rgb, dice.uniform((count, 1, 1), 0.05, 0.3) * (weave + thread))


def _paper(dice: Dice, rgb: Tensor) -> Tensor:
    """Fibres, stains, a yellowed tone."""
    count, size = len(rgb), int(rgb.shape[2])
    field = 0.5 * grain(dice, dice.uniform((count,), 0.4, 1.5), size)
    cells = torch.full((count,), size / 4, device=rgb.device)
    field = field + 1.5 * (fractal(dice, cells, size, size / 4) - 0.5)
    yellow = torch.stack(
        [torch.full((1,), share, device=rgb.device) for share in (0.02, 0.05, 0.16)]
    )
    tone = 1.0 - dice.uniform((count, 1, 1, 1)) * yellow[None, :, :, None]
    return _multiply(rgb * tone, dice.uniform((count, 1, 1), 0.02, 0.12) * field)


def _fold(dice: Dice, rgb: Tensor) -> Tensor:
    """One to three folds: the light changes across each, and the fold itself is worn."""
    count, size = len(rgb), int(rgb.shape[2])
    rows, columns = pixel_grid(size, rgb.device)
    field = torch.zeros((count, size, size), device=rgb.device)
    for number in range(3):
        upright = dice.chance((count, 1, 1), 0.5) * (math.pi / 2)
        angle = upright + dice.normal((count, 1, 1), 0.05)
        place = dice.uniform((2, count, 1, 1), 0, size)
        along = (columns - place[0]) * torch.cos(angle) + (rows - place[1]) * torch.sin(angle)
        reach = dice.uniform((count, 1, 1), 10, 60)
        bent = dice.normal((count, 1, 1), 0.12) * along.sign() * torch.exp(-along.abs() / reach)
        worn = dice.uniform((count, 1, 1), 0, 0.2) * torch.exp(-along.square() / 1.5)
        field = field + (bent + worn) * dice.chance((count, 1, 1), 1 - number / 3)
    return _multiply(rgb, field)


def _uneven_light(dice: Dice, rgb: Tensor) -> Tensor:
    """A lamp from one side, a hand's shadow: slow changes of brightness and colour."""
    count, size = len(rgb), int(rgb.shape[2])
    field = soft_noise(dice, size * dice.uniform((count,), 0.4, 1.0), size, 0.4 * size)[:, None]
    amount = dice.uniform((count, 1, 1, 1), 0.05, 0.22) * (1 + dice.normal((count, 3, 1, 1), 0.25))
    return rgb * (field * amount).add_(1.0)


def _halftone(dice: Dice, rgb: Tensor) -> Tensor:
    """Dots of print in three turned screens, mixed with the picture."""
    count, size = len(rgb), int(rgb.shape[2])
    rows, columns = pixel_grid(size, rgb.device)
    steps = 2 * math.pi / dice.uniform((count, 1, 1), 2.5, 5.0)
    first = dice.uniform((count, 1, 1), 0, math.pi)
    screens = []
    for turn in (0.26, 1.31, 0.0):
        x = columns * torch.cos(first + turn) + rows * torch.sin(first + turn)
        y = rows * torch.cos(first + turn) - columns * torch.sin(first + turn)
        screens.append(torch.cos(steps * x) + torch.cos(steps * y))
    dots = torch.stack(screens, dim=1)
    screen = ((rgb / 255.0 - 0.5 + 0.25 * dots) * 3 + 0.5).clamp(0, 1) * 255
    return torch.lerp(rgb, screen, dice.uniform((count, 1, 1, 1), 0.15, 0.6))
