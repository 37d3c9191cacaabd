"""Pairs of touching regions of one drawing, with the truth of which of the two lies above.

Regions are segmented from the picture, as at inference. A pair in which one layer hides part of the
other is a fact; one whose layers lie side by side could have been painted either way, and weighs
less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.borders import BorderCrops, BorderPairs, border_crops, border_pairs

from ..samples.region_tokens import segment

__all__ = ["LabelledPairs", "label_pairs", "labelled_crops"]

MIN_PURITY = 0.8
"""A region counts as of the layer that most of its pixels are of, if so many are."""
FREE_WEIGHT = 0.25
"""Weight of a pair whose layers do not hide each other."""


@dataclass(frozen=True)
class LabelledPairs:
    """Crops of pairs with their truth.

    Attributes:
        crops: of P pairs.
        above: float32 (P,), 1 where the first region lies above the second, else 0.
        weight: float32 (P,), how much the pair counts.
    """

    crops: BorderCrops
    above: NDArray[np.float32]
    weight: NDArray[np.float32]


def label_pairs(
    pairs: BorderPairs,
    labels: NDArray[np.int32],
    index: NDArray[np.int32],
    occlusions: NDArray[np.int64] | None,
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """Which pairs have a truth, and what it is.

    Args:
        pairs: from `border_pairs`. labels: int32 (H, W), the regions. index: int32 (H, W), truth.
        occlusions: int (K, 4), layers below and above of pairs that hide each other; None where
            that is not known, and every pair weighs alike.

    Returns:
        Numbers of the pairs, `above` and `weight` of each, see `LabelledPairs`.
    """
    layer, purity = _layers_of(labels, index)
    own, other = layer[pairs.regions[:, 0]], layer[pairs.regions[:, 1]]
    sure = (purity[pairs.regions] >= MIN_PURITY).all(axis=1) & (own != other)
    chosen = np.flatnonzero(sure)
    above = (own > other)[chosen].astype(np.float32)
    weight = np.ones(len(chosen), np.float32)
    if occlusions is not None:
        hiding = {(int(low), int(high)) for low, high in occlusions[:, :2]}
        # The page is below everything on it, and whatever lies on it hides it.
        page = int(index.min())
        for place, pair in enumerate(chosen):
            low, high = sorted((int(own[pair]), int(other[pair])))
            if low != page and (low, high) not in hiding:
                weight[place] = FREE_WEIGHT
    return chosen, above, weight


def labelled_crops(
    rgb: NDArray[np.uint8],
    index: NDArray[np.int32],
    meta: dict[str, Any],
    rng: np.random.Generator,
    limit: int,
) -> LabelledPairs | None:
    """Up to `limit` pairs of one drawing, drawn by weight; None if it has none.

    Args:
        rgb: uint8 (H, W, 3), which may be a degraded copy. index: int32 (H, W), truth.
        meta: the sample's JSON; `occlusions` is used where it is there.
    """
    labels = segment(rgb)
    pairs = border_pairs(labels, max_pairs=512)
    if not len(pairs):
        return None
    listed = meta.get("occlusions")
    known = None if listed is None else np.array(listed, np.int64).reshape(-1, 4)
    chosen, above, weight = label_pairs(pairs, labels, index, known)
    if not len(chosen):
        return None
    if len(chosen) > limit:
        drawn = rng.choice(len(chosen), limit, replace=False, p=weight / weight.sum())
        chosen, above, weight = chosen[drawn], above[drawn], weight[drawn]
    some = pairs.take(chosen)
    return LabelledPairs(border_crops(rgb, labels, some), above, weight)


def _layers_of(
    labels: NDArray[np.int32], index: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The layer that most of each region's pixels are of, and their share."""
    count, layers = int(labels.max()) + 1, int(index.max()) + 1
    inside = labels >= 0
    table = np.bincount(
        labels[inside].astype(np.int64) * layers + index[inside], minlength=count * layers
    ).reshape(count, layers)
    return table.argmax(axis=1), table.max(axis=1) / np.maximum(table.sum(axis=1), 1)
