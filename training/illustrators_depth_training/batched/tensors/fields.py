"""Random fields and distances for whole batches: soft noise, grain, strokes, borders of layers."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .dice import Dice

__all__ = [
    "border_distance",
    "box_mean",
    "color_ramp",
    "deviation",
    "fractal",
    "gaussian_blur",
    "grain",
    "pixel_grid",
    "soft_noise",
    "spread_distance",
    "strokes",
    "unit_range",
]

_PERSISTENCE = 0.55  # amplitude of an octave over that of the one twice as coarse
_FINEST_CELL_PX = 3
_VALUE_NOISE_DEVIATION = 0.74  # of corners of unit deviation, joined smoothly in two directions
# One step aside and one across a corner, as OpenCV's 3 x 3 distance transform has them.
_STRAIGHT, _DIAGONAL = 0.955, 1.3693
_DIRECTIONS = ((1, 1, _DIAGONAL), (1, -1, _DIAGONAL), (0, 1, _STRAIGHT), (1, 0, _STRAIGHT))
_DOUBLINGS = 5  # distances are known up to 31 steps
_FAR = float(2**_DOUBLINGS) * _STRAIGHT


def pixel_grid(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row and column of every pixel, float32 (size, 1) and (1, size)."""
    steps = torch.arange(size, device=device, dtype=torch.float32)
    return steps[:, None], steps[None, :]


def soft_noise(dice: Dice, cell_px: Tensor, size: int, least_px: float = 0.0) -> Tensor:
    """Smooth noise of about unit deviation with features of `cell_px` (N,): (N, S, S).

    least_px: none of the cells is smaller; the larger, the less there is to compute.
    """
    return _value_noise(dice, cell_px, size, least_px) / _VALUE_NOISE_DEVIATION


def _value_noise(dice: Dice, cell_px: Tensor, size: int, least_px: float) -> Tensor:
    """Random values at the corners of cells, joined smoothly: (N, S, S)."""
    least_px = max(least_px, _FINEST_CELL_PX)
    corners = int(size / least_px) + 3
    coarse = dice.normal((len(cell_px), corners, corners))
    cell = cell_px.clamp_min(least_px)[:, None]
    steps = torch.arange(size, device=dice.device, dtype=torch.float32)
    numbers = torch.arange(corners, device=dice.device, dtype=torch.float32)
    # Cells lie along the axes: each direction is a product with the corners' shares.
    shares = []
    for offset in dice.uniform((2, len(cell), 1)):
        place = steps / cell + offset
        whole = place.floor()
        part = place - whole
        smooth = whole + part * part * (3 - 2 * part)
        shares.append((1 - (smooth[:, :, None] - numbers).abs()).clamp_min_(0))
    return torch.bmm(shares[0], torch.bmm(coarse, shares[1].transpose(1, 2)))


def fractal(dice: Dice, cell_px: Tensor, size: int, least_px: float, octaves: int = 4) -> Tensor:
    """Noise in octaves from `cell_px` (N,), `least_px` or more, downwards, scaled to 0..1."""
    total = _value_noise(dice, cell_px, size, least_px)
    for octave in range(1, octaves):
        finer = _value_noise(dice, cell_px / 2**octave, size, least_px / 2**octave)
        total.add_(finer, alpha=_PERSISTENCE**octave)
    return unit_range(total)


def unit_range(field: Tensor) -> Tensor:
    """A field (N, H, W) scaled to 0..1, each by itself."""
    flat = field.flatten(1)
    low, high = flat.amin(1)[:, None, None], flat.amax(1)[:, None, None]
    return (field - low) / (high - low).clamp_min(1e-6)


def deviation(field: Tensor) -> Tensor:
    """Standard deviation of each field (N, H, W): (N, 1, 1)."""
    flat = field.flatten(1)
    variance = flat.square().mean(1) - flat.mean(1).square()
    return variance.clamp_min(0).sqrt()[:, None, None]


def _unit_deviation(field: Tensor) -> Tensor:
    return field / deviation(field).clamp_min(1e-6)


def grain(dice: Dice, blur_px: Tensor, size: int) -> Tensor:
    """Fine noise of unit deviation, softened by `blur_px` (N,): (N, S, S)."""
    noise = dice.normal((len(blur_px), 1, size, size))
    return _unit_deviation(gaussian_blur(noise, blur_px.clamp_min(0.2), 4)[:, 0])


def strokes(dice: Dice, length_px: Tensor, angle: Tensor, size: int) -> Tensor:
    """Noise smeared over `length_px` (N,) along `angle` (N,), unit deviation: (N, S, S)."""
    rows, columns = pixel_grid(size, dice.device)
    rows, columns = rows - size / 2, columns - size / 2
    c, s = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    along = (columns * c + rows * s) / length_px[:, None, None]
    across = rows * c - columns * s
    coarse = dice.normal((len(angle), 1, size, size))
    # Half of the longest line, in either direction, reaches past the middle of the noise.
    grid = torch.stack([along * (2.0 / size), across * (1.4 / size)], dim=-1)
    smeared = F.grid_sample(coarse, grid, padding_mode="reflection", align_corners=False)[:, 0]
    return _unit_deviation(smeared)


def gaussian_blur(maps: Tensor, sigma: Tensor, radius: int) -> Tensor:
    """Blur maps (N, C, H, W), each by its own sigma (N,), with 2 radius + 1 taps."""
    count, channels, height, width = maps.shape
    steps = torch.arange(-radius, radius + 1, device=maps.device, dtype=torch.float32)
    taps = torch.exp(-0.5 * (steps / sigma[:, None]).square())
    taps = (taps / taps.sum(1, keepdim=True)).repeat_interleave(channels, 0)[:, None]
    joined = F.pad(maps.reshape(1, count * channels, height, width), (radius,) * 4, mode="reflect")
    joined = F.conv2d(joined, taps[:, :, None, :], groups=count * channels)
    joined = F.conv2d(joined, taps[:, :, :, None], groups=count * channels)
    return joined.view(maps.shape)


def box_mean(maps: Tensor) -> Tensor:
    """Means of maps (..., H, W) over squares of 3 pixels, borders repeated."""
    for axis in (-1, -2):
        length = maps.shape[axis]
        sums = maps.clone()
        sums.narrow(axis, 1, length - 1).add_(maps.narrow(axis, 0, length - 1))
        sums.narrow(axis, 0, length - 1).add_(maps.narrow(axis, 1, length - 1))
        for end in (0, length - 1):
            sums.narrow(axis, end, 1).add_(maps.narrow(axis, end, 1))
        maps = sums
    return maps.mul_(1 / 9)


def color_ramp(field: Tensor, colors: Tensor) -> Tensor:
    """Colours (N, 3, H, W) of a field 0..1 (N, H, W), through colours (N, C, 3) in turn."""
    numbers = torch.arange(colors.shape[1], device=field.device, dtype=torch.float32)
    place = field.clamp(0, 1).mul_(colors.shape[1] - 1).flatten(1)
    near = (place[:, None] - numbers[:, None]).abs_().neg_().add_(1).clamp_min_(0)
    return torch.bmm(colors.transpose(1, 2), near).view(len(field), 3, *field.shape[1:])


def border_distance(index: Tensor) -> Tensor:
    """Pixels to the nearest border between layers of (N, H, W), chamfered, 30 at most: float32.

    On a processor by OpenCV, elsewhere by tensors alone.
    """
    if index.device.type != "cpu" or type(index) is not Tensor:
        return spread_distance(index)
    inner = (~_borders(index)).to(torch.uint8).numpy()
    found = np.stack([cv2.distanceTransform(one, cv2.DIST_L2, 3) for one in inner])
    return torch.from_numpy(found).clamp_max_(_FAR)


def spread_distance(index: Tensor) -> Tensor:
    """`border_distance` by passing distances on to ever farther pixels."""
    distance = torch.where(_borders(index), 0.0, _FAR)
    for down, right, cost in _DIRECTIONS:
        for doubling in range(_DOUBLINGS):
            _relax(distance, down << doubling, right << doubling, cost * 2**doubling)
    return distance


def _borders(index: Tensor) -> Tensor:
    """Pixels that have one of another layer beside them: bool (N, H, W)."""
    border = torch.zeros_like(index, dtype=torch.bool)
    for axis in (1, 2):
        length = index.shape[axis]
        cut = index.narrow(axis, 1, length - 1) != index.narrow(axis, 0, length - 1)
        border.narrow(axis, 1, length - 1).logical_or_(cut)
        border.narrow(axis, 0, length - 1).logical_or_(cut)
    return border


def _relax(distance: Tensor, down: int, right: int, cost: float) -> None:
    """Lower each pixel's distance to that of the two pixels so far away, plus a cost."""
    height, width = distance.shape[1:]
    if down >= height or abs(right) >= width:
        return
    first = distance[:, : height - down, max(0, -right) : width - max(0, right)]
    second = distance[:, down:, max(0, right) : width - max(0, -right)]
    torch.minimum(second, first + cost, out=second)
    torch.minimum(first, second + cost, out=first)
