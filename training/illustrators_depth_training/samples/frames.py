"""Frames that are not square: windows of drawings, padded as the predictor pads a picture.

Drawings of the corpus are square and stand free on their page. Pictures that people bring are wider
or taller, run over their edges, and reach the network padded to its stride; a network that has only
seen squares orders them worse (docs/training-log.md).
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .augment import renumber
from .drawings import Drawing, DrawingSet

__all__ = ["FramedDrawings", "pad_to_stride", "random_frame", "random_window"]

Frame = tuple[int, int]  # height, width
Pair = tuple[NDArray[np.uint8], NDArray[np.int32]]


def random_frame(rng: np.random.Generator, size: int, aspect: float) -> Frame:
    """Height and width of a frame: half of them size x size, else the shorter side down to
    `size / aspect`, all proportions alike, upright or lying."""
    if aspect <= 1.0 or rng.random() < 0.5:
        return size, size
    shorter = round(size * math.exp(-rng.uniform(0.0, math.log(aspect))))
    return (shorter, size) if rng.random() < 0.5 else (size, shorter)


def random_window(rng: np.random.Generator, pair: Pair, frame: Frame) -> Pair:
    """A window of `frame` pixels somewhere in a picture and its truth."""
    height, width = pair[1].shape
    top = int(rng.integers(height - frame[0] + 1))
    left = int(rng.integers(width - frame[1] + 1))
    return _window(pair, frame, top, left)


def _window(pair: Pair, frame: Frame, top: int, left: int) -> Pair:
    rows, columns = slice(top, top + frame[0]), slice(left, left + frame[1])
    rgb, index = pair
    return np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(index[rows, columns])


def pad_to_stride(pair: Pair, stride: int) -> Pair:
    """Repeat the right and bottom border up to multiples of `stride`, truth included."""
    height, width = pair[1].shape
    edges = ((0, -height % stride), (0, -width % stride))
    if not edges[0][1] and not edges[1][1]:
        return pair
    rgb, index = pair
    return np.pad(rgb, (*edges, (0, 0)), mode="edge"), np.pad(index, edges, mode="edge")


class FramedDrawings(DrawingSet):
    """The middle of each drawing, its longer side `aspect` times the shorter; every other upright.

    For evaluation; `layers` still counts those of the whole drawing.
    """

    def __init__(self, folder: Path, split: str, aspect: float) -> None:
        super().__init__(folder, split)
        self.aspect = aspect

    def __getitem__(self, number: int) -> Drawing:
        drawing = super().__getitem__(number)
        height, width = drawing.index.shape
        shorter = max(1, round(min(height, width) / self.aspect))
        frame = (height, shorter) if number % 2 else (shorter, width)
        top, left = (height - frame[0]) // 2, (width - frame[1]) // 2
        rgb, index = _window((drawing.rgb, drawing.index), frame, top, left)
        # What is told of layer numbers holds for the whole drawing only.
        meta = {name: value for name, value in drawing.meta.items() if name != "occlusions"}
        return replace(drawing, rgb=rgb, index=renumber(index), meta=meta, packed_shapes=None)
