"""Connected regions of whole batches: on a processor by OpenCV, elsewhere by tensors alone."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["connected_components", "spread_labels"]

# Rounds in which every region takes the number of its first pixel. Each joins trees of pixels that
# touch and halves their depth, so that a few do even for spirals.
_ROUNDS = 14


def connected_components(values: Tensor, most: int) -> Tensor:
    """Number the 4-connected regions of constant value of (B, H, W) from 0: int64 (B, H, W).

    Numbers beyond `most` - 1 become `most` - 1.
    """
    if values.device.type == "cpu" and type(values) is Tensor:
        return torch.from_numpy(_found_by_opencv(values.numpy())).clamp_max_(most - 1)
    return _numbered(spread_labels(values)).clamp_max(most - 1).view(values.shape)


def _found_by_opencv(values: NDArray[np.integer]) -> NDArray[np.int64]:
    """`samples.targets.connected_regions` of maps (B, H, W), of values that int32 holds.

    Walls and labels of all maps are built in the same place, which stays in the processor's cache.
    """
    _batch, height, width = values.shape
    walls = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    walls[::2, ::2] = 1
    across, down = walls[::2, 1::2].view(np.bool_), walls[1::2, ::2].view(np.bool_)
    labels = np.empty(walls.shape, np.int32)
    regions = np.empty(values.shape, np.int64)
    for map_, region in zip(values, regions, strict=True):
        narrow = map_.astype(np.int32)
        np.equal(narrow[:, 1:], narrow[:, :-1], out=across)
        np.equal(narrow[1:], narrow[:-1], out=down)
        cv2.connectedComponents(walls, labels, connectivity=4, ltype=cv2.CV_32S)
        np.subtract(labels[::2, ::2], 1, out=region)
    return regions


def spread_labels(values: Tensor) -> Tensor:
    """The flat position of each region's first pixel, for maps (B, H, W): int64 (B, H W).

    Labels are passed between neighbours of one value, hooked onto the trees that they belong to,
    and shortened (the FastSV algorithm of Zhang, Azad and Buluç, 2020).
    """
    batch, height, width = values.shape
    right = values[:, :, 1:] == values[:, :, :-1]
    down = values[:, 1:] == values[:, :-1]
    label = torch.arange(height * width, device=values.device).expand(batch, -1)
    for _ in range(_ROUNDS):
        map_ = label.view(batch, height, width)
        least = map_.clone()
        _take_least(least[:, :, 1:], map_[:, :, :-1], right)
        _take_least(least[:, :, :-1], map_[:, :, 1:], right)
        _take_least(least[:, 1:], map_[:, :-1], down)
        _take_least(least[:, :-1], map_[:, 1:], down)
        least = least.view(batch, -1)
        hooked = label.scatter_reduce(1, label, least, "amin")
        label = torch.minimum(hooked, least)
        label = torch.minimum(label, label.gather(1, label))
        label = label.gather(1, label)
    return label


def _take_least(target: Tensor, other: Tensor, same: Tensor) -> None:
    torch.minimum(target, torch.where(same, other, target), out=target)


def _numbered(first: Tensor) -> Tensor:
    """Numbers from 0 in the order of the regions' first pixels."""
    positions = torch.arange(first.shape[1], device=first.device)
    number = (first == positions).cumsum(1) - 1
    return number.gather(1, first)
