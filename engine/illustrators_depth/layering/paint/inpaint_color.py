"""What a layer looks like: the picture where it is seen, running on smoothly where it is not."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.cells import area_mean, enlarged
from ...raster.fast_median import median
from ...raster.push_pull_fill import push_pull_fill
from ...raster.tiling import Box, nonzero_places, tiles_with
from ..compositing.quantize import EIGHT_BITS, in_eight_bits
from ..edges.outline_stroke import OutlineStroke, outline_stroke
from .gradient_fit import fitted_gradient
from .texture_fill import Texture, fill_texture, is_textured, smoothed_cells

__all__ = ["color_steps", "complete_pixels"]

# Pixels at a layer's rim are blended with its neighbour: they count so much less.
_EDGE_WEIGHT = 1e-3
# Blends reach this many pixels into a layer.
_BLEND_REACH_PX = 1
# A layer that varies less than this (sRGB standard deviation) continues as one flat colour.
_FLAT_DEVIATION = 0.02
# A layer of at least this median alpha is paint, and opaque where it is hidden; others are glazes.
_MIN_PAINT_ALPHA = 0.9
# Invented colour needs no more than 12 bits, and files with it are far smaller.
_TWELVE_BIT_STEPS = np.float32(4095.0)
# Longest side at which colour is worked out where it is not seen, and how many of the pixels seen
# are enough to know a flat colour by.
_WORKING_SIDE_PX, _SAMPLE_PIXELS = 256, 1 << 14
# Side of the tiles that are worked on in turn, so that each stays in the processor's cache.
_TILE_PX = 128


def complete_pixels(
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    wanted: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    alpha: NDArray[np.float32],
    opaque: bool,
    eight_bit: bool = False,
) -> NDArray[np.float32]:
    """The layer's own colour and transparency, running on smoothly where it is not seen.

    Args:
        pixels: float32 (H, W, 4), the picture (or a window of it that holds the whole layer).
        visible: bool (H, W), where the layer is seen; at least one pixel.
        wanted: uint8 (H, W), 1 where an answer is wanted, at least where the layer is seen.
        mask: bool (H, W), the layer with its hidden part.
        alpha: float32 (H, W), how far the layer covers; 0 where nothing is wanted. Lowered to what
            the layer itself lets through.
        opaque: no pixel lets anything through.
        eight_bit: give colour in 8 bits, as `pixels` and `alpha` are.

    Returns:
        float32 (H, W, 4): the picture where the layer is seen clear of its edges, zeros where
        nothing is wanted. No alpha is above the picture's where the layer is seen, nor elsewhere,
        in a shadow or a glaze (half of it lets more than a tenth through), above what its
        surroundings say.
    """
    core = _core(visible)
    steps = color_steps(eight_bit)
    glaze = not opaque and median(pixels[..., 3][visible]) < _MIN_PAINT_ALPHA
    invented = _invented_paint(pixels, visible, core, wanted, mask, glaze, eight_bit)
    # Memory that is never written to is never taken: most of a large window is not.
    made = np.zeros(pixels.shape, np.float32)
    # One tile after the other, each while the processor's cache holds it.
    for box in tiles_with(wanted, _TILE_PX):
        there, asked, seen = made[box], wanted[box], core[box]
        unseen = (asked > seen).view(np.uint8) if seen.any() else asked
        if unseen.any():
            color = invented.tile(box)
            if asked.all():
                # A pixel as one number: written much faster.
                there.view(np.complex128)[:] = color.view(np.complex128)
            else:
                cv2.copyTo(color, unseen, there)
            cv2.copyTo(pixels[box], seen, there)
        else:
            there[:] = pixels[box]
        if not opaque:
            rim = nonzero_places(visible[box] & (seen == 0))
            there[(*rim, 3)] = pixels[box][(*rim, 3)]
            np.minimum(alpha[box], there[..., 3], out=alpha[box])
        cv2.insertChannel(alpha[box], there, 3)
    if invented.varies:
        _color_edges(made, pixels, visible, core, steps)
    return made


def _invented_paint(
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    core: NDArray[np.uint8],
    wanted: NDArray[np.uint8],
    mask: NDArray[np.bool_],
    glaze: bool,
    eight_bit: bool,
) -> _InventedPaint:
    """What the layer's hidden part is painted with; arguments as of `complete_pixels`."""
    flat = _flat_color(pixels, core if core.any() else visible.view(np.uint8))
    stroke = None
    if flat is None and np.count_nonzero(mask) > np.count_nonzero(visible):
        stroke = outline_stroke(pixels, mask, core)
    if stroke is not None:
        # The stroke is laid over paint that knows nothing of its colour.
        inside = stroke.inside()
        visible, core = visible & inside, core & inside.view(np.uint8)
        flat = _flat_color(pixels, core)
    if flat is not None and eight_bit:
        flat = in_eight_bits(flat)
    textured = flat is None and is_textured(pixels, core)
    reduced = None if flat is not None and not glaze else _reduced(pixels, visible, core, textured)
    texture = fill_texture(pixels, core, wanted, reduced) if textured and reduced else None
    return _InventedPaint(flat, reduced, texture, stroke, color_steps(eight_bit), glaze)


def _color_edges(
    rgba: NDArray[np.float32],
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    core: NDArray[np.uint8],
    steps: np.float32,
) -> None:
    """Give visible pixels at the edge the mean colour of core pixels beside them, in place."""
    edge = nonzero_places(visible & (core == 0))
    near, has_neighbour = _nearby(pixels, core, edge)
    np.divide(np.rint(near * steps), steps, out=near)
    rows, cols = edge[0][has_neighbour], edge[1][has_neighbour]
    rgba[rows, cols, :3] = near[has_neighbour]


class _InventedPaint:
    """Colour and alpha of a layer where it is not seen.

    Args:
        flat: float32 (3,), its one colour; None if it varies.
        reduced: colour and alpha of cells, and the side of a cell; None if nothing varies.
        texture: what its colour varies by within a few pixels; None if it does not.
        stroke: what runs along its outline over that; None if nothing does.
        steps: colours are kept in so many.
        glaze: its alpha varies with what is seen of it; else it is solid.
    """

    def __init__(
        self,
        flat: NDArray[np.float32] | None,
        reduced: tuple[NDArray[np.float32], int] | None,
        texture: Texture | None,
        stroke: OutlineStroke | None,
        steps: np.float32,
        glaze: bool,
    ) -> None:
        self._flat, self._reduced, self._texture, self._stroke = flat, reduced, texture, stroke
        self._steps, self._glaze = steps, glaze
        self._solid = np.ones((_TILE_PX, _TILE_PX, 4), np.float32)
        if flat is not None:
            self._solid[..., :3] = flat

    @property
    def varies(self) -> bool:
        """Whether the layer has more than one colour."""
        return self._flat is None or self._stroke is not None

    def tile(self, box: Box) -> NDArray[np.float32]:
        """Pixels of a part of the layer's window, float32 (h, w, 4), not to be changed."""
        color = self._without_stroke(box)
        if self._stroke is None:
            return color
        return self._stroke.lay_over(color, box, self._steps)

    def _without_stroke(self, box: Box) -> NDArray[np.float32]:
        if self._reduced is None:
            height, width = (side.stop - side.start for side in box)
            return self._solid[:height, :width]
        color = np.ascontiguousarray(enlarged(*self._reduced, box))
        if self._texture is not None:
            self._texture.add_to(color, box)
        color *= self._steps
        np.divide(np.rint(color, out=color), self._steps, out=color)
        if self._flat is not None:
            color[..., :3] = self._flat
        if not self._glaze:
            color[..., 3] = 1.0
        return color


def _nearby(
    pixels: NDArray[np.float32], core: NDArray[np.uint8], places: tuple[NDArray[np.intp], ...]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Mean colour (n, 3) of the core's pixels beside each place, and whether it has any, (n,)."""
    height, width = core.shape
    total = np.zeros((len(places[0]), 4), np.float32)
    count = np.zeros(len(places[0]), np.float32)
    whole = pixels.view(np.complex128)[..., 0]  # a pixel as one number: gathered much faster
    for down in (-1, 0, 1):
        row = np.clip(places[0] + down, 0, height - 1)
        for across in (-1, 0, 1):
            col = np.clip(places[1] + across, 0, width - 1)
            weight = core[row, col].astype(np.float32)
            total += whole[row, col].view(np.float32).reshape(-1, 4) * weight[:, None]
            count += weight
    return total[:, :3] / np.maximum(count, 1.0)[:, None], count > 0.0


def _flat_color(
    pixels: NDArray[np.float32], known: NDArray[np.uint8]
) -> NDArray[np.float32] | None:
    """The colour (3,) that all of the known pixels have, but for grain; None if there is none.

    Of very many pixels only those on evenly spaced rows and columns are looked at.
    """
    step = max(1, math.isqrt(cv2.countNonZero(known) // _SAMPLE_PIXELS))
    some = known[::step, ::step] > 0
    if not some.any():
        step, some = 1, known > 0
    colors = np.ascontiguousarray(pixels[::step, ::step][some][:, :3])
    _, spread = cv2.meanStdDev(colors[:, None])
    if float(spread.max()) >= _FLAT_DEVIATION:
        return None
    return np.array([median(channel) for channel in colors.T.copy()], np.float32)


def color_steps(eight_bit: bool) -> np.float32:
    """How many steps the colours of a layer have from 0 to 1, where they are not the picture's."""
    return EIGHT_BITS if eight_bit else _TWELVE_BIT_STEPS


def _reduced(
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    core: NDArray[np.uint8],
    textured: bool,
) -> tuple[NDArray[np.float32], int]:
    """Filled colour and alpha of cells, float32 (h, w, 4), and the side of a cell in pixels.

    But for a texture, which is left out, nothing invented is as sharp as the picture, so that large
    windows are worked on reduced.
    """
    height, width = visible.shape
    step = -(-max(height, width) // _WORKING_SIDE_PX)
    if step == 1:
        known = _weights(visible, core)
        return _filled(smoothed_cells(pixels, known, 1) if textured else pixels, known), 1
    size = (-(-height // step), -(-width // step))
    mean, known = np.zeros((*size, 4), np.float32), np.zeros(size, np.float32)
    for box in tiles_with(visible.view(np.uint8), step * max(1, _TILE_PX // step)):
        cells = tuple(slice(side.start // step, -(-side.stop // step)) for side in box)
        if core[box].all() and not any(side % step for side in core[box].shape):
            mean[cells], known[cells] = area_mean(pixels[box], step), 1.0
            continue
        weights = _weights(visible[box], core[box])
        weighted = cv2.multiply(pixels[box], cv2.merge([weights] * 4))
        mean[cells], known[cells] = area_mean(weighted, step), area_mean(weights, step)
    mean /= cv2.merge([np.maximum(known, np.float32(1e-9))] * 4)
    # One core pixel is enough to tell the mean of its cell.
    known[known > 0.5 / (step * step)] = 1.0
    if textured:
        mean = smoothed_cells(mean, known, step)
    return _filled(mean, known), step


def _filled(values: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colour and alpha continued: along the gradient that they follow, if any, else smoothly."""
    gradient = fitted_gradient(values[..., :3], weights >= 1.0)
    if gradient is None:
        return push_pull_fill(values, weights)
    # With a channel for alpha, too: arithmetic on arrays of one shape is several times faster.
    slope = cv2.merge([*cv2.split(gradient), np.zeros_like(weights)])
    filled = push_pull_fill(values - slope, weights)
    filled += slope
    return np.clip(filled, 0.0, 1.0, out=filled)


def _core(visible: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 for pixels clear of the layer's edge, uint8 (h, w); the picture's border is no edge."""
    square = np.ones((3, 3), np.uint8)
    return np.asarray(
        cv2.erode(visible.view(np.uint8), square, iterations=_BLEND_REACH_PX, borderValue=1),
        np.uint8,
    )


def _weights(visible: NDArray[np.bool_], core: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel counts: rim pixels hardly, where there are core pixels.

    A thin stroke has no core: there the rim pixels are all that count.
    """
    known = core.astype(np.float32)
    known[visible & (core == 0)] = _EDGE_WEIGHT
    return known
