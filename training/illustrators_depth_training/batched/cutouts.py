"""Drawings freed of their page, each worked on in a window of the frame that it lies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..samples.augment import Augmentation
from .corpus import CorpusTensors
from .effects.backdrop import continue_colors
from .tensors.color import apply_color_maps, color_maps
from .tensors.dice import Dice
from .tensors.placing import (
    beyond,
    block_means,
    reduction,
    sample_linear,
    source_points,
)

__all__ = [
    "Cutouts",
    "Placed",
    "Window",
    "cut_out",
    "cut_out_in_frames",
    "cut_out_in_windows",
    "find_windows",
]

_PAGE_INDEX = 1
# A cut-out changes the pixel beside it, too; one more for what rounding does.
_MARGIN_PX = 2
# Windows are square, of so many sizes: those of one size are worked on together.
_WINDOW_SIZES = 6


@dataclass(frozen=True)
class Window:
    """A square of the frame, pixels; side 0: none."""

    left: int
    top: int
    side: int


@dataclass(frozen=True)
class Cutouts:
    """Drawings of one slot, and where they lie: a window of frames that follow one another.

    colors: float32 (B, 3, s, s), 0..255. layer: int64 (B, s, s), 0 = page or outside. region:
    int32 (B, s, s), -1 = none.
    """

    slot: int
    samples: slice
    window: Window
    colors: Tensor
    layer: Tensor
    region: Tensor

    def view(self, maps: Tensor) -> Tensor:
        """What lies in their window of maps (batch, ..., S, S), as a view."""
        window = self.window
        rows = slice(window.top, window.top + window.side)
        return maps[self.samples, ..., rows, window.left : window.left + window.side]


@dataclass(frozen=True)
class Placed:
    """Drawings to cut out.

    number: int64 (B,). matrix: float32 (B, 2, 3). recolored: bool (B,), which get other colours;
    color_matrix (B, 3, 3) and color_offset (B, 3): their maps.
    """

    number: Tensor
    matrix: Tensor
    recolored: Tensor
    color_matrix: Tensor
    color_offset: Tensor

    def of(self, chosen: Tensor) -> Placed:
        """Some of them, by position."""
        return Placed(*(value.index_select(0, chosen) for value in vars(self).values()))


def cut_out(
    dice: Dice,
    corpus: CorpusTensors,
    number: Sequence[Tensor],
    matrix: Sequence[Tensor],
    size: int,
) -> list[Cutouts]:
    """Free drawings of their page, placed in frames of size x size; slots in turn.

    On a processor each drawing has a window of its own, or none where it lies beyond the frame.
    Elsewhere a slot's drawings share the frame: to learn of smaller windows would be to wait for
    the device, and many small pieces of work would take it longer than a large one.

    number, matrix: for each slot int64 (b,) and float32 (b, 2, 3), of the first b samples.
    """
    numbers, matrices = torch.cat(list(number)), torch.cat(list(matrix))
    drawings = Placed(numbers, matrices, *_recoloring(dice, len(numbers)))
    host = matrices.device.type == "cpu" and type(matrices) is Tensor
    cut = cut_out_in_windows if host else cut_out_in_frames
    return cut(corpus, drawings, [len(part) for part in number], size)


def cut_out_in_frames(
    corpus: CorpusTensors, drawings: Placed, shares: Sequence[int], size: int
) -> list[Cutouts]:
    """`cut_out` over whole frames. shares: how many of the drawings are in each slot, in turn."""
    parts = (maps.split(list(shares)) for maps in _freed(corpus, drawings, None, size, size))
    return [
        Cutouts(slot, slice(0, len(part[0])), Window(0, 0, size), *part)
        for slot, part in enumerate(zip(*parts, strict=True))
    ]


def cut_out_in_windows(
    corpus: CorpusTensors, drawings: Placed, shares: Sequence[int], size: int
) -> list[Cutouts]:
    """`cut_out` with a window for each drawing, from matrices in host memory."""
    places = [(slot, sample) for slot, few in enumerate(shares) for sample in range(few)]
    windows = find_windows(drawings.matrix, corpus.shape, size)
    cutouts = []
    for side in sorted({window.side for window in windows} - {0}):
        chosen = [i for i, window in enumerate(windows) if window.side == side]
        corner = torch.tensor([[windows[i].left, windows[i].top] for i in chosen])
        maps = _freed(corpus, drawings.of(torch.tensor(chosen)), corner, side, size)
        for i, part in zip(chosen, zip(*(m.split(1) for m in maps), strict=True), strict=True):
            slot, sample = places[i]
            cutouts.append(Cutouts(slot, slice(sample, sample + 1), windows[i], *part))
    return sorted(cutouts, key=lambda cut: cut.slot)


def find_windows(matrix: Tensor, shape: tuple[int, int], size: int) -> list[Window]:
    """Windows of frames of `size` pixels outside of which drawings of a shape change nothing.

    matrix: float32 (B, 2, 3) in host memory, from the drawing's pixels to the frame's.
    """
    right, bottom = shape[1] - 0.5, shape[0] - 0.5
    corners = [[-0.5, right, -0.5, right], [-0.5, -0.5, bottom, bottom], [1.0] * 4]
    ends = matrix @ torch.tensor(corners)
    step = -(-size // _WINDOW_SIZES)
    windows = []
    for low, high in zip(ends.amin(2).tolist(), ends.amax(2).tolist(), strict=True):
        first = [max(0, math.floor(at) - _MARGIN_PX) for at in low]
        extent = [
            min(size, math.ceil(at) + _MARGIN_PX + 1) - start
            for at, start in zip(high, first, strict=True)
        ]
        side = min(size, -(-max(extent) // step) * step) if min(extent) > 0 else 0
        left, top = (min(start, size - side) for start in first)
        windows.append(Window(left, top, side))
    return windows


def _recoloring(dice: Dice, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """Half of the drawings in other colours, as the palettes of one set give its drawings away.

    Which ones bool (B,), and their maps (B, 3, 3) and (B, 3).
    """
    other = dice.rows(count, 0.5)
    recolored = torch.zeros(count, dtype=torch.bool, device=dice.device)
    matrix = torch.zeros((count, 3, 3), device=dice.device)
    offset = torch.zeros((count, 3), device=dice.device)
    if len(other):
        recolored.index_fill_(0, other, True)
        matrices, offsets = color_maps(dice, len(other), Augmentation(invert=0.0))
        matrix.index_copy_(0, other, matrices)
        offset.index_copy_(0, other, offsets)
    return recolored, matrix, offset


def _freed(
    corpus: CorpusTensors, drawings: Placed, corner: Tensor | None, side: int, size: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Colours, layers and regions of `Cutouts`, in windows of one side.

    corner: int64 (B, 2), left and top of each window. size: of the frame, which tells by how much
    pictures are reduced first.
    """
    x, y = source_points(drawings.matrix, (side, side), corner=corner)
    factor = reduction(corpus.shape, size)
    picture = block_means(corpus.pictures(drawings.number), factor)
    layer, region = corpus.truth_at(drawings.number, x, y)
    outside = beyond(x, y, corpus.shape) | (layer <= _PAGE_INDEX)
    layer = torch.where(outside, 0, layer)
    colors = continue_colors(sample_linear(picture, x, y, factor), layer > 0)
    other = apply_color_maps(colors, drawings.color_matrix, drawings.color_offset)
    colors = torch.where(drawings.recolored[:, None, None, None], other, colors)
    return colors, layer, region
