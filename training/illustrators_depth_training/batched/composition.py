"""What a batch is made of before effects: pictures, layers of one or several drawings, regions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .corpus import HIDES, INVISIBLE, CorpusTensors
from .targets import dense_layers, layer_relations
from .tensors.counting import count

__all__ = [
    "BACKDROP_PLACES",
    "RELATED_LAYERS",
    "Composed",
    "Covered",
    "Slots",
    "join",
    "rank_layers",
]

BACKDROP_PLACES = 8
"""Values below this are layers of a made-up background; drawings' layers follow, slot by slot."""
RELATED_LAYERS = 64
"""Layers of a sample, from the lowest, of which it is known what hides what."""


@dataclass(frozen=True)
class Composed:
    """Samples: rgb float32 (B, 3, S, S), 0..255; index int64 (B, S, S), layers from 1.

    label: int32 (B, S, S), one number for each stored region of each drawing. relations: uint8
    (B, L, L) by layer, L = RELATED_LAYERS + 1.
    """

    rgb: Tensor
    index: Tensor
    label: Tensor
    relations: Tensor


@dataclass(frozen=True)
class Slots:
    """Drawings stacked in samples: values (B, S, S), `BACKDROP_PLACES + slot * step + layer`.

    number: int64 (B, K), the drawing in each slot. step: of values from slot to slot.
    """

    value: Tensor
    number: Tensor
    step: int

    @property
    def places(self) -> int:
        """Values are below this."""
        return BACKDROP_PLACES + int(self.number.shape[1]) * self.step


@dataclass(frozen=True)
class Covered:
    """What was laid over something, in the frames or in a window: values beneath and above.

    samples: of the batch, b of them. below, above: int64 (b, h, w); above is 0 where nothing was.
    """

    samples: slice
    below: Tensor
    above: Tensor


def rank_layers(
    corpus: CorpusTensors, slots: Slots, covered: list[Covered], least_px: float
) -> tuple[Tensor, Tensor]:
    """Index (B, S, S) and relations (B, L, L) of samples.

    Of layers that share at least `least_px` pixels of `covered` one hides the other.
    """
    index, rank = dense_layers(slots.value, slots.places)
    side = RELATED_LAYERS + 1
    rank = torch.where(rank < side, rank, 0)
    rank[:, 0] = 0
    above, invisible = _pairs_of_drawings(corpus, slots, rank)
    counts = torch.zeros((len(index), side * side), dtype=torch.int32, device=index.device)
    for part in covered:
        ranks = rank[part.samples]
        below = ranks.gather(1, part.below.flatten(1))
        over = ranks.gather(1, part.above.flatten(1))
        # Where nothing was laid over, the pair is that with rank 0, which is no layer.
        counts[part.samples] += count(below.mul_(side).add_(over), side * side)
    above = above | (counts.view(-1, side, side) >= least_px) if covered else above
    above[:, 0], above[:, :, 0] = False, False
    known = corpus.known[slots.number].all(1)
    return index, layer_relations(above, invisible, known)


def _pairs_of_drawings(corpus: CorpusTensors, slots: Slots, rank: Tensor) -> tuple[Tensor, Tensor]:
    """What the drawings' own tables say of each pair of ranks: two of bool (B, L, L)."""
    batch, side = len(rank), RELATED_LAYERS + 1
    values = torch.arange(slots.places, device=rank.device).expand(batch, -1)
    # Several values may have rank 0, whose place stays unused.
    of_rank = torch.zeros((batch, side), dtype=torch.long, device=rank.device)
    of_rank = of_rank.scatter(1, rank, values)
    slot = torch.div(of_rank - BACKDROP_PLACES, slots.step, rounding_mode="floor")
    own = (of_rank >= BACKDROP_PLACES) & (torch.arange(side, device=rank.device) > 0)
    layer = of_rank - BACKDROP_PLACES - slot * slots.step
    number = slots.number.gather(1, slot.clamp(0, slots.number.shape[1] - 1))
    same = (slot[:, :, None] == slot[:, None]) & own[:, :, None] & own[:, None]
    first, second = torch.broadcast_tensors(layer[:, :, None], layer[:, None])
    bits = corpus.pair_bits(
        number[:, :, None].expand(-1, -1, side),
        torch.where(same, first, 0),
        torch.where(same, second, 0),
    )
    return same & ((bits & HIDES) > 0), same & ((bits & INVISIBLE) > 0)


def join(parts: list[Composed]) -> Composed:
    """One batch of several."""
    names = Composed.__annotations__
    return Composed(**{n: torch.cat([getattr(p, n) for p in parts]) for n in names})
