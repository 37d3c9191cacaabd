"""The few layers that the compact network is built from.

All maps are (B, C, H, W) in channels_last memory, in which depthwise convolutions run many times
faster on CPUs than in the default layout. Pointwise and 3x3 convolutions follow
autocast; depthwise ones stay in float32, because their bfloat16 backward pass on CPUs is slow.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["ChannelNorm", "ResidualBlock", "ScaledConv", "TransformerLayer"]


class ScaledConv(nn.Module):
    """A convolution followed by a per-channel scale and shift: a BatchNorm with frozen statistics.

    The scale multiplies the *weights*, so that normalisation costs nothing per pixel, and the
    optimiser still sees weights in the proportions in which they were pretrained.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
        activate: bool = True,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs // groups, kernel, kernel))
        self.scale = nn.Parameter(torch.ones(outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.stride, self.groups, self.activate = stride, groups, activate
        nn.init.kaiming_normal_(self.weight, mode="fan_out" if groups == 1 else "fan_in")

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * self.scale[:, None, None, None]
        padding = self.weight.shape[-1] // 2
        if self.groups > 1 and x.device.type == "cpu":
            with torch.autocast("cpu", enabled=False):
                x = F.conv2d(x.float(), weight, self.bias, self.stride, padding, 1, self.groups)
        else:
            x = F.conv2d(x, weight, self.bias, self.stride, padding, 1, self.groups)
        return F.relu6(x) if self.activate else x


class ChannelNorm(nn.Module):
    """Layer normalisation over the channels of each pixel of a (B, C, H, W) map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        y = x.permute(0, 2, 3, 1)
        y = F.layer_norm(y, (self.channels,), self.weight, self.bias, 1e-5)
        return y.permute(0, 3, 1, 2)


class ResidualBlock(nn.Module):
    """x + conv(gelu(conv(norm(x)))), 3x3, at constant width."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.gelu(self.conv1(self.norm(x)), approximate="tanh"))


class TransformerLayer(nn.Module):
    """Pre-norm self-attention and a feed-forward of four times the width, over (B, N, D) tokens.

    `bias`, broadcastable to (B, heads, N, N), is added to the attention logits.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.fc2.weight)

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        batch, count, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, count, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, N, D / heads)
        y = _attention(q, k, v, bias)  # (B, heads, N, D / heads)
        # Joined head by head: a reshape would depend on the memory layout of the attention kernel,
        # which differs between running and exporting.
        x = x + self.out(torch.cat(y.unbind(dim=1), dim=-1))
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate="tanh"))


def _attention(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
    """Scaled dot-product attention; in float32 on CPUs, where that is faster than bf16."""
    if q.device.type == "cpu":
        with torch.autocast("cpu", enabled=False):
            mask = None if bias is None else bias.float()
            return F.scaled_dot_product_attention(q.float(), k.float(), v.float(), attn_mask=mask)
    mask = None if bias is None else bias.to(q.dtype)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
