"""Region inputs of a training sample, padded to a fixed number of tokens."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illustrators_depth.networks.region_stage import RegionBatch
from illustrators_depth.regions import flat_regions
from illustrators_depth.regions.region_inputs import (
    CELL,
    PAIR_FEATURES,
    REGION_FEATURES,
    region_inputs,
)

__all__ = ["paint_regions", "region_batch", "region_tokens", "segment"]


def segment(rgb: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Regions as the predictor finds them in a picture uint8 (H, W, 3): int32 (H, W)."""
    opaque = np.ones((*rgb.shape[:2], 1), np.float32)
    rgba = np.concatenate([rgb.astype(np.float32) / 255.0, opaque], axis=2)
    return flat_regions(rgba).labels


def region_tokens(
    rgb: NDArray[np.uint8], labels: NDArray[np.int32], tokens: int
) -> dict[str, NDArray[np.generic]]:
    """`cover`, `features`, `pairs`, `real` padded to `tokens`, and `token` (H, W), -1 = none."""
    inputs = region_inputs(rgb.astype(np.float32) / 255.0, labels, max_regions=tokens)
    count = len(inputs.number)
    height, width = labels.shape
    cover = np.zeros((tokens, height // CELL, width // CELL), np.float32)
    features = np.zeros((tokens, REGION_FEATURES), np.float32)
    pairs = np.zeros((tokens, tokens, PAIR_FEATURES), np.float32)
    cover[:count], features[:count], pairs[:count, :count] = (
        inputs.cover,
        inputs.features,
        inputs.pairs,
    )
    rank = np.full(int(labels.max()) + 2, -1, np.int32)  # the last entry answers for label -1
    rank[inputs.number] = np.arange(count, dtype=np.int32)
    return {
        "cover": cover,
        "features": features,
        "pairs": pairs,
        "real": np.arange(tokens) < count,
        "token": rank[labels],
    }


def region_batch(batch: dict[str, Tensor]) -> RegionBatch:
    """The region stage's inputs of a stacked batch."""
    return RegionBatch(batch["cover"], batch["features"], batch["pairs"], batch["real"])


def paint_regions(dense: Tensor, values: Tensor, token: Tensor) -> Tensor:
    """Dense depth (B, H, W) with each region's value (B, R) put where the region is."""
    flat = token.flatten(1).long()
    painted = values.gather(1, flat.clamp_min(0)).view_as(dense)
    return torch.where(token >= 0, painted, dense)
