"""A stroke around a layer of several colours goes on with it where it is hidden, at its width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box

__all__ = ["OutlineStroke", "outline_stroke"]

# Of the visible pixels along the outline this share has the stroke's colour, within this much.
_MIN_STROKE_SHARE, _SAME_COLOR = 0.9, 0.08
# Farther inside no more than this share of the pixels has it: else it is no stroke.
_MAX_INNER_SHARE = 0.1
# Widest strokes, in pixels, and as a share of how deep inside anything lies.
_MAX_WIDTH_PX, _MAX_WIDTH_SHARE = 64, 0.4
# Rows of pixels beside the stroke by which the paint there is known.
_BESIDE_ROWS = 4
# Of a stroke of less than three pixels: the depths at which it lies, and those of the paint beside
# it; the share of its pixels that may be blends, how much it differs from the paint at least, and
# how far the shares of blends may be from those that its width tells.
_THIN_DEPTHS, _THIN_BESIDE_DEPTHS = (1.5, 3.49), (4.5, 8.5)
_PUREST_QUANTILE, _MIN_THIN_CONTRAST, _MAX_SHARE_OFF = 0.85, 0.16, 0.4
# Pixels along the outline that are enough to know a stroke by.
_MIN_RING_PIXELS = 24


@dataclass(frozen=True)
class OutlineStroke:
    """A stroke along all of a layer's outline.

    Attributes:
        color: float32 (3,), straight sRGB.
        width: in pixels, inwards from the outline.
        depth: float32 (H, W), distance from the outside: 1 at the outermost pixels, 0 outside.
    """

    color: NDArray[np.float32]
    width: float
    depth: NDArray[np.float32]

    def inside(self) -> NDArray[np.bool_]:
        """Where the paint is clear of the stroke, bool (H, W)."""
        return np.asarray(self.depth >= self.width + 1.5)

    def lay_over(
        self, color: NDArray[np.float32], box: Box, steps: np.float32
    ) -> NDArray[np.float32]:
        """Colours float32 (h, w, 4) of a part of the layer's window, with the stroke on them.

        `steps` is how many of them there are from 0 to 1.
        """
        weight = np.clip(self.width + 1.0 - self.depth[box], 0.0, 1.0)[..., None]
        painted = color.copy()
        painted[..., :3] += weight * (self.color - color[..., :3])
        painted[..., :3] = np.rint(painted[..., :3] * steps) / steps
        return painted


def outline_stroke(
    pixels: NDArray[np.float32], mask: NDArray[np.bool_], core: NDArray[np.uint8]
) -> OutlineStroke | None:
    """The stroke around a layer, as its visible part shows it; None if it has none.

    Args:
        pixels: float32 (H, W, 4), the picture.
        mask: bool (H, W), the layer with its hidden part. Its outline is where the mask ends, so
            that what ends at a layer above is not taken for one.
        core: uint8 (H, W), 1 where the layer is seen clear of its edges.
    """
    depth = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    # The outermost pixels are blends: the first that are not are the second ones.
    ring = (core > 0) & (depth >= 1.5) & (depth < 2.5)
    colors = pixels[ring][:, :3]
    if len(colors) < _MIN_RING_PIXELS:
        return None
    color = np.median(colors, axis=0).astype(np.float32)
    if _is_same(colors, color).mean() < _MIN_STROKE_SHARE:
        return _thin_stroke(pixels, depth, core)
    seen = core > 0
    rows = np.rint(depth[seen]).astype(np.intp)
    colors = pixels[seen][:, :3]
    same = _is_same(colors, color)
    share = np.bincount(rows, same) / np.maximum(np.bincount(rows), 1)
    thin = np.flatnonzero(share[2:] < 0.5)
    if len(thin) == 0:
        return None
    end = int(thin[0]) + 2
    if end > min(_MAX_WIDTH_PX, _MAX_WIDTH_SHARE * len(share)):
        return None
    inner = same[rows > end + 1]
    if len(inner) == 0 or inner.mean() > _MAX_INNER_SHARE:
        return None
    beside = (rows > end + 1) & (rows <= end + _BESIDE_ROWS)
    if not beside.any():
        return None
    paint = np.median(colors[beside], axis=0)
    # Pixels between both are blends of them. The outermost row is the stroke's own.
    near = (rows >= 2) & (rows <= end + 1)
    toward = color - paint
    if np.abs(toward).max() <= _SAME_COLOR:
        return None
    part = (colors[near] - paint) @ toward / float(toward @ toward)
    count = np.maximum(np.bincount(rows[near]), 1)
    width = 1.0 + float((np.bincount(rows[near], np.clip(part, 0.0, 1.0)) / count).sum())
    return OutlineStroke(color, width, depth)


def _is_same(colors: NDArray[np.float32], color: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Whether colours (n, 3) are a stroke's, in each channel, bool (n,)."""
    # A channel at a time: NumPy's maximum over three is many times slower.
    same = np.ones(len(colors), np.bool_)
    for channel in range(3):
        same &= np.abs(colors[:, channel] - color[channel]) <= _SAME_COLOR
    return same


def _thin_stroke(
    pixels: NDArray[np.float32], depth: NDArray[np.float32], core: NDArray[np.uint8]
) -> OutlineStroke | None:
    """A stroke that has hardly a pixel free of blends; None if the layer has none.

    What is seen next to the outline lies between the paint beside it and one other colour, by
    shares that follow from the distance to the outline.
    """
    near, beside, inside = (
        (core & cv2.inRange(depth, first, last)).view(np.bool_)
        for first, last in (_THIN_DEPTHS, _THIN_BESIDE_DEPTHS, (_THIN_BESIDE_DEPTHS[0], np.inf))
    )
    if np.count_nonzero(near) < 2 * _MIN_RING_PIXELS or not beside.any():
        return None
    paint = np.median(pixels[beside][:, :3], axis=0)
    off = pixels[near][:, :3] - paint
    strength = np.abs(off).max(axis=1)
    toward = np.median(off[strength >= np.quantile(strength, _PUREST_QUANTILE)], axis=0)
    if np.abs(toward).max() <= _MIN_THIN_CONTRAST:
        return None
    share = off @ toward / float(toward @ toward)
    row = np.rint(depth[near]).astype(np.intp) - 2
    count = np.maximum(np.bincount(row), 1)
    width = 1.0 + float((np.bincount(row, np.clip(share, 0.0, 1.0)) / count).sum())
    told = np.clip(width + 1.0 - depth[near], 0.0, 1.0)
    same = _is_same(off - share[:, None] * toward, np.zeros(3))
    same &= np.abs(share - told) <= _MAX_SHARE_OFF
    inner = _is_same(pixels[inside][:, :3], paint + toward)
    if same.mean() < _MIN_STROKE_SHARE or inner.mean() > _MAX_INNER_SHARE:
        return None
    return OutlineStroke((paint + toward).astype(np.float32), width, depth)
