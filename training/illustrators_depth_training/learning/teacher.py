"""A teacher: the compact network's interface, a dozen times its size, and how it teaches.

It sees pictures at twice the compact network's size. It is not shipped: what it knows of the order
of regions is handed down by `distillation_loss`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from illustrators_depth.networks.compact import CompactConfig, CompactNetwork

__all__ = ["TEACHER", "distillation_loss", "make_teacher", "student_batch"]

TEACHER = CompactConfig(
    context_width=512,
    context_layers=12,
    context_heads=8,
    middle_width=192,
    fine_width=128,
    region_width=256,
    region_layers=6,
)
_CHANNELS = (48, 128, 256, 512, 512)
_DEPTHS = (1, 3, 3, 9, 3)
# From normalised depth to logits of the order of two regions.
_SHARPNESS = 4.0


class _Block(nn.Module):
    """ConvNeXt's block (Liu et al., 2022): 7 x 7 depthwise, then a feed-forward for each pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.wide = nn.Linear(channels, 4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)
        nn.init.zeros_(self.narrow.weight)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.narrow(F.gelu(self.wide(y), approximate="tanh"))
        return x + y.permute(0, 3, 1, 2)


class _TeacherEncoder(nn.Module):
    """(B, 3, H, W), -1..1 -> features at strides 2, 4, 8, 16 and 32."""

    def __init__(self, channels: tuple[int, ...], depths: tuple[int, ...]) -> None:
        super().__init__()
        before = (3, *channels[:-1])
        self.reduce = nn.ModuleList(
            nn.Conv2d(low, high, 2, 2) for low, high in zip(before, channels, strict=True)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(depth)))
            for width, depth in zip(channels, depths, strict=True)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        out = []
        for reduce, blocks in zip(self.reduce, self.blocks, strict=True):
            x = blocks(reduce(x))
            out.append(x)
        return tuple(out)


def make_teacher(
    config: CompactConfig = TEACHER,
    channels: tuple[int, ...] = _CHANNELS,
    depths: tuple[int, ...] = _DEPTHS,
) -> CompactNetwork:
    """A teacher with random weights; 75 million parameters by default."""
    return CompactNetwork(config, _TeacherEncoder(channels, depths), channels)


def student_batch(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """A batch at half its size for the student, with the same regions in the same places.

    Regions keep their numbers and what is known of them; only pictures, maps and cover shrink.
    """
    rgb = F.avg_pool2d(batch["rgb"].float(), 2).round().to(torch.uint8)
    small = {n: batch[n][:, ::2, ::2].contiguous() for n in ("index", "region", "token")}
    width = batch["index"].shape[2]
    row = torch.div(batch["pixels"], width, rounding_mode="floor")
    column = batch["pixels"] - row * width
    pixels = torch.div(row, 2, rounding_mode="floor") * (width // 2)
    pixels = pixels + torch.div(column, 2, rounding_mode="floor")
    # A region thinner than two pixels may have none here: nothing is asked of what is not seen.
    at = small["region"].flatten(1).gather(1, pixels.long())
    was = batch["region"].flatten(1).gather(1, batch["pixels"].long())
    still_shown = at == was
    relation = batch["pixel_relation"] * (still_shown[:, :, None] & still_shown[:, None, :])
    cover = F.avg_pool2d(batch["cover"], 2)
    return {**batch, **small, "rgb": rgb, "pixels": pixels, "pixel_relation": relation,
            "cover": cover}  # fmt: skip


def distillation_loss(
    dense: Tensor,
    values: Tensor,
    teacher_dense: Tensor,
    teacher_values: Tensor,
    real: Tensor,
) -> Tensor:
    """How far a student's order and values are from its teacher's: a scalar.

    Args:
        dense: (B, H, W), the student's; teacher_dense: (B, 2 H, 2 W).
        values, teacher_values: (B, R), of regions; real: bool (B, R).

    The order of every pair of regions is compared as a probability, values and maps after each was
    normalised by itself.
    """
    ours, theirs = _normalize(values.float(), real), _normalize(teacher_values.float(), real)
    both = (real[:, :, None] & real[:, None, :]).triu(1).float()
    gap = _SHARPNESS * (ours[:, :, None] - ours[:, None, :])
    target = torch.sigmoid(_SHARPNESS * (theirs[:, :, None] - theirs[:, None, :]))
    order = F.binary_cross_entropy_with_logits(gap, target, reduction="none")
    # Less the least that it can be: the doubt of the teacher.
    doubt = F.binary_cross_entropy(target, target, reduction="none")
    pairs = ((order - doubt) * both).sum() / both.sum().clamp_min(1)
    apart = ((ours - theirs).abs() * real).sum() / real.sum().clamp_min(1)
    everywhere = torch.ones_like(dense, dtype=torch.bool).flatten(1)
    small = F.avg_pool2d(teacher_dense[:, None].float(), 2).flatten(1)
    maps = _normalize(dense.float().flatten(1), everywhere) - _normalize(small, everywhere)
    return pairs + apart + 0.5 * maps.abs().mean()


def _normalize(values: Tensor, real: Tensor) -> Tensor:
    """Values (B, N) less their mean, over their mean deviation, of those that are real."""
    count = real.sum(1, keepdim=True).clamp_min(1)
    middle = (values * real).sum(1, keepdim=True) / count
    spread = ((values - middle).abs() * real).sum(1, keepdim=True) / count
    return (values - middle) * real / spread.clamp_min(1e-3)
