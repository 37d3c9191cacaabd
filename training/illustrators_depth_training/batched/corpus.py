"""The drawings of a packed corpus as tensors on one device, and how often each is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illustrators_depth.errors import InputError

from ..hardware import free_memory
from ..packed import PackedDrawings
from ..samples.shard_source import KindShares, sampling_weights
from .tensors.dice import Dice

__all__ = ["HIDES", "INVISIBLE", "CorpusTensors", "load_corpus"]

HIDES, INVISIBLE = 1, 2
"""Bits of the table of pairs: the second layer hides part of the first; both meet in one colour."""
_MAX_PAIRED_LAYERS = 256
_DRAWINGS_PER_COPY = 256
# Of the device's free memory: the rest is for the network and its activations.
_MEMORY_SHARE = 0.7


@dataclass(frozen=True)
class CorpusTensors:
    """Drawings by number.

    Attributes:
        rgb: uint8 (M, H, W, 3), index: uint8 or int16 (M, H, W), regions: int16 (M, H, W), -1 =
            none; M may be more than there are drawings.
        row: int64 (N,), where each drawing stands in them.
        layers: int64 (N,). most_layers: the largest of them.
        cumulative: float32 (N,), the chance that a drawing up to this one is drawn.
        pairs: uint8, a square of (layers + 1)^2 bits `HIDES` and `INVISIBLE` for each drawing, in
            turn; pair_start: int64 (N,), where each begins.
        known: bool (N,), whether it is known what hides what.
    """

    rgb: Tensor
    index: Tensor
    regions: Tensor
    row: Tensor
    layers: Tensor
    most_layers: int
    cumulative: Tensor
    pairs: Tensor
    pair_start: Tensor
    known: Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of every drawing."""
        return int(self.index.shape[1]), int(self.index.shape[2])

    @property
    def device(self) -> torch.device:
        """Where the drawings are."""
        return self.index.device

    def pick(self, dice: Dice, count: int) -> Tensor:
        """Numbers of drawings, each by its weight: int64 (count,)."""
        at = dice.uniform((count,)) * self.cumulative[-1]
        return torch.searchsorted(self.cumulative, at).clamp_max(len(self.row) - 1)

    def pictures(self, number: Tensor) -> Tensor:
        """uint8 (B, H, W, 3)."""
        return self.rgb.index_select(0, self.row[number])

    def truth_at(self, number: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """Layer and region (-1 = none) at the pixels nearest to points of drawings.

        number: (B,). x, y: float32 (B, H, W), borders repeated. Returns int64 and int32 (B, H, W).
        """
        height, width = self.shape
        column = (x + 0.5).floor_().clamp_(0, width - 1)
        row = (y + 0.5).floor_().clamp_(0, height - 1)
        # Within a drawing, float32 counts its pixels exactly.
        place = row.mul_(width).add_(column).long()
        place += (self.row[number] * (height * width))[:, None, None]
        layer, region = (
            maps.view(-1).index_select(0, place.view(-1)).view(x.shape)
            for maps in (self.index, self.regions)
        )
        return layer.long(), region.int()

    def pair_bits(self, number: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """Bits of pairs of layers of drawings, three int64 tensors of one shape."""
        side = self.layers[number].clamp_max(_MAX_PAIRED_LAYERS) + 1
        within = (first < side) & (second < side)
        place = self.pair_start[number] + first * side + second
        bits = self.pairs[torch.where(within, place, 0).flatten()].view(first.shape)
        return torch.where(within, bits, torch.zeros_like(bits))


def load_corpus(
    path: Path,
    split: str,
    device: torch.device,
    shares: KindShares | None = None,
) -> CorpusTensors:
    """Put a packed corpus' split on a device; on the CPU it stays mapped from its file.

    Raises InputError when the file is no packed corpus, was packed without regions, has nothing to
    order, or does not fit the device's memory.
    """
    drawings = PackedDrawings(path, split)
    if drawings.layers.max() < 2:
        raise InputError(f"No drawing of {path} has two layers; there is nothing to order.")
    weights = sampling_weights(drawings.layers, drawings.sources, drawings.kinds, shares)
    weights = np.where(drawings.layers >= 2, weights, 0.0)
    arrays = drawings.arrays()
    _check_memory(path, arrays, len(drawings), device)
    squares = [_pair_square(drawings, number) for number in range(len(drawings))]
    starts = np.cumsum([0, *(square.size for square in squares)])[:-1]
    rows = drawings.rows if device.type == "cpu" else np.arange(len(drawings))
    return CorpusTensors(
        **{name: _placed(array, drawings.rows, device) for name, array in arrays.items()},
        row=torch.from_numpy(rows).to(device),
        layers=torch.from_numpy(drawings.layers).to(device),
        most_layers=int(drawings.layers.max()),
        cumulative=torch.from_numpy(np.cumsum(weights / weights.sum()).astype(np.float32)).to(
            device
        ),
        pairs=torch.from_numpy(np.concatenate([s.ravel() for s in squares])).to(device),
        pair_start=torch.from_numpy(starts.astype(np.int64)).to(device),
        known=torch.tensor(
            ["occlusions" in m and int(m["layers"]) <= _MAX_PAIRED_LAYERS for m in drawings.meta],
            device=device,
        ),
    )


def _check_memory(
    path: Path, arrays: dict[str, NDArray[np.generic]], count: int, device: torch.device
) -> None:
    free = free_memory(device)
    if free is None:
        return
    needed = sum(int(np.prod(a.shape[1:])) * a.itemsize for a in arrays.values()) * count
    if needed > _MEMORY_SHARE * free:
        raise InputError(
            f"The drawings of {path} take {needed / 2**30:.1f} GiB, but {device} has "
            f"{free / 2**30:.1f} GiB free; pack fewer or smaller ones."
        )


def _placed(array: NDArray[np.generic], rows: NDArray[np.int64], device: torch.device) -> Tensor:
    if array.dtype == np.uint16:
        array = array.view(np.int16)  # what tensors can be gathered from; 65535 becomes -1
    if device.type == "cpu":
        return torch.from_numpy(array)
    out = torch.empty((len(rows), *array.shape[1:]), dtype=_TYPES[array.dtype.name], device=device)
    for start in range(0, len(rows), _DRAWINGS_PER_COPY):
        part = rows[start : start + _DRAWINGS_PER_COPY]
        out[start : start + len(part)] = torch.from_numpy(np.ascontiguousarray(array[part]))
    return out


_TYPES = {"uint8": torch.uint8, "int16": torch.int16}


def _pair_square(drawings: PackedDrawings, number: int) -> NDArray[np.uint8]:
    """What is known of each pair of a drawing's layers: uint8 (layers + 1, layers + 1)."""
    meta = drawings.meta[number]
    side = min(int(meta["layers"]), _MAX_PAIRED_LAYERS) + 1
    square = np.zeros((side, side), np.uint8)
    hides = np.asarray(meta.get("occlusions", []), np.int64).reshape(-1, 4)[:, :2]
    invisible = np.asarray(meta.get("invisible", []), np.int64).reshape(-1, 2)
    for pairs, bit in ((hides, HIDES), (invisible, INVISIBLE), (invisible[:, ::-1], INVISIBLE)):
        pairs = pairs[(pairs < side).all(axis=1)]
        square[pairs[:, 0], pairs[:, 1]] |= bit
    return square
