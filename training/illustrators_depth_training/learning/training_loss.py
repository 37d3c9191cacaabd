"""The loss of a network on a batch: of its dense map, and of what its region stage paints."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..hardware import autocast
from ..samples.region_tokens import paint_regions, region_batch
from .losses import LossWeights, depth_loss

__all__ = ["DENSE_SHARE", "network_input", "training_loss"]

# With a region stage the dense map is a means to an end, but edges and thin strokes live in it.
DENSE_SHARE = 0.5


def network_input(rgb: Tensor) -> Tensor:
    """Pictures uint8 (B, 3, H, W) as networks take them: float32, 0..1, channels last."""
    return (rgb.float() / 255.0).contiguous(memory_format=torch.channels_last)


def training_loss(
    network: Any, batch: dict[str, Tensor], weights: LossWeights, regions: int | None = None
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss that is trained on, and its terms by name.

    Args:
        network: rgb (B, 3, H, W) -> depth (B, H, W), and `with_regions` where batches have tokens.
        batch: as `samples.stream.SampleStream` makes them.
        weights: which terms count.
        regions: more than any region's number, see `depth_loss`.
    """
    rgb = network_input(batch["rgb"])
    painted = None
    if "cover" in batch:
        prediction, values = network.with_regions(rgb, region_batch(batch))
        painted = paint_regions(prediction, values.float(), batch["token"])
    else:
        prediction = network(rgb)
    with autocast(rgb.device, torch.float32):
        total, terms = depth_loss(prediction, batch, weights, regions)
        if painted is not None:
            regional, of_regions = depth_loss(painted, batch, weights, regions)
            total = DENSE_SHARE * total + regional
            terms |= {f"region_stage/{name}": value for name, value in of_regions.items()}
    return total, terms
