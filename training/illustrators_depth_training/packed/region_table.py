"""What a packed corpus keeps of the regions of a drawing: sizes, colours, boxes, layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["RegionTable", "region_table"]


@dataclass(frozen=True)
class RegionTable:
    """The regions of one drawing, by number.

    Attributes:
        area: uint32 (R,), pixels.
        color: uint8 (R, 3), mean.
        box: uint16 (R, 4): top, left, bottom, right, half open.
        layer: uint16 (R,), the layer that most of its pixels belong to.
    """

    area: NDArray[np.uint32]
    color: NDArray[np.uint8]
    box: NDArray[np.uint16]
    layer: NDArray[np.uint16]


def region_table(
    rgb: NDArray[np.uint8], index: NDArray[np.int32], labels: NDArray[np.int32]
) -> RegionTable:
    """Measure the regions of a label map, int32 (H, W), -1 = none."""
    count = int(labels.max()) + 1
    places = np.add(labels, 1, dtype=np.intp)  # the first one is for what is no region
    area = np.bincount(places.ravel(), minlength=count + 1)[1:]
    sums = [np.bincount(places.ravel(), rgb[..., c].ravel(), count + 1)[1:] for c in range(3)]
    width = int(index.max()) + 1
    votes = np.bincount((places * width + index).ravel(), minlength=(count + 1) * width)
    # Of layers with as many pixels the highest.
    by_layer = votes.reshape(count + 1, width)[1:, ::-1]
    owner = np.where(area > 0, width - 1 - by_layer.argmax(axis=1), 0)
    return RegionTable(
        area.astype(np.uint32),
        np.round(np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]).astype(np.uint8),
        _boxes(places, count),
        owner.astype(np.uint16),
    )


def _boxes(places: NDArray[np.intp], count: int) -> NDArray[np.uint16]:
    """Top, left, bottom and right of each region 1 to `count`: uint16 (count, 4)."""
    box = np.zeros((count, 4), np.uint16)
    for axis, size in enumerate(places.shape):
        steps = np.arange(size)
        along = steps[:, None] if axis == 0 else steps[None, :]
        codes = (places * size + along).ravel()
        here = np.bincount(codes, minlength=(count + 1) * size).reshape(count + 1, size)[1:] > 0
        shown = here.any(axis=1)
        box[shown, axis] = here[shown].argmax(axis=1)
        box[shown, axis + 2] = size - here[shown, ::-1].argmax(axis=1)
    return box
