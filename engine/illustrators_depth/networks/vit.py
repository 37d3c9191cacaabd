"""A plain vision transformer with layer scale: the encoder that Depth Pro uses twice.

Architecture: Dosovitskiy et al. (2020), trained as in DINOv2 (Oquab et al., 2023). Parameter names
are those of the public Depth Pro checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

__all__ = ["VisionTransformer", "VitConfig"]


@dataclass(frozen=True)
class VitConfig:
    """Sizes; the defaults are ViT-L/16 at 384 pixels.

    Attributes:
        image: side of the square input, pixels.
        patch: side of a patch, pixels.
        width: channels of a token.
        depth: number of blocks.
        heads: attention heads of a block.
    """

    image: int = 384
    patch: int = 16
    width: int = 1024
    depth: int = 24
    heads: int = 16

    @property
    def grid(self) -> int:
        """Tokens along one side."""
        return self.image // self.patch


class _Attention(nn.Module):
    """Multi-head self-attention over tokens (B, N, width)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        batch, count, width = x.shape
        qkv = self.qkv(x).view(batch, count, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, width / heads)
        y = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = self.proj(y.transpose(1, 2).reshape(batch, count, width))
        return out


class LayerScale(nn.Module):
    """A learned factor per channel (Touvron et al. 2021), small at the start of training."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 1e-5))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class _Mlp(nn.Module):
    """The feed-forward part of a block, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class _Block(nn.Module):
    """A pre-norm transformer block with layer scale."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = _Attention(width, heads)
        self.ls1 = LayerScale(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = _Mlp(width)
        self.ls2 = LayerScale(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class _PatchEmbed(nn.Module):
    """Square patches to tokens: (B, 3, S, S) -> (B, (S / patch)^2, width)."""

    def __init__(self, patch: int, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.proj(x).flatten(2).transpose(1, 2)
        return out


class VisionTransformer(nn.Module):
    """(B, 3, image, image) -> grid features (B, width, grid, grid)."""

    def __init__(self, config: VitConfig) -> None:
        super().__init__()
        self.config = config
        self.checkpointing = False
        self.patch_embed = _PatchEmbed(config.patch, config.width)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, config.width))
        self.pos_embed = nn.Parameter(torch.randn(1, config.grid**2 + 1, config.width) * 0.02)
        self.blocks = nn.ModuleList(_Block(config.width, config.heads) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width, eps=1e-6)

    def forward(self, x: Tensor, hooks: Sequence[int] = ()) -> tuple[Tensor, list[Tensor]]:
        """Final features, and the raw outputs of the blocks numbered in `hooks`, as grids."""
        x = self.patch_embed(x)  # (B, grid^2, width)
        cls = self.cls_token.expand(x.shape[0], -1, -1)
        x = torch.cat((cls, x), dim=1) + self.pos_embed  # (B, grid^2 + 1, width)
        hooked: list[Tensor] = []
        for number, block in enumerate(self.blocks):
            if self.checkpointing and self.training:
                x = checkpoint(block, x, use_reentrant=False)
            else:
                x = block(x)
            if number in hooks:
                hooked.append(self._grid(x))
        return self._grid(self.norm(x)), hooked

    def _grid(self, tokens: Tensor) -> Tensor:
        """Tokens (B, 1 + grid^2, width) as a map (B, width, grid, grid)."""
        side = self.config.grid
        patches = tokens[:, 1:].transpose(1, 2)  # without the class token, which has no position
        return patches.reshape(tokens.shape[0], -1, side, side)
