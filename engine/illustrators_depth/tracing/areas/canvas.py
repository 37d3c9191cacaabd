"""The drawing so far as pixels, and how far the next area must cover it to look like the layers.

Areas are traced from the bottom up, each against what those before it really drew: where one of
them is wrong, the next one that is visible there corrects it (the "compositing equation", Porter
and Duff 1984, solved for alpha).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...layering.compositing.composite import lay_over
from ...raster.tiling import nonzero_places, strips
from ...types import LayerStack
from ..paints.paint import Flat, Paint

__all__ = ["Canvas", "solid_pixels"]

Float = NDArray[np.float32]
Box = tuple[slice, slice]
"""Rows and columns of a window of the picture."""
Places = tuple[NDArray[np.intp], ...]
"""Rows and columns of n pixels, counted within a window."""

# Two colours nearer than this (premultiplied RGBA, L2) tell nothing about coverage.
_MIN_CONTRAST = 0.06
# A pixel is a blend if it is at least this far from the paint (premultiplied RGBA, L2), and some
# coverage of less than one brings the paint to within this share of that distance.
_BLEND_DISTANCE, _BLEND_ERROR_SHARE = 0.1, 0.4
# Keep divisions by an opacity or a contrast of 0 finite.
_MIN_OPACITY, _MIN_SQUARE = 1e-3, 1e-9


class Canvas:
    """What the shown layers look like, and what has been drawn of it.

    Attributes:
        picture: float32 (H, W, 4), the shown layers flattened, sRGB and alpha, premultiplied.
        drawn: the same of the areas laid so far.
    """

    def __init__(self, stack: LayerStack) -> None:
        shape = (*stack.labels.shape, 4)
        self.picture: Float = np.zeros(shape, np.float32)
        for rows in strips(*stack.labels.shape):
            for _, layer in stack.shown():
                lay_over(self.picture[rows], layer, rows.start)
        self.drawn: Float = np.zeros(shape, np.float32)

    def coverage(
        self, paint: Paint, opacity: float, box: Box, places: Places, otherwise: Float
    ) -> Float:
        """How far an area must cover pixels for the drawing to look like the picture there.

        Args:
            paint: of the area.
            opacity: of the area, 0..1.
            box: a window of the picture.
            places: n pixels of the window.
            otherwise: float32 (n,), the answer where paint and drawing are of one colour.

        Returns:
            float32 (n,), 0..1: what the opacity is to be multiplied by.
        """
        below = _pixels(self.drawn, box, places)
        step = solid_pixels(paint, box, places) - below
        contrast = np.einsum("ij,ij->i", step, step)
        along = np.einsum("ij,ij->i", _pixels(self.picture, box, places) - below, step)
        share = along / np.maximum(contrast, _MIN_SQUARE) / max(opacity, _MIN_OPACITY)
        known = contrast > _MIN_CONTRAST**2
        return np.where(known, np.clip(share, 0.0, 1.0), otherwise).astype(np.float32)

    def is_blend(self, paint: Paint, box: Box, places: Places) -> NDArray[np.bool_]:
        """Whether each pixel is a blend of the paint with what has been drawn, bool (n,).

        Pixels of the pure paint are none.
        """
        solid = solid_pixels(paint, box, places)
        miss = _pixels(self.picture, box, places) - solid
        square = np.einsum("ij,ij->i", miss, miss)
        blend = square > _BLEND_DISTANCE**2
        if blend.any():
            impure = tuple(index[blend] for index in places)
            pure = np.ones(len(impure[0]), np.float32)
            share = self.coverage(paint, 1.0, box, impure, pure)[:, None]
            step = _pixels(self.drawn, box, impure) - solid[blend]
            rest = miss[blend] - step * (1.0 - share)
            limit = _BLEND_ERROR_SHARE**2 * square[blend]
            blend[blend] = np.einsum("ij,ij->i", rest, rest) < limit
        return blend

    def contrast(self, paint: Paint, box: Box, places: Places) -> Float:
        """How unlike the drawing so far a paint is, float32 (n,), L2 of premultiplied RGBA."""
        below = _pixels(self.drawn, box, places)
        difference = solid_pixels(paint, box, places) - below
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", difference, difference)))

    def errors(self, box: Box, chosen: NDArray[np.bool_]) -> Float:
        """How far the drawing so far is off at chosen pixels, bool (h, w), of a window.

        Returns float32 (h, w), squared L2 of premultiplied RGBA; 0 elsewhere.
        """
        square = np.zeros(chosen.shape, np.float32)
        for rows in strips(*chosen.shape):
            places = nonzero_places(chosen[rows])
            strip = slice(box[0].start + rows.start, box[0].start + rows.stop), box[1]
            difference = _pixels(self.picture, strip, places) - _pixels(self.drawn, strip, places)
            square[rows][places] = np.einsum("ij,ij->i", difference, difference)
        return square

    def lay(self, paint: Paint, opacity: float, box: Box, covered: Float) -> None:
        """Lay an area over the drawing, in place.

        `covered`, float32 (h, w), 0..1, is its coverage before the opacity, 0..1.
        """
        for rows in strips(*covered.shape):
            first, last = box[0].start + rows.start, box[0].start + rows.stop
            self._lay(paint, opacity, (slice(first, last), box[1]), covered[rows])

    def _lay(self, paint: Paint, opacity: float, box: Box, covered: Float) -> None:
        part = self.drawn[box]
        whole = covered * np.float32(opacity) >= 1.0
        if isinstance(paint, Flat):
            part[whole] = (*paint.color, 1.0)
        else:
            opaque = nonzero_places(whole)
            part[opaque] = solid_pixels(paint, box, opaque)
        mixed = nonzero_places((covered > 0.0) & ~whole)
        share = (covered[mixed] * np.float32(opacity))[:, None]
        part[mixed] = solid_pixels(paint, box, mixed) * share + part[mixed] * (1.0 - share)


def _pixels(image: Float, box: Box, places: Places) -> Float:
    """Pixels (n, 4) at places in a window: by flat indices, which is several times faster."""
    rows, cols = places
    flat = (rows + box[0].start) * image.shape[1] + (cols + box[1].start)
    return image.reshape(-1, 4).take(flat, axis=0)


def solid_pixels(paint: Paint, box: Box, places: Places) -> Float:
    """What an area of full coverage and opacity looks like at places, float32 (n, 4)."""
    rows, cols = places
    if isinstance(paint, Flat):
        return np.broadcast_to(np.array((*paint.color, 1.0), np.float32), (len(rows), 4))
    color = paint.at(cols + (box[1].start + 0.5), rows + (box[0].start + 0.5))
    return np.concatenate([color, np.ones((len(color), 1), np.float32)], axis=1)
