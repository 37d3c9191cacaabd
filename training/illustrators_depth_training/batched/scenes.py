"""Scenes of two to six drawings over a background, in batches: `data.scenes.compose` in tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..data.drawing.shape_packing import MIN_OVERLAP_PX
from .composition import BACKDROP_PLACES, Composed, Covered, Slots, rank_layers
from .corpus import CorpusTensors
from .cutouts import cut_out
from .drawings import NO_LABEL
from .tensors.color import harmonious_colors
from .tensors.dice import Dice
from .tensors.fields import box_mean, pixel_grid
from .tensors.placing import affine_matrices

__all__ = [
    "SLOTS",
    "Background",
    "compose_slots",
    "make_background",
    "make_scenes",
    "scene_matrices",
]

SLOTS = 6
_BACKGROUND_SHAPES = 4
_LABELS_PER_SLOT = 1 << 16
_PLAIN_SHARE = 0.3  # of scenes stay on white or one colour


def make_scenes(dice: Dice, corpus: CorpusTensors, count: int, size: int) -> Composed:
    """`count` scenes of size x size pixels."""
    number = corpus.pick(dice, count * SLOTS).view(count, SLOTS)
    # Those of most drawings come first, so that a slot's scenes are the first so many.
    drawn = sorted((dice.host.randint(2, SLOTS) for _ in range(count)), reverse=True)
    largest = dice.per_row([1.25 / math.sqrt(n) for n in drawn])
    matrices = scene_matrices(dice, largest, corpus.shape, size)
    return compose_slots(dice, corpus, number, matrices, drawn, make_background(dice, count, size))


def scene_matrices(dice: Dice, largest: Tensor, shape: tuple[int, int], size: int) -> Tensor:
    """Where each of SLOTS drawings lies: (B, SLOTS, 2, 3).

    largest: (B,), about how large drawings are, smaller where there are more of them.
    """
    count = len(largest)
    scale = (largest[:, None] * dice.log_uniform((count, SLOTS), 0.45, 1.2)).clamp_max(1.1)
    limit = math.radians(15)
    matrix = affine_matrices(
        shape,
        size,
        scale.flatten() * size / max(shape),
        dice.uniform((count * SLOTS,), -limit, limit),
        dice.uniform((count * SLOTS, 2), -0.36, 0.36) * size,
    )
    # Scenes mirror about the drawing's own middle, which stays where it is.
    mirrored = matrix.clone()
    mirrored[:, :, 2] += matrix[:, :, 0] * shape[1]
    mirrored[:, :, 0] = -matrix[:, :, 0]
    flip = dice.chance((count * SLOTS, 1, 1), 0.5)
    return torch.where(flip, mirrored, matrix).view(count, SLOTS, 2, 3)


@dataclass(frozen=True)
class Background:
    """What drawings are laid over: rgb (B, 3, S, S), 0..255, and its layers from 1, (B, S, S).

    covered: values beneath and above, (B, S, S) each, for every shape.
    """

    rgb: Tensor
    value: Tensor
    covered: list[tuple[Tensor, Tensor]]


def make_background(dice: Dice, count: int, size: int) -> Background:
    """A page, and up to four bands, hills and discs on it."""
    y, x = (steps / size for steps in pixel_grid(size, dice.device))
    colors = harmonious_colors(dice, count, _BACKGROUND_SHAPES + 1)
    pale = colors[:, 0] * 0.35 + 165.0
    page = torch.where(dice.chance((count, 1), 0.3), torch.full_like(pale, 255.0), pale)
    rgb = page[:, :, None, None].expand(count, 3, size, size)
    value = torch.ones((count, size, size), dtype=torch.long, device=dice.device)
    covered = []
    shapes = dice.integers((count, 1, 1), 1, _BACKGROUND_SHAPES + 1)
    shapes = torch.where(dice.chance((count, 1, 1), _PLAIN_SHARE), 0, shapes)
    for number in range(_BACKGROUND_SHAPES):
        a = dice.uniform((7, count, 1, 1))
        hill = y > a[0] + 0.12 * a[1] * torch.sin(2 * math.pi * (x * (1 + 2 * a[2]) + a[3]))
        disc = (x - a[0]).square() + (y - a[1]).square() < (0.05 + 0.25 * a[2]).square()
        along = (x - a[0]) * torch.cos(math.pi * a[1]) + (y - 0.5) * torch.sin(math.pi * a[1])
        band = along.abs() < 0.03 + 0.12 * a[2]
        shape = torch.where(a[4] < 0.45, hill, torch.where(a[4] < 0.75, disc, band))
        shape = shape & (number < shapes)
        cover = box_mean(shape[:, None].float())
        rgb = torch.lerp(rgb, colors[:, number + 1, :, None, None].expand_as(rgb), cover)
        covered.append((value, torch.where(shape, number + 2, 0)))
        value = torch.where(shape, number + 2, value)
    return Background(rgb, value, covered)


def compose_slots(
    dice: Dice,
    corpus: CorpusTensors,
    number: Tensor,
    matrices: Tensor,
    drawn: Sequence[int],
    background: Background,
) -> Composed:
    """Lay drawings, freed of their page, over a background, slot by slot.

    number: (B, K), which drawings. matrices: (B, K, 2, 3). drawn: how many of each scene's drawings
    take part, falling.
    """
    rgb, value = background.rgb.clone(), background.value.clone()
    size = int(value.shape[1])
    step = corpus.most_layers + 1
    label = torch.full_like(value, NO_LABEL, dtype=torch.int32)
    covered = [Covered(slice(None), *pair) for pair in background.covered]
    # How many scenes, the first ones, have a drawing in each slot.
    shares = [sum(slot < n for n in drawn) for slot in range(max(drawn))]
    cutouts = cut_out(
        dice,
        corpus,
        [number[:few, slot] for slot, few in enumerate(shares)],
        [matrices[:few, slot] for slot, few in enumerate(shares)],
        size,
    )
    for cut in cutouts:
        inside = cut.layer > 0
        below, labels = cut.view(value), cut.view(label)
        over = torch.where(inside, BACKDROP_PLACES + cut.slot * step + cut.layer, 0)
        covered.append(Covered(cut.samples, below.clone(), over))
        cut.view(rgb).lerp_(cut.colors, box_mean(inside[:, None].float()))
        below.copy_(torch.where(inside, over, below))
        region = cut.region + (cut.slot + 1) * _LABELS_PER_SLOT
        region = torch.where(cut.region < 0, NO_LABEL, region)
        labels.copy_(torch.where(inside, region, labels))
    # Each visible part of the background is a region of its own.
    label = torch.where(value < BACKDROP_PLACES, value.int(), label)
    least = max(MIN_OVERLAP_PX * size * size / 512**2, 1.0)
    index, relations = rank_layers(corpus, Slots(value, number, step), covered, least)
    return Composed(rgb, index, label, relations)
