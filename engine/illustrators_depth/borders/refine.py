"""Corrects the network's region values by what lies along the borders between the regions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..types import Image
from .crops import BorderCrops, border_crops
from .pairs import border_pairs
from .settle import settle_values

__all__ = ["BORDER_PX", "OrderWeights", "RefinedValues", "border_picture", "refine_values"]

BORDER_PX = 384
"""Longest side at which borders are looked at; pictures of any size are scaled to it."""
MAX_PAIRS = 256
"""Borders that are asked about, the longest first."""
SETTLED_LOG_ODDS = 10.0
"""Borders between regions that the network puts so far apart are not asked about: no answer that
the border network gives would turn them around."""
MIN_AREA_SHARE = 1e-4
"""Regions of less than this share of the picture have the inertia of one that has it."""


@dataclass(frozen=True)
class OrderWeights:
    """How much each source of evidence counts; chosen on validation drawings (docs/decisions/).

    Attributes:
        gap: log odds per unit by which the network's values of two regions differ, in spreads.
        border: log odds per log odds of the border network.
        margin: by how many spreads the values of a pair differ after it was turned around.
        stiffness: what it costs to move a region of average inertia by one spread, squared.
        size_power: how inertia grows with a region's area: the network knows large ones better.
    """

    gap: float = 3.5
    border: float = 1.2
    margin: float = 0.3
    stiffness: float = 0.1
    size_power: float = 0.5


@dataclass(frozen=True)
class RefinedValues:
    """Values of all regions in one order.

    Attributes:
        values: float32 (R,), depth.
        confidence: float32 (R,), 0..1: how clearly the borders around a region support its place;
            1 where no border speaks against it, 0 where they say nothing.
    """

    values: NDArray[np.float32]
    confidence: NDArray[np.float32]


def border_picture(
    image: Image, labels: NDArray[np.int32]
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The picture over white, uint8 (h, w, 3), and its regions, at the size borders are seen in."""
    height, width = labels.shape
    scale = BORDER_PX / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    rgba = cv2.resize(image.rgba, size, interpolation=interpolation)
    rgb = cv2.convertScaleAbs(Image(np.ascontiguousarray(rgba)).over(), alpha=255.0)
    small = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(rgb, np.uint8), np.asarray(small, np.int32)


def refine_values(
    rgb: NDArray[np.uint8],
    labels: NDArray[np.int32],
    values: NDArray[np.float32],
    spread: float,
    ask: Callable[[BorderCrops], NDArray[np.float32]],
    weights: OrderWeights | None = None,
) -> RefinedValues:
    """One order of all regions from the network's values and from their borders.

    Args:
        rgb, labels: from `border_picture`.
        values: float32 (R,), the network's depth of each region.
        spread: mean absolute deviation of the depth map, the unit in which values are compared.
        ask: gives the border network's log odds for crops, float32 (P,).
        weights: how much each source of evidence counts; None for the default.
    """
    weights = weights or OrderWeights()
    pairs = border_pairs(labels, MAX_PAIRS)
    confidence = np.ones(len(values), np.float32)
    if not len(pairs):
        return RefinedValues(values, confidence)
    prior = values.astype(np.float64) / spread
    a, b = pairs.regions[:, 0], pairs.regions[:, 1]
    log_odds = weights.gap * (prior[a] - prior[b])
    undecided = np.flatnonzero(np.abs(log_odds) < SETTLED_LOG_ODDS)
    if len(undecided):
        answers = ask(border_crops(rgb, labels, pairs.take(undecided)))
        log_odds[undecided] += weights.border * answers.astype(np.float64)
    inertia = weights.stiffness * _relative_size(labels, len(values)) ** weights.size_power
    settled = settle_values(prior, pairs.regions, log_odds, inertia, weights.margin)
    sign = np.sign(settled[a] - settled[b])
    support = np.clip(np.tanh(0.5 * log_odds * sign), 0.0, 1.0) * pairs.length
    total, length = (
        np.bincount(a, w, len(values)) + np.bincount(b, w, len(values))
        for w in (support, pairs.length)
    )
    has_border = length > 0
    confidence[has_border] = (total[has_border] / length[has_border]).astype(np.float32)
    return RefinedValues((settled * spread).astype(np.float32), confidence)


def _relative_size(labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Area of each region in units of the mean, float64 (R,); none counts less than a speck."""
    area = np.bincount((labels + 1).ravel(), minlength=count + 1)[1:].astype(np.float64)
    area = np.maximum(area, MIN_AREA_SHARE * labels.size)
    return area / area.mean()
