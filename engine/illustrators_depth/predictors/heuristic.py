"""Depth without a network: a region lies below those it encloses, and large ones below small.

The baseline of the tables and the last resort where no model can run. Regions are ordered by their
*filled* area (holes counted in), largest lowest, so that a region is always above one that encloses
it; where outlines meet, their junctions count more than the areas (`region_order.py`). Depth is the
rank in that order.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..progress import Progress, no_progress
from ..regions import FlatRegions, flat_regions
from ..types import DepthMap, Image
from .region_order import ordered_values

__all__ = ["HeuristicPredictor", "filled_areas"]

# Consecutive regions whose colours differ by less (sRGB, L2) share a rank, as in the paper's merge.
_SAME_COLOR_DISTANCE = 0.05


class HeuristicPredictor:
    """Ranks flat-colour regions by enclosed area, by the frame and by junctions of outlines."""

    name = "heuristic"
    device = "none"

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Return the rank of each pixel's region, 1 = bottom; transparent pixels are 0."""
        progress("depth", 0.0)
        regions = flat_regions(image.rgba)
        progress("depth", 0.6)
        depth = np.zeros((image.height, image.width), np.float32)
        if regions.count:
            ranks = _ranks(regions, filled_areas(regions.labels, regions.count))
            inside = regions.labels >= 0
            depth[inside] = ranks[regions.labels[inside]]
        progress("depth", 1.0)
        return DepthMap(depth, self.name, self.device)


def filled_areas(labels: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """Area in pixels of each region with its holes filled, int64 (count,).

    Args:
        labels: int32 (H, W), 0..count-1 or -1; regions need not be connected.
        count: number of regions; those that do not occur have area 0.
    """
    height, width = labels.shape
    rows, cols = np.nonzero(labels >= 0)
    owner = labels[rows, cols]
    top = np.full(count, height)
    left = np.full(count, width)
    bottom = np.full(count, -1)
    right = np.full(count, -1)
    np.minimum.at(top, owner, rows)
    np.maximum.at(bottom, owner, rows)
    np.minimum.at(left, owner, cols)
    np.maximum.at(right, owner, cols)
    areas = np.zeros(count, np.int64)
    for region in range(count):
        if bottom[region] < 0:
            continue
        mask = labels[top[region] : bottom[region] + 1, left[region] : right[region] + 1] == region
        outside = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
        # What cannot be reached from the frame is inside the outline.
        _, parts = cv2.connectedComponents(outside, connectivity=4)
        areas[region] = int((parts[1:-1, 1:-1] != parts[0, 0]).sum())
    return areas


def _ranks(regions: FlatRegions, filled: NDArray[np.int64]) -> NDArray[np.float32]:
    """Rank of each region from 1, the lowest first; near-equal colours in turn share a rank."""
    values = ordered_values(regions, filled)
    order = np.lexsort((np.arange(regions.count), -regions.areas, -filled, values))
    colors = regions.colors[order]
    is_new_rank = np.sqrt(((colors[1:] - colors[:-1]) ** 2).sum(axis=1)) >= _SAME_COLOR_DISTANCE
    ranks = np.empty(regions.count, np.float32)
    ranks[order] = 1.0 + np.concatenate([[0], np.cumsum(is_new_rank)])
    return ranks
