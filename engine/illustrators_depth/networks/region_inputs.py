"""What the region stage needs to know of a segmented picture, as plain arrays.

The same function serves training and inference. Everything is relative to the picture's size, so
that a picture shown larger gives the same numbers. Numpy only: it runs where torch is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["CELL", "PAIR_FEATURES", "REGION_FEATURES", "RegionInputs", "region_inputs"]

CELL = 4
"""Side in pixels of the cells whose features are pooled: the stride of the fine features."""
REGION_FEATURES = 17
PAIR_FEATURES = 11

_SAME_COLOR = 0.02


@dataclass(frozen=True)
class RegionInputs:
    """Regions as tokens, largest first.

    Attributes:
        number: int32 (R,), the region's number in the label map.
        cover: float32 (R, H/4, W/4), the share of each 4x4 cell that the region covers.
        features: float32 (R, REGION_FEATURES), size, place, shape, colour, surroundings.
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
        """Regions that cover nothing, for a network that must be given some."""
        return cls(
            np.full(count, -1, np.int32),
            np.zeros((count, height // CELL, width // CELL), np.float32),
            np.zeros((count, REGION_FEATURES), np.float32),
            np.zeros((count, count, PAIR_FEATURES), np.float32),
        )


def region_inputs(
    rgb: NDArray[np.float32], labels: NDArray[np.int32], most: int = 256, smallest: int = 4
) -> RegionInputs:
    """Describe the regions of a picture at the network's working size.

    Args:
        rgb: float32 (H, W, 3), 0..1; H and W multiples of 4.
        labels: int32 (H, W), region numbers from 0; negative = none (padding, transparency).
        most: at most so many regions, the largest.
        smallest: regions of fewer pixels are left out.
    """
    height, width = labels.shape
    count = int(labels.max()) + 1 if labels.size else 0
    inside = labels >= 0
    area_of = np.bincount(labels[inside], minlength=max(count, 1))
    chosen = np.argsort(-area_of, kind="stable")[:most]
    chosen = chosen[area_of[chosen] >= smallest]
    rank = np.full(len(area_of) + 1, -1, np.int32)  # the last entry answers for label -1
    rank[chosen] = np.arange(len(chosen), dtype=np.int32)
    tokens = rank[labels]
    area = area_of[chosen].astype(np.float32)
    cover = _cover(tokens, len(chosen))
    mean = _means(tokens, rgb, area)
    box = _boxes(tokens, len(chosen))
    shared = _shared_boundaries(tokens, len(chosen))
    features = _features(area, mean, box, shared, height, width)
    pairs = _pairs(area, mean, box, shared, max(height, width))
    return RegionInputs(chosen.astype(np.int32), cover, features, pairs)


def _cover(tokens: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    height, width = tokens.shape
    rows, columns = height // CELL, width // CELL
    y, x = np.nonzero(tokens >= 0)
    cell = (y // CELL) * columns + x // CELL
    flat = tokens[y, x].astype(np.int64) * (rows * columns) + cell
    filled = np.bincount(flat, minlength=count * rows * columns)
    return (filled.reshape(count, rows, columns) / CELL**2).astype(np.float32)


def _means(
    tokens: NDArray[np.int32], rgb: NDArray[np.float32], area: NDArray[np.float32]
) -> NDArray[np.float32]:
    inside = tokens >= 0
    number = tokens[inside]
    sums = [np.bincount(number, rgb[..., c][inside], len(area)) for c in range(3)]
    return (np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]).astype(np.float32)


def _boxes(tokens: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    """Centre of mass and bounding box (cx, cy, left, top, right, bottom) in pixels, (R, 6)."""
    width = tokens.shape[1]
    y, x = np.nonzero(tokens >= 0)
    number = tokens[y, x]
    area = np.maximum(np.bincount(number, minlength=count), 1)
    out = np.empty((count, 6), np.float32)
    out[:, 0] = np.bincount(number, x + 0.5, count) / area
    out[:, 1] = np.bincount(number, y + 0.5, count) / area
    # In raster order the first and last pixel of a region give its top and bottom.
    by_row = np.argsort(number, kind="stable")
    cuts = np.cumsum(np.bincount(number, minlength=count))
    first, last = by_row[cuts - np.bincount(number, minlength=count)], by_row[cuts - 1]
    out[:, 3], out[:, 5] = y[first], y[last] + 1
    across = np.zeros((count, width), bool)
    across[number, x] = True
    out[:, 2] = across.argmax(axis=1)
    out[:, 4] = width - across[:, ::-1].argmax(axis=1)
    return out


def _shared_boundaries(tokens: NDArray[np.int32], count: int) -> NDArray[np.float32]:
    """Length in pixels of the boundary between two regions, symmetric (R + 1, R + 1).

    The last row and column stand for everything that is no region, the frame included.
    """
    framed = np.pad(tokens, 1, constant_values=-1)
    framed = np.where(framed < 0, count, framed).astype(np.int64)
    total = np.zeros((count + 1) ** 2)
    for a, b in ((framed[:, 1:], framed[:, :-1]), (framed[1:], framed[:-1])):
        differ = a != b
        code = a[differ] * (count + 1) + b[differ]
        total += np.bincount(code, minlength=(count + 1) ** 2)
    square = total.reshape(count + 1, count + 1)
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
    wide = (box[:, 4] - box[:, 2]) / longest
    high = (box[:, 5] - box[:, 3]) / longest
    perimeter = shared.sum(axis=1)[:-1]
    inner = shared[:-1, :-1]
    among = np.maximum(perimeter, 1)
    return np.stack(
        [
            np.log(area / longest**2) / 4,
            np.log(np.maximum(wide, 1e-3)) / 2,
            np.log(np.maximum(high, 1e-3)) / 2,
            *place.T,
            area / np.maximum(wide * high * longest**2, 1),
            np.log(perimeter**2 / (16 * np.maximum(area, 1)) + 1e-3) / 2,
            inner.max(axis=1, initial=0) / among,  # 1 = enclosed by one single region
            shared[:-1, -1] / among,  # the part that touches the frame
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
    apart = (box[:, None, :2] - box[None, :, :2]) / longest
    color = np.sqrt(((mean[:, None] - mean[None, :]) ** 2).sum(axis=2))
    return np.stack(
        [
            inner > 0,
            inner / perimeter[:, None],
            inner / perimeter[None, :],
            np.log(area[:, None] / area[None, :]) / 4,
            overlap / extent[:, None],
            overlap / extent[None, :],
            apart[..., 0],
            apart[..., 1],
            np.sqrt((apart**2).sum(axis=2)),
            color,
            color < _SAME_COLOR,
        ],
        axis=2,
    ).astype(np.float32)
