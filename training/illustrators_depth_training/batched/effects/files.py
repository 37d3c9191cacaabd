"""What files and screens do to pictures, in batches: JPEG, dither, halos, rescaling, blur."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..tensors.color import quantize
from ..tensors.dice import Dice
from ..tensors.fields import gaussian_blur

__all__ = ["compress", "jpeg", "soften"]

_SHARES = (4, 1, 1, 1)  # JPEG (and WebP, whose blocks are as large), dither, halos, rescaling
_BLOCK_PX = 8
# The tables of annex K of the JPEG standard, row by row.
_LUMA = """
    16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62
    18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101
    72 92 95 98 112 100 103 99
"""
_CHROMA = (
    """
    17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99
"""
    + 32 * " 99"
)


def compress(dice: Dice, rgb: Tensor) -> Tensor:
    """Send pictures float32 (B, 3, S, S), 0..255, through a file or screen each, in place."""
    makers = (_any_jpeg, _dither, _sharpened, _rescaled)
    for rows, make in zip(dice.split(dice.permutation(len(rgb)), _SHARES), makers, strict=True):
        if len(rows):
            rgb.index_copy_(0, rows, quantize(make(dice, rgb[rows])))
    return rgb


def soften(dice: Dice, rgb: Tensor, blur_chance: float) -> Tensor:
    """Blur, grain or JPEG now and then, as `augment.soften` does; in place."""
    left = 1 - blur_chance
    shares = (blur_chance, 0.06 * left, 0.06 * left, 0.88 * left)
    blurred, grained, packed, _same = dice.split(dice.permutation(len(rgb)), shares)
    if len(blurred):
        sigma = dice.uniform((len(blurred),), 0.4, 1.3)
        rgb.index_copy_(0, blurred, gaussian_blur(rgb[blurred], sigma, 4))
    if len(grained):
        part = rgb[grained]
        amount = dice.uniform((len(part), 1, 1, 1), 2.0, 8.0)
        rgb.index_copy_(0, grained, part + amount * dice.normal(part.shape))
    if len(packed):
        quality = dice.integers((len(packed),), 40, 90)
        rgb.index_copy_(0, packed, jpeg(quantize(rgb[packed]), quality))
    return rgb


def _any_jpeg(dice: Dice, rgb: Tensor) -> Tensor:
    return jpeg(quantize(rgb), dice.integers((len(rgb),), 25, 92))


def jpeg(rgb: Tensor, quality: Tensor) -> Tensor:
    """What a baseline JPEG with colour at half the size leaves of pictures.

    rgb: float32 (B, 3, H, W), 0..255, sides multiples of 16; quality: int64 (B,), 1 to 100.
    """
    device = rgb.device
    to_luma = _matrix(
        device, (0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312)
    )
    shifted = torch.einsum("ij,bjhw->bihw", to_luma, rgb).round()
    scale = torch.where(quality < 50, 5000 // quality, 200 - 2 * quality)[:, None, None]
    luma = _blocks_coded(shifted[:, :1] - 128.0, _table(_LUMA, scale)) + 128.0
    small = F.avg_pool2d(shifted[:, 1:], 2).round()
    small = _blocks_coded(small, _table(_CHROMA, scale))
    chroma = F.interpolate(small, scale_factor=2.0, mode="bilinear", align_corners=False)
    to_rgb = _matrix(device, (1.0, 0.0, 1.402, 1.0, -0.344136, -0.714136, 1.0, 1.772, 0.0))
    return quantize(torch.einsum("ij,bjhw->bihw", to_rgb, torch.cat([luma, chroma], dim=1)))


def _matrix(device: torch.device, values: tuple[float, ...]) -> Tensor:
    """A small constant (3, 3) on a device."""
    return torch.tensor(values).view(3, 3).to(device, non_blocking=True)


def _table(text: str, scale: Tensor) -> Tensor:
    """Quantisation steps (B, 1, 8, 8) of a standard table at a quality's scale (B, 1, 1)."""
    steps = torch.tensor([int(word) for word in text.split()]).view(_BLOCK_PX, _BLOCK_PX)
    steps = steps.to(scale.device, non_blocking=True)
    return ((steps * scale + 50) // 100).clamp(1, 255).float()[:, None]


def _blocks_coded(planes: Tensor, steps: Tensor) -> Tensor:
    """Planes (B, C, H, W) after their cosine transform was rounded to steps (B, 1, 8, 8)."""
    batch, channels, height, width = planes.shape
    k = torch.arange(_BLOCK_PX, device=planes.device, dtype=torch.float32)
    cosine = torch.cos(math.pi / _BLOCK_PX * (k[None, :] + 0.5) * k[:, None]) / 2
    cosine = torch.where(k[:, None] == 0, cosine * 0.5**0.5, cosine)
    blocks = planes.view(batch, channels, height // 8, 8, width // 8, 8).transpose(3, 4)
    steps = steps[:, :, None, None]
    coded = torch.round(cosine @ blocks @ cosine.T / steps) * steps
    plain = cosine.T @ coded @ cosine
    return plain.transpose(3, 4).reshape(planes.shape).round().clamp(-128, 127)


def _dither(dice: Dice, rgb: Tensor) -> Tensor:
    """A small palette with an ordered pattern, as in a GIF."""
    bayer = torch.tensor([0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]).view(4, 4)
    pattern = (bayer.to(rgb.device, non_blocking=True) / 16 - 0.47).repeat(
        rgb.shape[2] // 4, rgb.shape[3] // 4
    )
    step = 255.0 / (dice.integers((len(rgb), 1, 1, 1), 4, 9) - 1)
    return torch.round(rgb / step + pattern) * step


def _sharpened(dice: Dice, rgb: Tensor) -> Tensor:
    """Halos, as screens and scanners make them."""
    soft = gaussian_blur(rgb, dice.uniform((len(rgb),), 0.7, 2.0), 5)
    return rgb + dice.uniform((len(rgb), 1, 1, 1), 0.4, 1.8) * (rgb - soft)


def _rescaled(dice: Dice, rgb: Tensor) -> Tensor:
    """Made smaller and larger again, as pictures are that were passed on."""
    side = max(8, round(int(rgb.shape[2]) * dice.host.uniform(0.4, 0.9)))
    small = F.interpolate(rgb, (side, side), mode="bilinear", antialias=True)
    mode = dice.host.choice(("bilinear", "bicubic", "nearest"))
    return F.interpolate(small, rgb.shape[2:], mode=mode)
