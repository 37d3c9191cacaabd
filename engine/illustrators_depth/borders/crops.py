"""Cuts out what lies along each border: the whole border in its surroundings, and its two ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .pairs import BorderPairs

__all__ = ["CONTEXT_PX", "END_PX", "FEATURES", "BorderCrops", "border_crops", "pair_features"]

CONTEXT_PX = 48
"""Side of the crop that shows the whole border, scaled to fit."""
END_PX = 32
"""Side of the two crops at the border's ends, in the picture's own pixels."""
FEATURES = 14
"""How many numbers describe a region of a pair, see `pair_features`."""

# The context crop shows so many times the border's longer side, within these bounds in pixels.
_CONTEXT_SCALE = 1.6
_MIN_CONTEXT_PX, _MAX_CONTEXT_PX = 40, 384
# Sizes at which the picture is kept: whole, half and quarter.
_PYRAMID_LEVELS = 3
# Logarithms are divided by this, to be about as large as the other numbers.
_LOG_SCALE = 4


@dataclass(frozen=True)
class BorderCrops:
    """Crops of P pairs. Channels: red, green, blue, and coverage by the first and second region.

    Attributes:
        context: uint8 (P, 5, CONTEXT_PX, CONTEXT_PX), around the whole border.
        ends: uint8 (P, 2, 5, END_PX, END_PX), around each of its ends.
        features: float32 (P, 2, FEATURES), the first region beside the second, and vice versa.
    """

    context: NDArray[np.uint8]
    ends: NDArray[np.uint8]
    features: NDArray[np.float32]


def border_crops(
    rgb: NDArray[np.uint8], labels: NDArray[np.int32], pairs: BorderPairs
) -> BorderCrops:
    """Cut out the crops of all pairs.

    Args:
        rgb: uint8 (H, W, 3).
        labels: int32 (H, W), the regions that `pairs` was found in.
        pairs: from `border_pairs`.
    """
    pyramid = _Pyramid(rgb, labels)
    context = np.empty((len(pairs), 5, CONTEXT_PX, CONTEXT_PX), np.uint8)
    for number, (regions, box) in enumerate(
        zip(pairs.regions.tolist(), pairs.box.tolist(), strict=True)
    ):
        top, left, bottom, right = box
        side = _CONTEXT_SCALE * max(bottom - top, right - left)
        side = min(max(side, _MIN_CONTEXT_PX), _MAX_CONTEXT_PX)
        pyramid.scaled(((top + bottom) / 2, (left + right) / 2), side, regions, context[number])
    ends = pyramid.native(pairs.ends, pairs.regions)
    return BorderCrops(context, ends, pair_features(labels, pairs))


class _Pyramid:
    """The picture and its labels with a margin, at full, half and quarter size."""

    def __init__(self, rgb: NDArray[np.uint8], labels: NDArray[np.int32]) -> None:
        # So wide that no window around a point of the picture leaves it.
        self.margin = _MAX_CONTEXT_PX // 2 + END_PX
        sides = (self.margin,) * 4
        color = cv2.copyMakeBorder(rgb, *sides, cv2.BORDER_REPLICATE)
        number = cv2.copyMakeBorder(labels, *sides, cv2.BORDER_CONSTANT, value=-1)
        self.levels = [(color, number)]
        while len(self.levels) < _PYRAMID_LEVELS:
            color = cv2.resize(color, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            number = np.ascontiguousarray(number[::2, ::2])
            self.levels.append((color, number))

    def scaled(
        self,
        centre: tuple[float, float],
        side: float,
        regions: list[int],
        out: NDArray[np.uint8],
    ) -> None:
        """Write the square of `side` pixels around `centre`, scaled to CONTEXT_PX, to `out`."""
        level = min(_PYRAMID_LEVELS - 1, max(0, int(math.log2(side / CONTEXT_PX))))
        color, number = self.levels[level]
        size = max(1, round(side / 2**level))
        y, x = (round((c + self.margin) / 2**level - size / 2) for c in centre)
        window = np.s_[max(0, y) : max(0, y) + size, max(0, x) : max(0, x) + size]
        target = CONTEXT_PX, CONTEXT_PX
        interpolation = cv2.INTER_AREA if size >= CONTEXT_PX else cv2.INTER_LINEAR
        for plane, channel in zip(
            out,
            cv2.split(cv2.resize(color[window], target, interpolation=interpolation)),
            strict=False,
        ):
            plane[:] = channel
        for plane, region in zip(out[3:], regions, strict=True):
            mask = cv2.inRange(number[window], region, region)
            cv2.resize(mask, target, dst=plane, interpolation=interpolation)

    def native(self, points: NDArray[np.float32], regions: NDArray[np.int32]) -> NDArray[np.uint8]:
        """The squares of END_PX pixels around points, unscaled, uint8 (P, 2, 5, END_PX, END_PX).

        `points` are float32 (P, 2, 2), y and x; `regions` int32 (P, 2).
        """
        color, number = self.levels[0]
        corner = np.rint(points).astype(np.intp) + (self.margin - END_PX // 2)
        y, x = corner[..., 0], corner[..., 1]
        out = np.empty((*y.shape, 5, END_PX, END_PX), np.uint8)
        square = (END_PX, END_PX)
        for channel, plane in enumerate(cv2.split(color)):
            out[:, :, channel] = sliding_window_view(plane, square)[y, x]
        windows = sliding_window_view(number, square)[y, x]
        for channel in range(2):
            mask = windows == regions[:, channel, None, None, None]
            np.multiply(mask, np.uint8(255), out=out[:, :, 3 + channel])
        return out


def pair_features(labels: NDArray[np.int32], pairs: BorderPairs) -> NDArray[np.float32]:
    """What crops do not show: sizes, extents, how much of each outline the border is.

    Args:
        labels: int32 (H, W), the regions that `pairs` was found in.
        pairs: from `border_pairs`.

    Returns:
        float32 (P, 2, FEATURES): for each order of the two regions, relative to the picture's size.
        Their order and scales are those that the shipped weights were trained with.
    """
    height, width = labels.shape
    count = int(labels.max(initial=-1)) + 1
    longest = float(max(height, width))
    area = np.bincount((labels + 1).ravel(), minlength=count + 1)[1:].astype(np.float64)
    box = _boxes(labels, count)
    outline, on_frame = _outlines(labels, count)
    extent = np.maximum((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]), 1.0)
    region, neighbour = pairs.regions[:, [0, 1]], pairs.regions[:, [1, 0]]
    shared = pairs.length[:, None] / np.maximum(outline, 1.0)[region]
    overlap = np.maximum(
        np.minimum(box[region][..., 2:], box[neighbour][..., 2:])
        - np.maximum(box[region][..., :2], box[neighbour][..., :2]),
        0.0,
    ).prod(axis=-1)
    between_ends = (pairs.ends[:, 0] - pairs.ends[:, 1]) / longest
    closed = np.broadcast_to(pairs.closed[:, None], region.shape)
    columns = [
        np.log(np.maximum(area[region], 1.0) / longest**2) / _LOG_SCALE,
        np.log(np.maximum(area[region], 1.0) / np.maximum(area[neighbour], 1.0)) / _LOG_SCALE,
        shared,
        shared[:, ::-1],
        overlap / extent[region],
        overlap / extent[neighbour],
        area[region] / extent[region],
        on_frame[region] / np.maximum(outline, 1.0)[region],
        on_frame[neighbour] / np.maximum(outline, 1.0)[neighbour],
        closed & (area[region] < area[neighbour]),
        closed & (area[region] > area[neighbour]),
        np.broadcast_to(np.log(pairs.length / longest)[:, None] / _LOG_SCALE, region.shape),
        np.broadcast_to(
            (np.hypot(*between_ends.T) * longest / pairs.length)[:, None], region.shape
        ),  # 1 = straight
        np.log(np.maximum(outline[region] ** 2 / (16 * np.maximum(area[region], 1.0)), 1e-3))
        / _LOG_SCALE,
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=-1)


def _boxes(labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Top, left, bottom, right of each region, float64 (R, 4); all 0 where a region is empty."""
    out = np.zeros((count, 4))
    for axis in (0, 1):
        size = labels.shape[axis]
        position = np.arange(size)
        coordinate = position[:, None] if axis == 0 else position
        pixels = np.bincount(
            ((labels + 1) * size + coordinate).ravel(), minlength=(count + 1) * size
        )
        is_occupied = pixels.reshape(count + 1, size)[1:] > 0
        out[:, axis] = is_occupied.argmax(axis=1)
        out[:, axis + 2] = np.where(
            is_occupied.any(axis=1), size - is_occupied[:, ::-1].argmax(axis=1), 0
        )
    return out


def _outlines(
    labels: NDArray[np.int32], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit edges around each region, and how many of them lie on the frame, float64 (R,)."""
    outline, on_frame = np.zeros(count + 1), np.zeros(count + 1)
    for first, second in ((labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])):
        differ = first != second
        for side in (first, second):
            outline += np.bincount(side[differ] + 1, minlength=count + 1)
    for frame_side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        on_frame += np.bincount(frame_side + 1, minlength=count + 1)
    return (outline + on_frame)[1:], on_frame[1:]
