"""Paths of a layer whose file drew it with curves: its shapes, in the colours that it has now."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outlines.drawn_outline import drawn_shapes
from ..types import Layer
from .curves.follow_rings import follow_rings
from .curves.path_data import path_data
from .paints.paint import Flat, Paint

__all__ = ["DrawnPath", "drawn_paths", "even_points"]

Float = NDArray[np.float64]

# Binary digits after the point in which OpenCV takes the corners of polygons.
_FRACTION_BITS = 4
_SQUARE = np.ones((3, 3), np.uint8)
# A shape with fewer pixels away from its edge is too thin to tell its colour.
_MIN_CORE_PIXELS = 4
# A shape of flat colour varies by no more (sRGB, 90 % of its pixels), and is at least this opaque.
_MAX_COLOR_RANGE, _MIN_ALPHA = 0.02, 0.99
# Drawn outlines are finer than pixels, in which corners are looked for: they are followed as if so
# many times as large.
_FOLLOW_ZOOM = 4.0


@dataclass(frozen=True, eq=False)
class DrawnPath:
    """A shape in one paint.

    Attributes:
        rings: float64 (n, 2), in pixels of the frame, y down; filled by the even-odd rule.
    """

    rings: tuple[Float, ...]
    paint: Paint
    opacity: float

    def data(self, tolerance: float, corner_angle: float, decimals: int) -> str:
        """Its outline as path data, in cubics that stray from it by `tolerance` pixels at most."""
        even = [even_points(ring * _FOLLOW_ZOOM) for ring in self.rings]
        curves = follow_rings(even, tolerance * _FOLLOW_ZOOM, corner_angle)
        return path_data([curve / _FOLLOW_ZOOM for curve in curves], decimals, tolerance)


def drawn_paths(layer: Layer, paint: Paint | None, opacity: float) -> list[DrawnPath] | None:
    """A layer as the shapes that its file drew, bottom to top.

    None where it has none, or where more than flat colours of full opacity are laid over one
    another: that is traced.

    Args:
        layer: of a stack.
        paint: the one paint that the layer was found to have, with its `opacity`; None for several.
    """
    shapes = drawn_shapes(layer)
    if shapes is None:
        return None
    rings = [tuple(np.asarray(ring, np.float64) for ring in shape) for shape in shapes]
    if paint is not None and len(rings) == 1:
        return [DrawnPath(rings[0], paint, opacity)]
    return _painted(layer, rings)


def _painted(layer: Layer, shapes: list[tuple[Float, ...]]) -> list[DrawnPath] | None:
    """Shapes in the colours of the pixels where they are on top within their layer."""
    top = np.full(layer.mask_crop.shape, -1, np.int32)
    corner = np.array([layer.window[1] + 0.5, layer.window[0] + 0.5])
    for number, rings in enumerate(shapes):
        inside = np.zeros(top.shape, np.uint8)
        grid = [np.rint((r - corner) * (1 << _FRACTION_BITS)).astype(np.int32) for r in rings]
        cv2.fillPoly(inside, grid, 1, cv2.LINE_8, _FRACTION_BITS)
        top[inside > 0] = number
    paths = []
    for number, rings in enumerate(shapes):
        own = (top == number).astype(np.uint8)
        if not own.any():
            continue  # wholly under others of its layer
        core = cv2.erode(own, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0.0) > 0
        if np.count_nonzero(core) < _MIN_CORE_PIXELS:
            return None  # too thin to tell its colour
        pixels = layer.rgba_crop[core]
        low, high = np.percentile(pixels, (5.0, 95.0), axis=0)
        if (high - low).max() > _MAX_COLOR_RANGE or low[3] < _MIN_ALPHA:
            return None
        red, green, blue = (float(c) for c in np.median(pixels[:, :3], axis=0))
        paths.append(DrawnPath(rings, Flat((red, green, blue)), 1.0))
    return paths


def even_points(ring: Float, step: float = 1.0) -> Float:
    """A closed ring with points put in, so that none is farther than `step` from the next."""
    away = np.roll(ring, -1, axis=0) - ring
    count = np.maximum(1, np.ceil(np.linalg.norm(away, axis=1) / step)).astype(np.int64)
    index = np.repeat(np.arange(len(ring)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    share = (np.arange(len(index)) - first) / count[index]
    return np.asarray(ring[index] + share[:, None] * away[index])
