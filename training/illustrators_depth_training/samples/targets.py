"""What the loss needs to know of an index map: its regions, which of them touch, where to look.

Computed per sample on the CPU in about a millisecond, in the loader's process and from the
sample's own random generator, so that a resumed run sees exactly what the first one would have.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import layer_relations

__all__ = ["Targets", "connected_regions", "make_targets", "touching_regions"]

Int32Array = NDArray[np.int32]


@dataclass(frozen=True)
class Targets:
    """Regions of one index map and what to compare among them.

    Attributes:
        region: int32 (H, W), number of the connected region of constant index, from 0.
        pixels: int32 (K,), flat positions drawn so that a region's share is the square root of
            its area: small layers count, and large ones still count more.
        pixel_relation: uint8 (K, K), what the order of two such pixels' layers is: FACT, FREE or
            MASKED of `data.layered`.
        edges: int32 (E, 2), touching regions (a, b); padded with (0, 0).
        edge_weight: float32 (E,), square root of the boundary's length; 0 on padding.
        edge_relation: uint8 (E,), as `pixel_relation`, of the two regions' layers.
    """

    region: Int32Array
    pixels: Int32Array
    pixel_relation: NDArray[np.uint8]
    edges: Int32Array
    edge_weight: NDArray[np.float32]
    edge_relation: NDArray[np.uint8]


def connected_regions(index: Int32Array) -> tuple[Int32Array, int]:
    """4-connected regions of constant value: int32 (H, W) numbered from 0, and their count.

    One pass of OpenCV over a grid of twice the size, where the cells between two pixels of
    different value are walls.
    """
    height, width = index.shape
    walls = np.ones((2 * height - 1, 2 * width - 1), np.uint8)
    walls[:, 1::2][::2] = index[:, 1:] == index[:, :-1]
    walls[1::2][:, ::2] = index[1:] == index[:-1]
    walls[1::2, 1::2] = 0
    _count, labels = cv2.connectedComponents(walls, connectivity=4)
    region = labels[::2, ::2] - 1
    return np.ascontiguousarray(region, np.int32), int(region.max()) + 1


def touching_regions(region: Int32Array, count: int) -> tuple[Int32Array, NDArray[np.int64]]:
    """Pairs (a < b) of regions that share a boundary, (E, 2), and its length in pixels, (E,)."""
    codes = []
    for a, b in ((region[:, 1:], region[:, :-1]), (region[1:], region[:-1])):
        differ = a != b
        low = np.minimum(a[differ], b[differ]).astype(np.int64)
        high = np.maximum(a[differ], b[differ]).astype(np.int64)
        codes.append(low * count + high)
    border_codes, length = np.unique(np.concatenate(codes), return_counts=True)
    return np.stack([border_codes // count, border_codes % count], axis=1).astype(np.int32), length


def make_targets(
    index: Int32Array,
    rng: np.random.Generator,
    pixels: int = 192,
    edges: int = 128,
    hides: Int32Array | None = None,
    invisible: Int32Array | None = None,
) -> Targets:
    """Regions, sampled pixels and touching pairs of an index map int32 (H, W).

    hides, invisible: pairs of its layers, see `data.layered.LayeredImage`.
    """
    region, count = connected_regions(index)
    flat = region.ravel()
    area = np.bincount(flat, minlength=count).astype(np.float64)
    cumulative = np.cumsum(area[flat] ** -0.5)
    drawn = np.searchsorted(cumulative, rng.random(pixels) * cumulative[-1])
    pairs, length = touching_regions(region, count)
    weight = np.sqrt(length.astype(np.float64))
    if len(pairs) > edges:
        keep = rng.choice(len(pairs), edges, replace=False, p=weight / weight.sum())
        pairs, weight = pairs[keep], weight[keep]
    drawn = np.minimum(drawn, flat.size - 1).astype(np.int32)
    relations = layer_relations(int(index.max()), hides, invisible)
    layers = index.ravel()[drawn]
    level = np.zeros(count, np.int32)
    level[flat] = index.ravel()
    padded = np.zeros((edges, 2), np.int32)
    padded[: len(pairs)] = pairs
    padded_weight = np.zeros(edges, np.float32)
    padded_weight[: len(pairs)] = weight
    return Targets(
        region,
        drawn,
        relations[layers[:, None], layers[None, :]],
        padded,
        padded_weight,
        relations[level[padded[:, 0]], level[padded[:, 1]]],
    )
