"""Depth Pro without its field-of-view head: the paper's full-size network.

Architecture: Bochkovskii et al., "Depth Pro" (2024). A picture is encoded at three scales, cut into
25 + 9 + 1 overlapping tiles that share one ViT; a second ViT encodes the whole picture. Written
from the publication; parameter names are those of the public checkpoint, so that `depth_pro.pt`
loads. Shapes in comments are for the full size (1536 px, ViT-L/16).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .vit import VisionTransformer, VitConfig

__all__ = ["DepthProConfig", "DepthProNetwork"]


@dataclass(frozen=True)
class DepthProConfig:
    """Sizes; the defaults are the public network's.

    Attributes:
        vit: of both encoders.
        hooks: blocks of the tile encoder whose raw outputs are used as fine features.
        fine: channels at the two finest levels and of the whole decoder.
        levels: channels of the tile features from fine to coarse.
        last: channels before the final 1x1 convolution.
        final_relu: end in a ReLU as published. It passes no gradient at zero, so that training
            and what is trained here end linear.
    """

    vit: VitConfig = field(default_factory=VitConfig)
    hooks: tuple[int, int] = (5, 11)
    fine: int = 256
    levels: tuple[int, int, int] = (512, 1024, 1024)
    last: int = 32
    final_relu: bool = False

    @property
    def image(self) -> int:
        """Side of the square input in pixels."""
        return 4 * self.vit.image


def _upsample(inputs: int, outputs: int, times: int, middle: int | None = None) -> nn.Sequential:
    """1x1 projection, then `times` doublings by transposed convolution; no biases."""
    middle = middle or outputs
    layers: list[nn.Module] = [nn.Conv2d(inputs, middle, 1, bias=False)]
    for i in range(times):
        start = middle if i == 0 else outputs
        layers.append(nn.ConvTranspose2d(start, outputs, 2, stride=2, bias=False))
    return nn.Sequential(*layers)


class DepthProEncoder(nn.Module):
    """Five feature maps from fine to coarse: 768, 384, 192, 96 and 48 pixels a side."""

    def __init__(self, config: DepthProConfig) -> None:
        super().__init__()
        self.config = config
        self.patch_batch = 0
        width, fine = config.vit.width, config.fine
        high, middle, low = config.levels
        self.patch_encoder = VisionTransformer(config.vit)
        self.image_encoder = VisionTransformer(config.vit)
        self.upsample_latent0 = _upsample(width, fine, 3)
        self.upsample_latent1 = _upsample(width, fine, 2)
        self.upsample0 = _upsample(width, high, 1)
        self.upsample1 = _upsample(width, middle, 1)
        self.upsample2 = _upsample(width, low, 1)
        self.upsample_lowres = nn.ConvTranspose2d(width, low, 2, stride=2)
        self.fuse_lowres = nn.Conv2d(2 * low, low, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        batch, grid = x.shape[0], self.config.vit.grid
        half = F.interpolate(x, scale_factor=0.5, mode="bilinear", align_corners=False)
        quarter = F.interpolate(x, scale_factor=0.25, mode="bilinear", align_corners=False)
        tile = self.config.vit.image
        tiles = torch.cat(
            (_cut(x, tile, tile * 3 // 4), _cut(half, tile, tile // 2), quarter)
        )  # (35 B, 3, 384, 384), tile-major
        features, (early, late) = self._encode_tiles(tiles)  # each (35 B, 1024, 24, 24)
        fine, coarse, whole = features.split((25 * batch, 9 * batch, batch))
        latent0 = _join(early[: 25 * batch], batch, grid // 8)  # (B, 1024, 96, 96)
        latent1 = _join(late[: 25 * batch], batch, grid // 8)  # (B, 1024, 96, 96)
        level0 = _join(fine, batch, grid // 8)  # (B, 1024, 96, 96)
        level1 = _join(coarse, batch, grid // 4)  # (B, 1024, 48, 48)
        image_features, _ = self.image_encoder(quarter)  # (B, 1024, 24, 24)
        low = torch.cat((self.upsample2(whole), self.upsample_lowres(image_features)), dim=1)
        return [
            self.upsample_latent0(latent0),  # (B, 256, 768, 768)
            self.upsample_latent1(latent1),  # (B, 256, 384, 384)
            self.upsample0(level0),  # (B, 512, 192, 192)
            self.upsample1(level1),  # (B, 1024, 96, 96)
            self.fuse_lowres(low),  # (B, 1024, 48, 48)
        ]

    def _encode_tiles(self, tiles: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Features of all tiles, and those of the hooked blocks.

        Tiles are encoded at once, or `patch_batch` at a time to bound the memory.
        """
        hooks = self.config.hooks
        if not 0 < self.patch_batch < len(tiles):
            features, hooked = self.patch_encoder(tiles, hooks)
            return features, hooked
        parts = [self.patch_encoder(part, hooks) for part in tiles.split(self.patch_batch)]
        joined = [torch.cat([hooked[i] for _, hooked in parts]) for i in range(len(hooks))]
        return torch.cat([features for features, _ in parts]), joined


def _cut(x: Tensor, tile: int, step: int) -> Tensor:
    """Overlapping square tiles of (B, C, S, S), row by row: (tiles * B, C, tile, tile)."""
    starts = range(0, x.shape[-1] - tile + 1, step)
    return torch.cat([x[..., r : r + tile, c : c + tile] for r in starts for c in starts])


def _join(tiles: Tensor, batch: int, margin: int) -> Tensor:
    """Undo `_cut` on feature grids, dropping `margin` cells where two tiles overlap."""
    side = round((tiles.shape[0] // batch) ** 0.5)
    size = tiles.shape[-1]
    rows = []
    for r in range(side):
        top, bottom = margin if r else 0, size - (margin if r < side - 1 else 0)
        row = []
        for c in range(side):
            left, right = margin if c else 0, size - (margin if c < side - 1 else 0)
            number = r * side + c
            part = tiles[number * batch : (number + 1) * batch]
            row.append(part[..., top:bottom, left:right])
        rows.append(torch.cat(row, dim=-1))
    return torch.cat(rows, dim=-2)


class _ResidualUnit(nn.Module):
    """x + conv(relu(conv(relu(x)))), 3x3, at constant width."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.residual(x)
        return out


class _Fusion(nn.Module):
    """Adds a finer map to a coarse one and refines the sum; doubles its size if `double`."""

    def __init__(self, channels: int, double: bool) -> None:
        super().__init__()
        self.resnet1 = _ResidualUnit(channels)
        self.resnet2 = _ResidualUnit(channels)
        self.deconv = (
            nn.ConvTranspose2d(channels, channels, 2, stride=2, bias=False) if double else None
        )
        self.out_conv = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, skip: Tensor | None = None) -> Tensor:
        if skip is not None:
            x = x + self.resnet1(skip)
        x = self.resnet2(x)
        if self.deconv is not None:
            x = self.deconv(x)
        out: Tensor = self.out_conv(x)
        return out


class DepthProDecoder(nn.Module):
    """Fuses the five maps from coarse to fine: (B, 256, 768, 768)."""

    def __init__(self, config: DepthProConfig) -> None:
        super().__init__()
        fine = config.fine
        inputs = (fine, fine, *config.levels)
        # The finest map has the decoder's width already.
        self.convs = nn.ModuleList(
            [nn.Identity()] + [nn.Conv2d(n, fine, 3, padding=1, bias=False) for n in inputs[1:]]
        )
        self.fusions = nn.ModuleList(_Fusion(fine, double=i > 0) for i in range(len(inputs)))

    def forward(self, maps: list[Tensor]) -> Tensor:
        x: Tensor = self.fusions[-1](self.convs[-1](maps[-1]))  # (B, 256, 96, 96)
        for i in reversed(range(len(maps) - 1)):
            x = self.fusions[i](x, self.convs[i](maps[i]))
        return x  # (B, 256, 768, 768)


class DepthProNetwork(nn.Module):
    """(B, 3, S, S) sRGB 0..1 -> (B, S, S), larger = nearer; S = `config.image` (1536).

    `patch_batch` > 0 encodes that many tiles at a time (for inference in little memory);
    `checkpointing` recomputes activations when training.
    """

    def __init__(self, config: DepthProConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DepthProConfig()
        self.encoder = DepthProEncoder(config)
        self.decoder = DepthProDecoder(config)
        half = config.fine // 2
        self.head = nn.Sequential(
            nn.Conv2d(config.fine, half, 3, padding=1),  # (B, 128, 768, 768)
            nn.ConvTranspose2d(half, half, 2, stride=2),  # (B, 128, 1536, 1536)
            nn.Conv2d(half, config.last, 3, padding=1),  # (B, 32, 1536, 1536)
            nn.ReLU(),
            nn.Conv2d(config.last, 1, 1),  # (B, 1, 1536, 1536)
            nn.ReLU() if config.final_relu else nn.Identity(),
        )

    @property
    def patch_batch(self) -> int:
        return self.encoder.patch_batch

    @patch_batch.setter
    def patch_batch(self, value: int) -> None:
        self.encoder.patch_batch = value

    def set_checkpointing(self, on: bool) -> None:
        """Recompute the encoders' activations in the backward pass."""
        self.encoder.patch_encoder.checkpointing = on
        self.encoder.image_encoder.checkpointing = on

    def forward(self, rgb: Tensor) -> Tensor:
        x = rgb * 2.0 - 1.0  # mean = std = 0.5
        features = self.decoder(self.encoder(x))
        out: Tensor = self.head(features)[:, 0]
        return out.float()
