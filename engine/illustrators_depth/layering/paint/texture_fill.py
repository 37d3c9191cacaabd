"""Grain, hatching and halftone go on where a layer is hidden: blocks of what is seen of it.

A layer's paint is taken apart into colour, which varies slowly, and texture, which is what is left
of it. Hidden texture is copied block by block from the visible one (`quilting.py`) and added to the
colour that is hidden.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.cells import enlarged
from ...raster.tiling import Box, tiles_with
from .quilting import Quilt, exemplar_box

__all__ = ["Texture", "fill_texture", "is_textured", "smoothed_cells"]

# A texture evens out over squares of this side, an odd one; what varies more slowly is colour.
_COLOR_REACH_PX = 25
# Slopes are damped by this share of a full window's area: a few cells in a row have one, too.
_PLANE_DAMPING = 0.002
# Side of the cells, in pixels, in which it is measured how much a texture varies; a cell counts of
# which so much is known; so many cells are needed.
_CELL_PX, _MIN_CELL_SHARE, _MIN_CELLS = 16, 0.6, 8
# Tiles in which cells are looked at: their side, and how many of them are enough.
_SAMPLE_TILE_PX, _SAMPLE_TILES = 64, 24
# Even in its calmer cells a texture varies by this (sRGB, standard deviation), and not much more in
# its livelier ones: there are features that must not be repeated.
_MIN_DEVIATION, _MAX_DEVIATION_RATIO = 0.01, 2.5
# What differs from its surroundings by this many times as much as nearly all pixels do at most is a
# feature.
_FEATURE_RATIO, _FEATURE_QUANTILE = 2.0, 0.98
_DETAIL_TILE_PX = 192
# Sides of blocks in pixels, tried in turn where little is seen.
_BLOCK_SIDES_PX = (48, 32, 20, 12)
# Pixels over which neighbouring blocks pass into one another; fewer than are compared.
_BLEND_PX = 4
# Blocks of a layer at most: larger hidden parts take larger blocks.
_MAX_BLOCKS = 256
_LUMINANCE = np.array([[0.3, 0.5, 0.2, 0.0]], np.float32)

Cells = tuple[NDArray[np.float32], int]


@dataclass(frozen=True)
class Texture:
    """Hidden texture of a layer, as blocks of a piece of its visible one.

    Attributes:
        exemplar: float32 (e, e, 4), the piece without its slowly varying colour; ones in place of
            its alpha.
        sources: int32 (rows, columns, 2), each block's upper left corner in it; -1: nothing there.
        side: of a block, in pixels of the layer's window.
    """

    exemplar: NDArray[np.float32]
    sources: NDArray[np.int32]
    side: int

    def add_to(self, color: NDArray[np.float32], box: Box) -> None:
        """Add the texture to colours float32 (h, w, 4) of a part of the layer's window."""
        total = np.zeros((*color.shape[:2], 4), np.float32)
        margin = _BLEND_PX // 2
        reach = self.side + 2 * margin
        ramp = np.minimum(1.0, (np.arange(reach, dtype=np.float32) + 0.5) / _BLEND_PX)
        ramp = np.minimum(ramp, ramp[::-1])
        weights = np.repeat(np.multiply.outer(ramp, ramp)[..., None], 4, axis=2)
        rows, cols = (
            range(
                max(0, (side.start - margin) // self.side),
                min(count, -(-(side.stop + margin) // self.side)),
            )
            for side, count in zip(box, self.sources.shape, strict=False)
        )
        for row, col in itertools.product(rows, cols):
            source = self.sources[row, col]
            if source[0] < 0:
                continue
            # The block with its margin, in the tile; and what of it lies inside.
            top = row * self.side - margin - box[0].start
            left = col * self.side - margin - box[1].start
            down = slice(max(0, -top), min(reach, color.shape[0] - top))
            across = slice(max(0, -left), min(reach, color.shape[1] - left))
            if down.start >= down.stop or across.start >= across.stop:
                continue
            part = total[down.start + top : down.stop + top, across.start + left :]
            part = part[:, : across.stop - across.start]
            first = int(source[0]) - margin, int(source[1]) - margin
            piece = self.exemplar[first[0] :, first[1] :][down, across]
            cv2.accumulateProduct(piece, weights[down, across], part)
        # The fourth channel is the sum of weights; the texture changes no alpha.
        summed = np.maximum(cv2.extractChannel(total, 3), np.float32(1e-6))
        total = cv2.divide(total, cv2.merge([summed] * 4))
        cv2.insertChannel(np.zeros_like(summed), total, 3)
        color += total
        np.clip(color, 0.0, 1.0, out=color)


def is_textured(pixels: NDArray[np.float32], known: NDArray[np.uint8]) -> bool:
    """Whether a layer's paint varies everywhere by about as much, within a few pixels.

    Args:
        pixels: float32 (H, W, 4), the picture.
        known: uint8 (H, W), 1 where the layer is seen clear of its edges.
    """
    tiles = list(tiles_with(known, _SAMPLE_TILE_PX))
    window = (_COLOR_REACH_PX, _COLOR_REACH_PX)
    deviations = []
    for box in tiles[:: max(1, -(-len(tiles) // _SAMPLE_TILES))]:
        weights = known[box].astype(np.float32)
        detail = cv2.transform(pixels[box], _LUMINANCE) * weights
        mean = cv2.blur(detail, window) / np.maximum(cv2.blur(weights, window), 1e-6)
        detail -= mean * weights
        share = _cell_means(weights)
        square = _cell_means(detail * detail)[share >= _MIN_CELL_SHARE]
        deviations.append(np.sqrt(square / share[share >= _MIN_CELL_SHARE]))
    cells = np.concatenate(deviations) if deviations else np.zeros(0)
    if len(cells) < _MIN_CELLS:
        return False
    calm, lively = np.quantile(cells, (0.25, 0.75))
    return bool(calm >= _MIN_DEVIATION and lively <= _MAX_DEVIATION_RATIO * calm)


def _cell_means(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over whole cells; what is left over at the right and lower border is not counted."""
    rows, cols = (side // _CELL_PX for side in values.shape)
    if rows == 0 or cols == 0:
        return np.zeros((rows, cols), np.float32)
    part = values[: rows * _CELL_PX, : cols * _CELL_PX]
    return np.asarray(cv2.resize(part, (cols, rows), interpolation=cv2.INTER_AREA))


def smoothed_cells(
    mean: NDArray[np.float32], known: NDArray[np.float32], step: int
) -> NDArray[np.float32]:
    """A textured layer's colour without its texture, where it is known.

    Args:
        mean: float32 (h, w, 4), of cells.
        known: float32 (h, w), how far each of them is known.
        step: side of a cell in pixels.
    """
    # Twice a box is a weight that falls off to all sides.
    side = _COLOR_REACH_PX // (2 * step) | 1
    if side <= 1:
        return mean

    def local(values: NDArray[np.float32]) -> NDArray[np.float32]:
        once = cv2.blur(values, (side, side), borderType=cv2.BORDER_CONSTANT)
        return np.asarray(cv2.blur(once, (side, side), borderType=cv2.BORDER_CONSTANT))

    # A plane through what is known around each cell: means alone would be off at a layer's rim,
    # where all that is known lies on one side.
    y, x = (
        axis.astype(np.float32) - np.float32(length / 2)
        for axis, length in zip(np.indices(known.shape), known.shape, strict=True)
    )
    near = local(cv2.merge([known, known * x, known * y]))
    near /= np.maximum(near[..., :1], np.float32(1e-9))
    _, mean_x, mean_y = cv2.split(near)
    total = np.maximum(local(known), np.float32(1e-9))
    damping = np.float32(_PLANE_DAMPING * side * side)
    square_x = local(known * x * x) / total - mean_x * mean_x + damping
    square_y = local(known * y * y) / total - mean_y * mean_y + damping
    twist = local(known * x * y) / total - mean_x * mean_y
    determinant = square_x * square_y - twist * twist
    smooth = np.empty_like(mean)
    for channel, values in enumerate(cv2.split(mean)):
        middle = local(known * values) / total
        along_x = local(known * values * x) / total - middle * mean_x
        along_y = local(known * values * y) / total - middle * mean_y
        slope_x = (along_x * square_y - along_y * twist) / determinant
        slope_y = (along_y * square_x - along_x * twist) / determinant
        smooth[..., channel] = middle + slope_x * (x - mean_x) + slope_y * (y - mean_y)
    return np.where(known[..., None] > 0.0, np.clip(smooth, 0.0, 1.0), mean)


def fill_texture(
    pixels: NDArray[np.float32],
    known: NDArray[np.uint8],
    wanted: NDArray[np.uint8],
    color: Cells,
) -> Texture | None:
    """The texture of a layer where it is not seen.

    Args:
        pixels: float32 (H, W, 4), the picture in the layer's window.
        known: uint8 (H, W), 1 where the layer is seen clear of its edges.
        wanted: uint8 (H, W), 1 where an answer is wanted.
        color: slowly varying colour of cells, float32 (h, w, 4), everywhere, and their side.

    Returns:
        None where nothing is hidden or no piece of what is seen is large enough to copy from.
    """
    hidden = cv2.countNonZero((wanted > known).view(np.uint8))
    if hidden == 0:
        return None
    plain, common = _detail(pixels, known, color)
    least = math.isqrt(hidden // _MAX_BLOCKS)
    for smallest in _BLOCK_SIDES_PX:
        side = max(smallest, least)
        box = exemplar_box(plain, common, side)
        if box is not None:
            quilt = Quilt(plain, known, box, common[box], side)
            exemplar = pixels[box] - enlarged(*color, box)
            exemplar[..., 3] = 1.0
            return Texture(exemplar, quilt.sources(wanted), side)
    return None


def _detail(
    pixels: NDArray[np.float32], known: NDArray[np.uint8], color: Cells
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Luminance without slowly varying colour, float32 (H, W), 0 where nothing is known; and 1 in
    uint8 (H, W) where a known pixel is no feature that stands out from the texture."""
    tiles = list(tiles_with(known, _DETAIL_TILE_PX))
    samples = []
    for box in tiles[:: max(1, -(-len(tiles) // _SAMPLE_TILES))]:
        part = np.abs(pixels[box] - enlarged(*color, box))[::3, ::3, :3]
        samples.append(part[known[box][::3, ::3] > 0])
    limit = np.full(4, 2.0)
    differences = np.concatenate(samples)
    if len(differences):
        limit[:3] = _FEATURE_RATIO * np.quantile(differences, _FEATURE_QUANTILE, axis=0)
    plain, common = np.zeros(known.shape, np.float32), np.zeros(known.shape, np.uint8)
    for box in tiles:
        part = pixels[box] - enlarged(*color, box)
        plain[box] = cv2.transform(part, _LUMINANCE) * known[box]
        common[box] = cv2.inRange(part, -limit, limit) & known[box]
    return plain, common
