"""Single drawings placed in the frame, in batches: `augment.place` in tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from ..samples.augment import Augmentation
from .composition import BACKDROP_PLACES, Composed, Slots, rank_layers
from .corpus import CorpusTensors
from .tensors.dice import Dice
from .tensors.fields import soft_noise
from .tensors.placing import (
    beyond,
    block_means,
    placing_matrices,
    reduction,
    sample_linear,
    source_points,
)

__all__ = ["NO_LABEL", "place_drawings", "place_slots", "wobble"]

NO_LABEL = 0xFFFF
"""Label of pixels that belong to no stored region."""


def place_drawings(
    dice: Dice,
    corpus: CorpusTensors,
    count: int,
    size: int,
    augmentation: Augmentation,
    wobble_chance: float = 0.0,
) -> Composed:
    """`count` drawings, each scaled, turned and shifted in a frame of size x size."""
    number = corpus.pick(dice, count)
    matrix = placing_matrices(dice, count, corpus.shape, size, augmentation)
    moved = wobble(dice, count, size, wobble_chance)
    return place_slots(corpus, number, matrix, size, moved)


def place_slots(
    corpus: CorpusTensors,
    number: Tensor,
    matrix: Tensor,
    size: int,
    moved: Tensor | None = None,
) -> Composed:
    """Drawings (B,) placed by matrices (B, 2, 3): beyond a page there is more page, beyond a
    full-bleed drawing its border is repeated."""
    height, width = corpus.shape
    x, y = source_points(matrix, (size, size), moved)
    picture, factor = corpus.pictures(number), reduction(corpus.shape, size)
    rgb = sample_linear(block_means(picture, factor), x, y, factor)
    layer, label = corpus.truth_at(number, x, y)
    # Counted on the device: to send them there would be to wait for it.
    ends = torch.arange(4, device=x.device).expand(len(number), 1, 4)
    corners, of_corners = corpus.truth_at(
        number, (ends % 2 * (width - 1)).float(), (ends // 2 * (height - 1)).float()
    )
    page = (corners == corners[:, :, :1]).all(2, keepdim=True)
    filled = page & beyond(x, y, corpus.shape)
    torch.where(filled[:, None], picture[:, 0, 0, :, None, None].float(), rgb, out=rgb)
    torch.where(filled, corners[:, :, :1], layer, out=layer)
    torch.where(filled, of_corners[:, :, :1], label, out=label)
    step = corpus.most_layers + 1
    slots = Slots(BACKDROP_PLACES + layer, number[:, None], step)
    ranked, relations = rank_layers(corpus, slots, [], 1.0)
    return Composed(rgb, ranked, label.masked_fill_(label < 0, NO_LABEL), relations)


def wobble(dice: Dice, count: int, size: int, chance: float) -> Tensor | None:
    """By how much an unsteady hand moves each point: (count, 2, size, size); None for nobody."""
    rows = dice.rows(count, chance)
    if not len(rows):
        return None
    cell = (size * dice.log_uniform((len(rows),), 0.015, 0.08)).clamp_min(3.0)
    reach = (cell * dice.uniform((len(rows),), 0.08, 0.25))[:, None, None]
    shaken = torch.stack([reach * soft_noise(dice, cell, size) for _ in range(2)], dim=1)
    moved = torch.zeros((count, 2, size, size), device=dice.device)
    return moved.index_copy(0, rows, shaken)
