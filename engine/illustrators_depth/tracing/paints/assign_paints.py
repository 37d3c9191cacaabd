"""Which paints the regions of a layer have: as few as show what is there."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.nearest import spread_known
from .paint import Flat, Paint, fit_paint

__all__ = ["WORTH", "nearest_region", "share_paints"]

# What a further path must take off the picture's mean squared error (sRGB) to be worth it.
WORTH = 1e-5
# Areas of flat colours nearer than this (sRGB, L2) share a path.
_SAME_COLOR_DISTANCE = 0.03
_MAX_SAMPLES = 16384
_SQUARE = np.ones((3, 3), np.uint8)

Pixels = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]


def nearest_region(
    regions: NDArray[np.int32], visible: NDArray[np.bool_], mask: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """Region of every pixel of a layer: its own where it is seen, else that of the nearest seen."""
    known = visible & (regions >= 0)
    if not known.any():
        return np.where(mask, 0, -1).astype(np.int32)
    return np.where(mask, spread_known(regions, known), -1).astype(np.int32)


def share_paints(
    at: Callable[[NDArray[np.intp]], Pixels],
    regions: NDArray[np.int32],
    visible: NDArray[np.bool_],
    picture_pixels: int,
    gradients: bool,
    max_paints: int,
) -> tuple[list[Paint], NDArray[np.int32]]:
    """Give every region a paint of its own, or one that others have and that shows it as well.

    Args:
        at: x, y and colours of pixels, by their flat indices in the window.
        regions: int32 (h, w), -1 outside the layer.
        visible: bool (h, w), where the layer is seen.
        picture_pixels: of the whole picture.
        gradients: whether paints may be gradients.
        max_paints: at most so many.

    Returns:
        the paints, largest region first, and int32 (h, w), which of them each pixel has.
    """
    seen = np.flatnonzero(visible & (regions >= 0))
    own = regions.ravel()[seen]
    order = np.argsort(own, kind="stable")
    seen, own = seen[order], own[order]
    numbers, begin, sizes = np.unique(own, return_index=True, return_counts=True)
    core = _core(np.where(visible, regions, -1)).ravel()
    paints: list[Paint] = []
    table = np.full(int(regions.max()) + 2, 0, np.int32)
    table[-1] = -1
    for i in np.argsort(-sizes, kind="stable"):
        pixels = seen[begin[i] : begin[i] + sizes[i]]
        inner = pixels[core[pixels]]
        pixels = inner if len(inner) else pixels
        sample = at(pixels[:: max(1, len(pixels) // _MAX_SAMPLES)])
        paint, rest = fit_paint(*sample, gradients)
        max_error = rest * rest + WORTH * picture_pixels / float(sizes[i])
        table[numbers[i]] = place = _match(paint, sample, paints, max_error, max_paints)
        if place == len(paints):
            paints.append(paint)
    return paints, table[regions]


def _core(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels all of whose neighbours are of the same region."""
    values = labels.astype(np.float32)
    return (cv2.dilate(values, _SQUARE) == values) & (cv2.erode(values, _SQUARE) == values)


def _match(
    paint: Paint, sample: Pixels, paints: list[Paint], max_error: float, max_paints: int
) -> int:
    """Index of the paint to use: one that does as well, a new one, or with too many the nearest."""
    if not paints:
        return 0
    if isinstance(paint, Flat):
        for number, other in enumerate(paints):
            if isinstance(other, Flat) and _distance(paint, other) < _SAME_COLOR_DISTANCE:
                return number
    step = max(1, len(sample[0]) // 512)
    x, y, color = (values[::step] for values in sample)
    errors = [float(((other.at(x, y) - color) ** 2).mean()) for other in paints]
    best = int(np.argmin(errors))
    return best if errors[best] <= max_error or len(paints) >= max_paints else len(paints)


def _distance(one: Flat, other: Flat) -> float:
    return float(np.linalg.norm(np.subtract(one.color, other.color)))
