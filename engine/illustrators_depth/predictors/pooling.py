"""Makes depth constant over each flat-colour region, where the network agrees with itself.

A network that sees the picture small answers softly: values drift inside one region and bleed over
edges. An artist's layer does neither. Each region takes the median of its pixels; regions in which
the answers clearly fall into different levels (two layers that segmentation joined, a painterly
gradient) keep their variation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..nouns import Image
from ..regions import flat_regions, region_medians

__all__ = ["pool_regions"]

# A region whose mean deviation from its median exceeds this share of the whole map's is kept as
# it is; in between, both are mixed. Chosen on the validation split (docs/training-log.md).
_COHERENT, _INCOHERENT = 0.5, 1.0


def pool_regions(depth: NDArray[np.float32], image: Image) -> NDArray[np.float32]:
    """Replace each coherent region's values by their median.

    Args:
        depth: float32 (H, W), the network's answer at the picture's size.
        image: the picture.

    Returns:
        float32 (H, W); transparent pixels keep their value.
    """
    regions = flat_regions(image.rgba)
    if regions.count == 0:
        return depth
    inside = regions.labels >= 0
    labels = regions.labels[inside]
    medians = region_medians(depth, regions.labels, regions.count).astype(np.float32)
    values = depth[inside]
    deviation = np.abs(values - medians[labels])
    mean_deviation = np.bincount(labels, deviation, regions.count) / np.maximum(regions.areas, 1)
    spread = float(np.abs(depth - np.median(depth)).mean())
    doubt = (mean_deviation / max(spread, 1e-6) - _COHERENT) / (_INCOHERENT - _COHERENT)
    keep = np.clip(doubt, 0.0, 1.0).astype(np.float32)[labels]
    out = depth.copy()
    out[inside] = medians[labels] * (1.0 - keep) + values * keep
    return out
