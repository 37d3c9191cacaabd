"""What the network's region stage is told of a segmented picture, as plain arrays.

The same function serves training and inference: networks were trained on these very numbers, so
after any change of them, or of their order, the networks must be trained again. Everything is
relative to the picture's size: a picture shown larger gives the same. Numpy only: it runs where
torch is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CELL",
    "PAIR_FEATURES",
    "REGION_FEATURES",
    "SAME_COLOR",
    "RegionInputs",
    "region_inputs",
]

CELL = 4
"""Side in pixels of the cells whose features are pooled: the stride of the fine features."""
REGION_FEATURES = 17
"""Numbers that describe a region."""
PAIR_FEATURES = 11
"""Numbers that describe how one region lies to another."""

SAME_COLOR = 0.02
"""Regions whose colours differ by less (sRGB, L2) count as of one colour."""


@dataclass(frozen=True)
class RegionInputs:
    """Regions as tokens, largest first; R of them.

    Attributes:
        number: int32 (R,), the region's number in the label map.
        cover: float32 (R, H/4, W/4), the share of each 4x4 cell that the region covers.
        features: float32 (R, REGION_FEATURES), size, place, shape, surroundings and colour, in the
            order of `_features`.
        pairs: float32 (R, R, PAIR_FEATURES), how region a (row) lies to region b (column).
    """

    number: NDArray[np.int32]
    cover: NDArray[np.float32]
    features: NDArray[np.float32]
    pairs: NDArray[np.float32]

    def feeds(self) -> dict[str, NDArray[np.float32]]:
        """Named arrays with a leading batch axis, as the exported network takes them."""
        return {
            "cover": self.cover[None],
            "features": self.features[None],
            "pairs": self.pairs[None],
        }

    @classmethod
    def empty(cls, height: int, width: int, count: int = 2) -> RegionInputs:
        """Regions that cover nothing, `count` of them, for a network that must be given some."""
        return cls(
            np.full(count, -1, np.int32),
            np.zeros((count, height // CELL, width // CELL), np.float32),
            np.zeros((count, REGION_FEATURES), np.float32),
            np.zeros((count, count, PAIR_FEATURES), np.float32),
        )


def region_inputs(
    rgb: NDArray[np.float32],
    labels: NDArray[np.int32],
    max_regions: int = 256,
    min_pixels: float = 4.0,
) -> RegionInputs:
    """Describe the regions of a picture at the network's working size.

    Args:
        rgb: float32 (H, W, 3), 0..1; H and W multiples of 4.
        labels: int32 (k H, k W) for a whole k >= 1: region numbers from 0; -1 = none (padding,
            transparency). With k > 1 what is thinner than a working pixel still has its
            true size and borders.
        max_regions: the largest ones are described, at most so many.
        min_pixels: regions of fewer pixels (of the working size) are left out.

    Raises ValueError for labels of another shape.
    """
    height, width = rgb.shape[:2]
    scale = labels.shape[0] // height
    if labels.shape != (scale * height, scale * width) or scale < 1:
        raise ValueError(f"labels {labels.shape} are no whole multiple of rgb {rgb.shape[:2]}")
    area_of_label = np.bincount((labels + 1).ravel())[1:]  # the first counts label -1
    chosen = np.argsort(-area_of_label, kind="stable")[:max_regions]
    chosen = chosen[area_of_label[chosen] >= min_pixels * scale**2]
    count = len(chosen)
    token_of_label = np.zeros(len(area_of_label) + 1, np.int32)
    token_of_label[chosen] = np.arange(1, count + 1, dtype=np.int32)
    # 0 = none (the last entry answers for label -1), else 1 + token
    tokens = token_of_label[labels]
    area = area_of_label[chosen].astype(np.float32) / scale**2
    cover = _cover(tokens, count, CELL * scale)
    mean = _means(tokens, rgb, count, scale)
    box = _boxes(tokens, count) / scale
    shared = _shared_boundaries(tokens, count) / scale
    features = _features(area, mean, box, shared, height, width)
    pairs = _pairs(area, mean, box, shared, max(height, width))
    return RegionInputs(chosen.astype(np.int32), cover, features, pairs)


def _histogram(
    tokens: NDArray[np.int32], count: int, place: NDArray[np.intp], places: int
) -> NDArray[np.intp]:
    """Pixels of each token in each bin, intp (count, places).

    `tokens` is (H, W), 0 for none, else from 1; `place`, the bin of a pixel, broadcasts to (H, W).
    """
    flat = (tokens * places + place).ravel()
    table = np.bincount(flat, minlength=(count + 1) * places)
    return table.reshape(count + 1, places)[1:]


def _cover(tokens: NDArray[np.int32], count: int, cell: int) -> NDArray[np.float32]:
    """Share of each square of `cell` pixels that each token covers, (count, rows, columns)."""
    rows, columns = tokens.shape[0] // cell, tokens.shape[1] // cell
    y, x = (np.arange(n) // cell for n in tokens.shape)
    filled = _histogram(tokens, count, y[:, None] * columns + x, rows * columns)
    return (filled.reshape(count, rows, columns) / cell**2).astype(np.float32)


def _means(
    tokens: NDArray[np.int32], rgb: NDArray[np.float32], count: int, scale: int
) -> NDArray[np.float32]:
    """Mean colour of each token, (count, 3); tokens are `scale` times as fine as the picture."""
    flat = tokens.ravel()
    total = np.maximum(np.bincount(flat, minlength=count + 1)[1:], 1)
    sums = []
    for c in range(3):
        channel = np.repeat(np.repeat(rgb[..., c], scale, axis=0), scale, axis=1)
        sums.append(np.bincount(flat, channel.ravel(), count + 1)[1:])
    return (np.stack(sums, axis=1) / total[:, None]).astype(np.float32)


def _boxes(tokens: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    """Centre of mass and bounding box (cx, cy, left, top, right, bottom) in pixels, (R, 6)."""
    out = np.empty((count, 6), np.float32)
    for axis, size in ((0, tokens.shape[1]), (1, tokens.shape[0])):
        along = np.arange(size)
        pixels_along = _histogram(tokens, count, along if axis == 0 else along[:, None], size)
        out[:, axis] = pixels_along @ (along + 0.5) / np.maximum(pixels_along.sum(axis=1), 1)
        out[:, 2 + axis] = (pixels_along > 0).argmax(axis=1)
        out[:, 4 + axis] = size - (pixels_along[:, ::-1] > 0).argmax(axis=1)
    return out


def _shared_boundaries(tokens: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    """Length in pixels of the boundary between two regions, symmetric (R + 1, R + 1).

    The last row and column stand for everything that is no region, the frame included.
    """
    framed = np.pad(tokens, 1, constant_values=0)
    total = np.zeros((count + 1) ** 2)
    for a, b in ((framed[:, 1:], framed[:, :-1]), (framed[1:], framed[:-1])):
        differ = a != b
        code = a[differ].astype(np.int64) * (count + 1) + b[differ]
        total += np.bincount(code, minlength=(count + 1) ** 2)
    square = np.roll(total.reshape(count + 1, count + 1), -1, axis=(0, 1))
    return (square + square.T).astype(np.float32)


def _features(
    area: NDArray[np.float32],
    mean: NDArray[np.float32],
    box: NDArray[np.float32],
    shared: NDArray[np.float32],
    height: int,
    width: int,
) -> NDArray[np.float32]:
    longest = float(max(height, width))
    half = np.array([width, height] * 3, np.float32) / 2
    place = (box - half) / (longest / 2)  # -1..1 over the longer side
    box_width = (box[:, 4] - box[:, 2]) / longest
    box_height = (box[:, 5] - box[:, 3]) / longest
    perimeter = shared.sum(axis=1)[:-1]
    inner = shared[:-1, :-1]
    nonzero_perimeter = np.maximum(perimeter, 1)
    return np.stack(
        [
            np.log(area / longest**2) / 4,
            np.log(np.maximum(box_width, 1e-3)) / 2,
            np.log(np.maximum(box_height, 1e-3)) / 2,
            *place.T,
            area / np.maximum(box_width * box_height * longest**2, 1),
            np.log(perimeter**2 / (16 * np.maximum(area, 1)) + 1e-3) / 2,
            inner.max(axis=1, initial=0) / nonzero_perimeter,  # 1 = enclosed by one single region
            shared[:-1, -1] / nonzero_perimeter,  # the part that touches the frame
            np.log1p((inner > 0).sum(axis=1)) / 2,
            *(mean.T * 2 - 1),
        ],
        axis=1,
    ).astype(np.float32)


def _pairs(
    area: NDArray[np.float32],
    mean: NDArray[np.float32],
    box: NDArray[np.float32],
    shared: NDArray[np.float32],
    longest: int,
) -> NDArray[np.float32]:
    perimeter = np.maximum(shared.sum(axis=1)[:-1], 1)
    inner = shared[:-1, :-1]
    left = np.maximum(box[:, None, 2], box[None, :, 2])
    top = np.maximum(box[:, None, 3], box[None, :, 3])
    right = np.minimum(box[:, None, 4], box[None, :, 4])
    bottom = np.minimum(box[:, None, 5], box[None, :, 5])
    overlap = np.maximum(right - left, 0) * np.maximum(bottom - top, 0)
    extent = np.maximum((box[:, 4] - box[:, 2]) * (box[:, 5] - box[:, 3]), 1)
    offset = (box[:, None, :2] - box[None, :, :2]) / longest
    color = np.sqrt(((mean[:, None] - mean[None, :]) ** 2).sum(axis=2))
    return np.stack(
        [
            inner > 0,
            inner / perimeter[:, None],
            inner / perimeter[None, :],
            np.log(area[:, None] / area[None, :]) / 4,
            overlap / extent[:, None],
            overlap / extent[None, :],
            offset[..., 0],
            offset[..., 1],
            np.sqrt((offset**2).sum(axis=2)),
            color,
            color < SAME_COLOR,
        ],
        axis=2,
    ).astype(np.float32)
