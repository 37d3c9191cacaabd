"""Random fields and distances for whole batches: soft noise, grain, strokes, borders of layers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .dice import Dice

__all__ = [
    "border_distance",
    "box_mean",
    "color_ramp",
    "fractal",
    "gaussian_blur",
    "grain",
    "pixel_grid",
    "soft_noise",
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


def pixel_grid(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row and column of every pixel, float32 (size, 1) and (1, size)."""
    steps = torch.arange(size, device=device, dtype=torch.float32)
    return steps[:, None], steps[None, :]


def soft_noise(dice: Dice, cell_px: Tensor, size: int) -> Tensor:
    """Smooth noise of about unit deviation with features of `cell_px` (N,): (N, S, S)."""
    return _value_noise(dice, cell_px, size) / _VALUE_NOISE_DEVIATION


def _value_noise(dice: Dice, cell_px: Tensor, size: int) -> Tensor:
    """Random values at the corners of cells, joined smoothly: (N, S, S)."""
    side = size // _FINEST_CELL_PX + 2
    coarse = dice.normal((len(cell_px), 1, side, side))
    cell = cell_px.clamp_min(float(_FINEST_CELL_PX))[:, None]
    steps = torch.arange(size, device=dice.device, dtype=torch.float32)
    axes = []
    for offset in dice.uniform((2, len(cell), 1)):
        place = steps / cell + offset
        whole = place.floor()
        part = place - whole
        smooth = whole + part * part * (3 - 2 * part)
        axes.append((2 * smooth + 1) / side - 1)
    shape = (len(cell), size, size)
    grid = torch.stack([axes[0][:, None].expand(shape), axes[1][:, :, None].expand(shape)], dim=-1)
    return F.grid_sample(coarse, grid, padding_mode="reflection", align_corners=False)[:, 0]


def fractal(dice: Dice, cell_px: Tensor, size: int, octaves: int = 4) -> Tensor:
    """Noise in octaves from `cell_px` (N,) downwards, scaled to 0..1: (N, S, S)."""
    total = _value_noise(dice, cell_px, size)
    for octave in range(1, octaves):
        total = total + _PERSISTENCE**octave * _value_noise(dice, cell_px / 2**octave, size)
    return unit_range(total)


def unit_range(field: Tensor) -> Tensor:
    """A field (N, H, W) scaled to 0..1, each by itself."""
    flat = field.flatten(1)
    low, high = flat.amin(1)[:, None, None], flat.amax(1)[:, None, None]
    return (field - low) / (high - low).clamp_min(1e-6)


def _unit_deviation(field: Tensor) -> Tensor:
    return field / field.flatten(1).std(1, correction=0).clamp_min(1e-6)[:, None, None]


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


def box_mean(maps: Tensor, radius: int = 1) -> Tensor:
    """Means of maps (..., H, W) over squares of 2 radius + 1 pixels, borders repeated."""
    for axis in (-1, -2):
        length, reach = maps.shape[axis], 2 * radius + 1
        ends = [maps.narrow(axis, 0, 1)] * radius, [maps.narrow(axis, length - 1, 1)] * radius
        padded = torch.cat([*ends[0], maps, *ends[1]], dim=axis)
        maps = padded.narrow(axis, 0, length)
        for step in range(1, reach):
            maps = maps + padded.narrow(axis, step, length)
    return maps / (2 * radius + 1) ** 2


def color_ramp(field: Tensor, colors: Tensor) -> Tensor:
    """Colours (N, 3, H, W) of a field 0..1 (N, H, W), through colours (N, C, 3) in turn."""
    steps = colors.shape[1] - 1
    place = field.clamp(0, 1) * steps
    out = torch.zeros((len(field), 3, *field.shape[1:]), device=field.device)
    for number in range(steps + 1):
        near = (1 - (place - number).abs()).clamp_min(0)
        out = out + near[:, None] * colors[:, number, :, None, None]
    return out


def border_distance(index: Tensor) -> Tensor:
    """Pixels to the nearest border between layers of (N, H, W), chamfered, 30 at most: float32."""
    far = float(2**_DOUBLINGS) * _STRAIGHT
    border = torch.zeros_like(index, dtype=torch.bool)
    for axis in (1, 2):
        length = index.shape[axis]
        cut = index.narrow(axis, 1, length - 1) != index.narrow(axis, 0, length - 1)
        border.narrow(axis, 1, length - 1).logical_or_(cut)
        border.narrow(axis, 0, length - 1).logical_or_(cut)
    distance = torch.where(border, 0.0, far)
    for down, right, cost in _DIRECTIONS:
        for doubling in range(_DOUBLINGS):
            _relax(distance, down << doubling, right << doubling, cost * 2**doubling)
    return distance


def _relax(distance: Tensor, down: int, right: int, cost: float) -> None:
    """Lower each pixel's distance to that of the two pixels so far away, plus a cost."""
    height, width = distance.shape[1:]
    if down >= height or abs(right) >= width:
        return
    first = distance[:, : height - down, max(0, -right) : width - max(0, right)]
    second = distance[:, down:, max(0, right) : width - max(0, -right)]
    torch.minimum(second, first + cost, out=second)
    torch.minimum(first, second + cost, out=first)
