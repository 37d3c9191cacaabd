"""What a layer looks like: the picture where it is seen, running on smoothly where it is not."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..strips import tiles_with
from .cells import enlarged, working_step
from .pyramid_fill import pyramid_fill

__all__ = ["complete_pixels"]

# Pixels at a layer's rim hold a blend with its neighbour: they count, but hardly.
_RIM_WEIGHT = 1e-3
# Blends reach this many pixels into a layer.
_RIM = 1
# A layer varies less than this (sRGB standard deviation): its colour continues as one flat colour.
_FLAT = 0.02
# A layer that covers by this much over half of its area is paint, and solid where it is hidden.
_PAINT = 0.9
# Invented colour needs no more than 12 bits, and files of it pack far smaller.
_LEVELS = np.float32(4095.0)
# Side of a tile in pixels, about.
_TILE = 256


def complete_pixels(
    pixels: NDArray[np.float32],
    visible: NDArray[np.bool_],
    wanted: NDArray[np.uint8],
    opaque: bool,
    sampled: int = 1,
) -> NDArray[np.float32]:
    """The layer's own colour and transparency, running on smoothly where it is not seen.

    Args:
        pixels: float32 (H, W, 4), the picture (or a window of it that holds the whole layer).
        visible: bool (H, W), where the layer is seen; at least one pixel.
        wanted: uint8 (H, W), 1 where an answer is wanted, at least where the layer is seen.
        opaque: no pixel lets anything through.
        sampled: a flat colour is taken from every so manieth row and column.

    Returns:
        float32 (H, W, 4): the picture where the layer is seen clear of its edges, zeros where
        nothing is wanted. The alpha is the picture's where the layer is seen; elsewhere 1 for
        paint, and for a shadow or a glaze (half of it lets more than a tenth through) what its
        surroundings say.
    """
    core = _core(visible)
    known = core if core.any() else visible.view(np.uint8)
    _, spread = cv2.meanStdDev(pixels, mask=known)
    flat = _typical(pixels, known, sampled) if float(spread[:3].max()) < _FLAT else None
    glaze = not opaque and float(np.median(pixels[..., 3][visible])) < _PAINT
    # Memory that is never written to is never taken: most of a large window is not.
    made = np.zeros(pixels.shape, np.float32)
    whole = made.view(np.complex128)[..., 0]  # a pixel as one number: written much faster
    if flat is not None and not glaze:
        np.copyto(whole, np.append(flat, np.float32(1.0)).view(np.complex128), where=wanted > 0)
    else:
        coarse, step = _reduced(pixels, visible, core)
        for box in tiles_with(wanted, _TILE):
            part = enlarged(coarse, step, box) * _LEVELS
            np.divide(np.rint(part, out=part), _LEVELS, out=part)
            if flat is not None:
                part[..., :3] = flat
            if not glaze:
                part[..., 3] = 1.0
            np.copyto(whole[box], part.view(np.complex128)[..., 0], where=wanted[box] > 0)
    cv2.copyTo(pixels, core, made)
    if not opaque:
        rim = np.nonzero(visible & (core == 0))
        made[(*rim, 3)] = pixels[(*rim, 3)]
    return made


def _reduced(
    pixels: NDArray[np.float32], visible: NDArray[np.bool_], core: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], int]:
    """Filled colour and alpha of cells, float32 (h, w, 4), and the side of a cell in pixels.

    Nothing invented is as sharp as the picture, so that large windows are worked on reduced.
    """
    height, width = visible.shape
    step = working_step(height, width)
    if step == 1:
        return pyramid_fill(pixels, _weights(visible, core)), 1
    size = (-(-height // step), -(-width // step))
    mean, known = np.zeros((*size, 4), np.float32), np.zeros(size, np.float32)
    for box in tiles_with(visible.view(np.uint8), step * max(1, _TILE // step)):
        weights = _weights(visible[box], core[box])
        weighted = cv2.multiply(pixels[box], cv2.merge([weights] * 4))
        cells = tuple(slice(side.start // step, -(-side.stop // step)) for side in box)
        mean[cells], known[cells] = _area_mean(weighted, step), _area_mean(weights, step)
    mean /= np.maximum(known, 1e-9)[..., None]
    # One well-known pixel is enough to know the mean of its cell.
    known[known > 0.5 / (step * step)] = 1.0
    return pyramid_fill(mean, known), step


def _area_mean(values: NDArray[np.float32], step: int) -> NDArray[np.float32]:
    """Means over cells; beyond the right and lower border all is zero."""
    down, right = -values.shape[0] % step, -values.shape[1] % step
    if down or right:
        values = cv2.copyMakeBorder(values, 0, down, 0, right, cv2.BORDER_CONSTANT, value=0.0)
    size = (values.shape[1] // step, values.shape[0] // step)
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA))


def _typical(
    pixels: NDArray[np.float32], chosen: NDArray[np.uint8], step: int
) -> NDArray[np.float32]:
    """Median colour (3,) of the chosen pixels in every `step`th row and column, or of all."""
    some = chosen[::step, ::step] > 0
    if not some.any():
        step, some = 1, chosen > 0
    return np.asarray(np.median(pixels[::step, ::step][some][:, :3], axis=0), np.float32)


def _core(visible: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 for pixels clear of the layer's rim; the picture's border is no rim."""
    square = np.ones((3, 3), np.uint8)
    return np.asarray(
        cv2.erode(visible.view(np.uint8), square, iterations=_RIM, borderValue=1), np.uint8
    )


def _weights(visible: NDArray[np.bool_], core: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel is known: rim pixels count only where there is nothing else.

    A thin stroke has no core; there its rim is all that is known, and it counts by itself.
    """
    known = core.astype(np.float32)
    known[visible & (core == 0)] = _RIM_WEIGHT
    return known
