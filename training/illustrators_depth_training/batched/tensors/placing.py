"""Placing drawings in a frame: affine maps, sampled by the nearest pixel or bilinearly.

Coordinates are those of `augment.place`: whole numbers at the pixels' middles.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...samples.augment import Augmentation
from .dice import Dice

__all__ = [
    "affine_matrices",
    "beyond",
    "block_means",
    "block_sums",
    "placing_matrices",
    "reduction",
    "sample_linear",
    "source_points",
]


def affine_matrices(
    shape: tuple[int, int], size: int, scale: Tensor, turn: Tensor, shift: Tensor
) -> Tensor:
    """From a drawing's pixels to the frame's: float32 (B, 2, 3).

    Args:
        shape: height and width of the drawings.
        size: side of the frame in pixels.
        scale: (B,), frame's pixels for one of the drawing's.
        turn: (B,), radians, counter-clockwise as seen.
        shift: (B, 2), pixels to the right and down, from the middle.
    """
    height, width = shape
    x, y = width / 2, height / 2
    a, b = scale * torch.cos(turn), scale * torch.sin(turn)
    across = (1 - a) * x - b * y + size / 2 - x + shift[:, 0]
    down = b * x + (1 - a) * y + size / 2 - y + shift[:, 1]
    return torch.stack([torch.stack([a, b, across], 1), torch.stack([-b, a, down], 1)], 1)


def placing_matrices(
    dice: Dice, count: int, shape: tuple[int, int], size: int, a: Augmentation
) -> Tensor:
    """What `augment.place` draws, for `count` drawings: float32 (count, 2, 3)."""
    scale = size / max(shape) * dice.log_uniform((count,), *a.scale)
    limit = math.radians(a.turn)
    turn = dice.uniform((count,), -limit, limit) * dice.chance((count,), 0.5)
    shift = dice.uniform((count, 2), -a.shift, a.shift) * size
    matrix = affine_matrices(shape, size, scale, turn, shift)
    if not a.flip:
        return matrix
    mirrored = matrix.clone()
    mirrored[:, 0] = -mirrored[:, 0]
    mirrored[:, 0, 2] += size - 1
    return torch.where(dice.chance((count, 1, 1), a.flip), mirrored, matrix)


def source_points(
    matrix: Tensor,
    size: tuple[int, int],
    moved: Tensor | None = None,
    corner: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Where in the drawing each pixel of a frame (height, width) comes from: x, y (B, H, W).

    moved: (B, 2, H, W), pixels right and down by which the frame's points are moved first.
    corner: int64 (B, 2), left and top of windows of the size, instead of a frame.
    """
    height, width = size
    rows = torch.arange(height, device=matrix.device, dtype=torch.float32)[:, None]
    columns = torch.arange(width, device=matrix.device, dtype=torch.float32)[None, :]
    a, b, c, d = (matrix[:, i, j, None, None] for i in (0, 1) for j in (0, 1))
    determinant = a * d - b * c
    a, b, c, d = (value / determinant for value in (a, b, c, d))
    if corner is not None:
        rows, columns = rows + corner[:, 1, None, None], columns + corner[:, 0, None, None]
    # Unless points are moved, x is one row and y one column: two passes over the frame in all.
    x, y = columns - matrix[:, 0, 2, None, None], rows - matrix[:, 1, 2, None, None]
    if moved is not None:
        x, y = x + moved[:, 0], y + moved[:, 1]
    return d * x - b * y, a * y - c * x


def beyond(x: Tensor, y: Tensor, shape: tuple[int, int]) -> Tensor:
    """Whether points (B, H, W) lie outside of drawings of a height and width."""
    height, width = shape
    return (x < -0.5) | (x >= width - 0.5) | (y < -0.5) | (y >= height - 0.5)


def reduction(shape: tuple[int, int], size: int) -> int:
    """By how much drawings can be reduced for frames of `size` pixels before they are placed."""
    factor = max(1, round(max(shape) / size))
    return factor if all(side % factor == 0 for side in shape) else 1


def block_means(maps: Tensor, factor: int) -> Tensor:
    """Means of blocks of factor x factor pixels of uint8 (B, H, W, C), rounded: float32.

    (B, C, h, w), as a view whose channels lie last. On a processor by OpenCV, elsewhere by tensors.
    """
    if maps.device.type != "cpu" or type(maps) is not Tensor:
        return (block_sums(maps, factor) / factor**2 + 0.5).floor_()
    if factor > 1:
        size = (maps.shape[2] // factor, maps.shape[1] // factor)
        small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in maps.numpy()]
        maps = torch.from_numpy(np.stack(small)).view(len(small), size[1], size[0], -1)
    return maps.float().permute(0, 3, 1, 2)


def block_sums(maps: Tensor, factor: int) -> Tensor:
    """Sums over blocks of factor x factor pixels of uint8 (B, H, W, C): float32 (B, C, h, w)."""
    batch, height, width, channels = maps.shape
    rows = maps.view(batch, height // factor, factor, width * channels)
    total = rows[:, :, 0].to(torch.int32)
    for step in range(1, factor):
        total = total + rows[:, :, step]
    columns = total.view(batch, height // factor, width // factor, factor, channels)
    sums = columns[:, :, :, 0]
    for step in range(1, factor):
        sums = sums + columns[:, :, :, step]
    return sums.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)


def sample_linear(pictures: Tensor, x: Tensor, y: Tensor, factor: int = 1) -> Tensor:
    """Bilinear colours of pictures (B, C, h, w) at points of the drawing, borders repeated.

    factor: of the drawing's side over the pictures', each of whose pixels is a block.
    """
    height, width = pictures.shape[2:]
    grid = torch.empty((*x.shape, 2), device=x.device)
    for axis, (at, side) in enumerate(((x, width), (y, height))):
        step = 2 / (factor * side)
        torch.mul(at, step, out=grid[..., axis]).add_(step / 2 - 1)
    return F.grid_sample(
        pictures, grid, mode="bilinear", padding_mode="border", align_corners=False
    )
