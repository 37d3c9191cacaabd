"""Small drawings with known layers, rendered anti-aliased by supersampling, for engine tests."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.types import DepthMap, Image

_SUPER = 4


@dataclass(frozen=True)
class Drawing:
    """A picture with its ground truth: index 0 is the lowest layer."""

    image: Image
    truth: NDArray[np.int32]

    @property
    def depth(self) -> DepthMap:
        return DepthMap(self.truth.astype(np.float32) + 1.0, "truth")


def paint(
    size: tuple[int, int],
    shapes: list[tuple[tuple[int, int, int], NDArray[np.bool_]]],
    background: tuple[int, int, int] = (250, 250, 245),
) -> Drawing:
    """Paint masks (given at 4x the size) over a background, in order."""
    height, width = size
    fine = np.empty((height * _SUPER, width * _SUPER, 3), np.float32)
    fine[:] = np.array(background, np.float32) / 255.0
    index = np.zeros(fine.shape[:2], np.int32)
    for number, (color, mask) in enumerate(shapes, start=1):
        fine[mask] = np.array(color, np.float32) / 255.0
        index[mask] = number
    rgb = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    rgba = np.dstack([rgb, np.ones((height, width), np.float32)]).astype(np.float32)
    truth = index[_SUPER // 2 :: _SUPER, _SUPER // 2 :: _SUPER]
    return Drawing(Image(rgba, "drawing"), np.ascontiguousarray(truth))


def disc(size: tuple[int, int], x: float, y: float, radius: float) -> NDArray[np.bool_]:
    """A disc in pixels of the final picture, as a mask at 4x."""
    rows, cols = np.mgrid[: size[0] * _SUPER, : size[1] * _SUPER]
    return np.hypot((cols + 0.5) / _SUPER - x, (rows + 0.5) / _SUPER - y) < radius


def box(size: tuple[int, int], x0: float, y0: float, x1: float, y1: float) -> NDArray[np.bool_]:
    rows, cols = np.mgrid[: size[0] * _SUPER, : size[1] * _SUPER]
    x, y = (cols + 0.5) / _SUPER, (rows + 0.5) / _SUPER
    return (x >= x0) & (x < x1) & (y >= y0) & (y < y1)


def stacked_discs(size: tuple[int, int] = (128, 160)) -> Drawing:
    """Four discs, each over the one before, with a thin stroke across the top."""
    return paint(
        size,
        [
            ((220, 60, 50), disc(size, 60, 70, 45)),
            ((60, 160, 80), disc(size, 85, 60, 32)),
            ((240, 200, 60), disc(size, 95, 62, 18)),
            ((40, 50, 120), disc(size, 97, 60, 8)),
            ((20, 20, 20), box(size, 10.5, 20.25, 150.5, 22.25)),
        ],
    )
