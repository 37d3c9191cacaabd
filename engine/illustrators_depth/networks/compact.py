"""The compact network: an ImageNet encoder, global context at stride 16, a light decoder, and a
small transformer over flat-colour regions.

At most six million parameters, so that it trains and runs on a CPU and ships in one install file.
Its output is linear (no final ReLU, which would pass no gradient below zero) and only its order
and relative spacing carry meaning: larger = nearer the viewer.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .blocks import ChannelNorm, ResidualBlock, TransformerLayer
from .efficientnet_lite import LITE0_CHANNELS, EfficientNetLite0
from .region_stage import RegionBatch, RegionStage

__all__ = ["STRIDE", "CompactConfig", "CompactNetwork"]

STRIDE = 32
"""Height and width of the input must be multiples of this."""


@dataclass(frozen=True)
class CompactConfig:
    """Sizes of the network; the defaults are what ships.

    Attributes:
        context_width, context_layers, context_heads: the transformer over stride-16 tokens.
        middle_width, fine_width: decoder channels at stride 8 and stride 4.
        region_width, region_layers: the transformer over regions.
    """

    context_width: int = 192
    context_layers: int = 5
    context_heads: int = 6
    middle_width: int = 96
    fine_width: int = 64
    region_width: int = 128
    region_layers: int = 3


class CompactNetwork(nn.Module):
    """(B, 3, H, W) sRGB 0..1 -> (B, H, W) depth; H and W multiples of 32."""

    def __init__(
        self,
        config: CompactConfig | None = None,
        encoder: nn.Module | None = None,
        channels: tuple[int, ...] = LITE0_CHANNELS,
    ) -> None:
        """By default what ships; `encoder` gives maps of `channels` at strides 2, 4, 8, 16, 32."""
        super().__init__()
        self.config = config = config or CompactConfig()
        c2, c4, c8, c16, c32 = channels
        width, middle, fine = config.context_width, config.middle_width, config.fine_width
        self.encoder = encoder or EfficientNetLite0()
        self.from32 = nn.Conv2d(c32, width, 1)
        self.from16 = nn.Conv2d(c16, width, 1)
        self.position = nn.Linear(_POSITION_FEATURES, width)
        self.context = nn.ModuleList(
            TransformerLayer(width, config.context_heads) for _ in range(config.context_layers)
        )
        self.context_norm = ChannelNorm(width)
        self.context_to8 = nn.Conv2d(width, middle, 1)
        self.from8 = nn.Conv2d(c8, middle, 1)
        self.refine8 = nn.Sequential(ResidualBlock(middle), ResidualBlock(middle))
        self.middle_to4 = nn.Conv2d(middle, fine, 1)
        # Stride 4 sees the picture itself too, as 4x4 patches: edges are placed to the pixel
        # without a single convolution at full resolution.
        self.from4 = nn.Conv2d(c4 + 4 * c2 + 48, fine, 1)
        self.refine4 = nn.Sequential(ResidualBlock(fine), ResidualBlock(fine))
        self.head_norm = ChannelNorm(fine)
        self.head = nn.Conv2d(fine, 16, 3, padding=1)
        self.regions = RegionStage(fine, width, config.region_width, config.region_layers)

    def features(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        """Stride-4 features (B, fine, H/4, W/4) and stride-16 context (B, width, H/16, W/16)."""
        x = rgb * 2.0 - 1.0
        f2, f4, f8, f16, f32 = self.encoder(x)
        wide = F.interpolate(self.from32(f32), scale_factor=2.0, mode="nearest")
        grid = self.from16(f16) + wide  # (B, width, H/16, W/16)
        batch, width, rows, columns = grid.shape
        tokens = grid.flatten(2).transpose(1, 2)  # (B, N, width)
        tokens = tokens + self.position(position_features(rows, columns, tokens))
        for layer in self.context:
            tokens = layer(tokens)
        grid = tokens.transpose(1, 2).reshape(batch, width, rows, columns)
        grid = self.context_norm(grid)
        y = self.context_to8(grid)
        y = F.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)
        y = self.refine8(y + self.from8(f8))  # (B, middle, H/8, W/8)
        y = self.middle_to4(y)
        y = F.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)
        patches = torch.cat((f4, F.pixel_unshuffle(f2, 2), F.pixel_unshuffle(x, 4)), dim=1)
        y = self.refine4(y + self.from4(patches))  # (B, fine, H/4, W/4)
        return self.head_norm(y), grid

    def forward(self, rgb: Tensor) -> Tensor:
        fine, _context = self.features(rgb)
        return self._dense(fine)

    def with_regions(self, rgb: Tensor, regions: RegionBatch) -> tuple[Tensor, Tensor]:
        """Dense depth (B, H, W), and the depth of each region (B, R) after the region stage."""
        fine, context = self.features(rgb)
        dense = self._dense(fine)
        return dense, self.regions(fine, context, dense, regions)

    def _dense(self, fine: Tensor) -> Tensor:
        depth = self.head(fine)  # (B, 16, H/4, W/4): one channel per pixel of the 4x4 patch
        return F.pixel_shuffle(depth, 4)[:, 0].float()  # (B, H, W)


_FREQUENCIES = (1.0, 2.0, 4.0, 8.0)  # of sine and cosine, half waves over the longer side
_POSITION_FEATURES = 2 + 4 * len(_FREQUENCIES)


def position_features(rows: int, columns: int, like: Tensor) -> Tensor:
    """Position of each token *relative to the picture*, (1, rows * columns, _POSITION_FEATURES).

    Coordinates run from -1 to 1 over the longer side, so that a picture shown larger has the same
    positions: the network may be trained at one size and run at another.
    """
    longest: float = max(rows, columns)
    if torch.jit.is_tracing():  # tracing would keep the side that is longer in the example
        longest = (rows + columns + abs(rows - columns)) / 2
    y = (torch.arange(rows, device=like.device, dtype=torch.float32) * 2 + 1 - rows) / longest
    x = (torch.arange(columns, device=like.device, dtype=torch.float32) * 2 + 1 - columns) / longest
    grid = torch.stack(
        (y[:, None].expand(rows, columns), x[None, :].expand(rows, columns)), dim=-1
    ).reshape(1, rows * columns, 2)
    parts = [grid]
    for frequency in _FREQUENCIES:
        parts += [
            torch.sin(grid * (torch.pi * frequency)),
            torch.cos(grid * (torch.pi * frequency)),
        ]
    return torch.cat(parts, dim=-1).to(like.dtype)
