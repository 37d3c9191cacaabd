"""Colours of whole pictures: an affine map of RGB for each, as `augment.jitter_colors` has it."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from ...samples.augment import Augmentation
from .dice import Dice

__all__ = ["apply_color_maps", "color_maps", "harmonious_colors", "quantize"]

_UNTOUCHED_SHARE = 0.15
_HUE_CHANCE = 0.6


def color_maps(dice: Dice, count: int, a: Augmentation) -> tuple[Tensor, Tensor]:
    """Matrices (count, 3, 3) and offsets (count, 3) of colour jitter."""
    device = dice.device
    hue = dice.normal((count,), 0.5) * dice.chance((count,), _HUE_CHANCE)
    saturation = torch.exp(dice.normal((count,), 0.25))[:, None, None]
    contrast = torch.exp(dice.normal((count,), 0.12))[:, None, None]
    gray = torch.full((3, 3), 1 / 3, device=device)
    unit = torch.eye(3, device=device)
    # Turns colours about grey: the cross product with (1, 1, 1), by length.
    axis = (unit.roll(2, 1) - unit.roll(1, 1)) / 3**0.5
    c, s = torch.cos(hue)[:, None, None], torch.sin(hue)[:, None, None]
    turn = c * unit + s * axis + (1 - c) * gray
    matrix = contrast * (gray + saturation * (turn - gray))
    offset = 255.0 * (1 - contrast[:, 0]) + dice.normal((count, 1), 8.0)
    plain = dice.chance((count,), _UNTOUCHED_SHARE)
    matrix = torch.where(plain[:, None, None], unit, matrix)
    offset = torch.where(plain[:, None], torch.zeros_like(offset), offset).expand(count, 3)
    number = dice.integers((count,), 0, 6) * dice.chance((count,), a.permute)
    matrix = _permutations(device)[number] @ matrix
    invert = dice.chance((count,), a.invert)[:, None]
    return (
        torch.where(invert[..., None], -matrix, matrix),
        torch.where(invert, 255.0 - offset, offset),
    )


def _permutations(device: torch.device) -> Tensor:
    """The six orders of three channels as matrices (6, 3, 3), the plain one first."""
    unit = torch.eye(3, device=device)
    return torch.stack(
        [torch.stack([unit[i] for i in order]) for order in itertools.permutations(range(3))]
    )


def apply_color_maps(rgb: Tensor, matrix: Tensor, offset: Tensor) -> Tensor:
    """Map pictures (B, 3, H, W), 0..255; float32, rounded and clipped."""
    mapped = torch.baddbmm(offset[:, :, None], matrix, rgb.flatten(2))
    return quantize(mapped.view(rgb.shape))


def quantize(rgb: Tensor) -> Tensor:
    """Whole numbers from 0 to 255, still float32."""
    return rgb.round().clamp_(0, 255)


def harmonious_colors(dice: Dice, count: int, colors: int) -> Tensor:
    """Colours that go together, or anything: (count, colors, 3), 0..255."""
    first = dice.uniform((count, 1, 3), 0, 255)
    near = first + dice.normal((count, colors, 3)) * dice.uniform((count, 1, 1), 15, 70)
    free = dice.uniform((count, colors, 3), 0, 255)
    return torch.where(dice.chance((count, 1, 1), 0.6), near.clamp(0, 255), free)
