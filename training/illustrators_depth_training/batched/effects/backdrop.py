"""Backdrops in place of white pages, in batches: `effects.backdrop` in tensors."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..tensors.color import harmonious_colors, quantize
from ..tensors.dice import Dice
from ..tensors.fields import box_mean, color_ramp, fractal, gaussian_blur, pixel_grid, strokes

__all__ = ["continue_colors", "eroded", "make_backdrops", "put_on_backdrop"]

_LEAST_CORE = 1e-3  # of the pixels around one: none
_SHARES = (1, 2, 2, 1, 1)  # plain, gradient, painted, blurred, mosaic


def continue_colors(rgb: Tensor, inside: Tensor) -> Tensor:
    """Colours of drawings, without the page's white in their edges, continued past them.

    rgb: (B, 3, H, W). inside: bool (B, H, W). Pixels well inside keep their colour; those at an
    edge take that of the core beside them, and where a part is too thin for a core, their own.
    """
    core = eroded(inside)[:, None].float()
    share = box_mean(core)
    continued = box_mean(rgb * core).div_(share.clamp_min(_LEAST_CORE))
    return torch.where((share > _LEAST_CORE) & (core == 0), continued, rgb)


def eroded(inside: Tensor) -> Tensor:
    """Pixels of masks bool (B, H, W) whose neighbours are all inside, too, or beyond the frame."""
    for axis in (1, 2):
        length = inside.shape[axis]
        kept = inside.clone()
        kept.narrow(axis, 1, length - 1).logical_and_(inside.narrow(axis, 0, length - 1))
        kept.narrow(axis, 0, length - 1).logical_and_(inside.narrow(axis, 1, length - 1))
        inside = kept
    return inside


def put_on_backdrop(dice: Dice, rgb: Tensor, index: Tensor) -> Tensor:
    """Replace layer 1 of samples by a backdrop: the one of two in which their outline shows."""
    page = index == 1
    inside = ~page
    alpha = box_mean(inside[:, None].float())
    colors = continue_colors(rgb, inside)
    backdrop = make_backdrops(dice, len(rgb), int(index.shape[1]))
    # A rim is three pixels wide, so that every second one of them tells enough.
    near, own, behind = (map_[..., ::2, ::2] for map_ in (alpha, colors, backdrop))
    rim = ((near > 0) & (near < 1)).float()
    contrast = [
        ((own - picture).abs().amax(1, keepdim=True) * rim).sum((1, 2, 3))
        for picture in (behind, 255 - behind)
    ]
    better = (contrast[1] > contrast[0]).float()[:, None, None, None]
    # 255 - backdrop where that is better.
    backdrop = backdrop * (1 - 2 * better) + 255 * better
    mixed = torch.lerp(backdrop, colors, alpha)
    has_page = (page.any(2).any(1) & inside.any(2).any(1))[:, None, None, None]
    return torch.where(has_page, quantize(mixed), rgb)


def make_backdrops(dice: Dice, count: int, size: int) -> Tensor:
    """Pictures (count, 3, S, S), 0..255."""
    makers = (_plain, _gradient, _painted, _blurred, _mosaic)
    order = dice.permutation(count)
    rows = dice.split(order, _SHARES)
    made = [make(dice, len(r), size) for make, r in zip(makers, rows, strict=True) if len(r)]
    return torch.cat(made) if made else torch.zeros((0, 3, size, size), device=dice.device)


def _plain(dice: Dice, count: int, size: int) -> Tensor:
    return harmonious_colors(dice, count, 1)[:, 0, :, None, None].expand(-1, -1, size, size)


def _gradient(dice: Dice, count: int, size: int) -> Tensor:
    rows, columns = pixel_grid(size, dice.device)
    x = columns / size - dice.uniform((count, 1, 1), 0.2, 0.8)
    y = rows / size - dice.uniform((count, 1, 1), 0.2, 0.8)
    angle = dice.uniform((count, 1, 1), 0, 6.2832)
    straight = 0.5 + 0.6 * (x * torch.cos(angle) + y * torch.sin(angle))
    round_ = torch.sqrt(x.square() + y.square()) / 1.2
    ramp = torch.where(dice.chance((count, 1, 1), 0.4), round_, straight)
    return color_ramp(ramp, harmonious_colors(dice, count, 3))


def _painted(dice: Dice, count: int, size: int) -> Tensor:
    field = fractal(dice, size * dice.uniform((count,), 0.15, 0.6), size, 0.15 * size)
    length, angle = dice.uniform((count,), 6, 22), dice.uniform((count,), 0, 3.1416)
    field = field + dice.uniform((count, 1, 1), 0.02, 0.15) * strokes(dice, length, angle, size)
    return color_ramp(field, harmonious_colors(dice, count, 4))


def _blurred(dice: Dice, count: int, size: int) -> Tensor:
    """A photograph out of focus: blobs of light and a slow ground, made at half the size."""
    whole, size = size, size // 2
    rows, columns = pixel_grid(size, dice.device)
    slow = fractal(dice, size * dice.uniform((count,), 0.4, 0.6), size, 0.4 * size)
    out = color_ramp(slow, harmonious_colors(dice, count, 3))
    blobs = 8
    colors = harmonious_colors(dice, count, blobs)
    for number in range(blobs):
        place = dice.uniform((2, count, 1, 1), 0, size)
        radius = size * dice.uniform((count, 1, 1), 0.02, 0.16)
        apart = torch.sqrt((rows - place[0]).square() + (columns - place[1]).square())
        cover = (radius - apart + 0.5).clamp(0, 1) * dice.uniform((count, 1, 1), 0.0, 0.9)
        out = torch.lerp(out, colors[:, number, :, None, None].expand_as(out), cover[:, None])
    out = gaussian_blur(out, size * dice.uniform((count,), 0.008, 0.03), max(2, size // 24))
    return F.interpolate(out, (whole, whole), mode="bilinear")


def _mosaic(dice: Dice, count: int, size: int) -> Tensor:
    """Tiles of slightly different colours, perhaps with joints: one layer all the same."""
    tile = int(dice.host.randint(4, 19))
    tiles = -(-size // tile) + 1
    field = fractal(dice, torch.full((count,), tiles / 2, device=dice.device), tiles, tiles / 2)
    field = field + dice.normal(field.shape) * dice.uniform((count, 1, 1), 0.03, 0.25)
    colors = color_ramp(field, harmonious_colors(dice, count, 4))
    out = colors.repeat_interleave(tile, 2).repeat_interleave(tile, 3)
    steps = torch.arange(tiles * tile, device=dice.device) % tile == 0
    joint = (steps[:, None] | steps) & dice.chance((count, 1, 1), 0.5)
    color = harmonious_colors(dice, count, 1)[:, 0, :, None, None]
    out = torch.where(joint[:, None], color, out)
    top, left = dice.host.randrange(tile), dice.host.randrange(tile)
    return out[:, :, top : top + size, left : left + size]
