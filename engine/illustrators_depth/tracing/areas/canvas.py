"""The drawing so far as pixels, and how far the next area covers it to show what the layers show.

Every area is traced against what its predecessors really drew: what one of them got wrong, the next
one that is seen there makes up for (the "compositing equation", Porter and Duff 1984, solved for
alpha).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...layering.compositing.composite import lay_over
from ...raster.tiling import nonzero_places
from ...types import LayerStack
from ..paints.paint import Flat, Paint

__all__ = ["Canvas"]

Float = NDArray[np.float32]
Box = tuple[slice, slice]
Places = tuple[NDArray[np.intp], ...]

# Two colours nearer than this (premultiplied RGBA, L2) tell nothing about coverage.
_MIN_CONTRAST = 0.06
# A pixel this far from a paint is a blend of it if less of the paint misses by so much less.
_BLEND_DISTANCE, _BLEND_ERROR_SHARE = 0.1, 0.4


class Canvas:
    """What the shown layers look like, and what has been drawn of it.

    Attributes:
        picture: float32 (H, W, 4), the layers flattened, premultiplied.
        drawn: float32 (H, W, 4), premultiplied, the areas laid so far.
    """

    def __init__(self, stack: LayerStack) -> None:
        shape = (*stack.labels.shape, 4)
        self.picture: Float = np.zeros(shape, np.float32)
        for _, layer in stack.shown():
            lay_over(self.picture, layer)
        self.drawn: Float = np.zeros(shape, np.float32)

    def coverage(
        self, paint: Paint, opacity: float, box: Box, places: Places, otherwise: Float
    ) -> Float:
        """How far a paint covers pixels for the picture to be what one sees there.

        Args:
            paint, opacity: of the area.
            box: a window of the picture.
            places: rows and columns in the window, n of each.
            otherwise: float32 (n,), the answer where paint and drawing are of one colour.

        Returns:
            float32 (n,), 0..1, in units of the opacity.
        """
        below = _at(self.drawn, box, places)
        step = _solid(paint, box, places) - below
        contrast = np.einsum("ij,ij->i", step, step)
        along = np.einsum("ij,ij->i", _at(self.picture, box, places) - below, step)
        share = along / np.maximum(contrast, 1e-9) / max(opacity, 1e-3)
        known = contrast > _MIN_CONTRAST**2
        return np.where(known, np.clip(share, 0.0, 1.0), otherwise).astype(np.float32)

    def is_blend(self, paint: Paint, box: Box, places: Places) -> NDArray[np.bool_]:
        """Pixels that are no pure paint, but explained by less of it, bool (n,)."""
        solid = _solid(paint, box, places)
        miss = _at(self.picture, box, places) - solid
        far = np.einsum("ij,ij->i", miss, miss)
        chosen = far > _BLEND_DISTANCE**2
        if chosen.any():
            at = tuple(index[chosen] for index in places)
            pure = np.ones(len(at[0]), np.float32)
            share = self.coverage(paint, 1.0, box, at, pure)[:, None]
            step = _at(self.drawn, box, at) - solid[chosen]
            rest = miss[chosen] - step * (1.0 - share)
            chosen[chosen] = np.einsum("ij,ij->i", rest, rest) < _BLEND_ERROR_SHARE**2 * far[chosen]
        return chosen

    def contrast(self, paint: Paint, box: Box, places: Places) -> Float:
        """How unlike the drawing so far a paint is, float32 (n,), L2 of premultiplied RGBA."""
        return np.linalg.norm(_solid(paint, box, places) - _at(self.drawn, box, places), axis=1)

    def errors(self, box: Box, own: NDArray[np.bool_]) -> Float:
        """How far the drawing so far is off at chosen pixels of a window, float32 (h, w).

        Squared L2 of premultiplied RGBA; 0 elsewhere.
        """
        places = nonzero_places(own)
        off = _at(self.picture, box, places) - _at(self.drawn, box, places)
        square = np.zeros(own.shape, np.float32)
        square[places] = np.einsum("ij,ij->i", off, off)
        return square

    def lay(self, paint: Paint, opacity: float, box: Box, covered: Float) -> None:
        """Lay an area over the drawing, in place: `covered` float32 (h, w) is its coverage."""
        part = self.drawn[box]
        whole = covered * np.float32(opacity) >= 1.0
        if isinstance(paint, Flat):
            part[whole] = (*paint.color, 1.0)
        else:
            at = nonzero_places(whole)
            part[at] = _solid(paint, box, at)
        at = nonzero_places((covered > 0.0) & ~whole)
        share = (covered[at] * np.float32(opacity))[:, None]
        part[at] = _solid(paint, box, at) * share + part[at] * (1.0 - share)


def _at(plane: Float, box: Box, places: Places) -> Float:
    """Pixels (n, 4) at places in a window: by flat indices, in a fraction of the time."""
    rows, cols = places
    flat = (rows + box[0].start) * plane.shape[1] + (cols + box[1].start)
    return plane.reshape(-1, 4).take(flat, axis=0)


def _solid(paint: Paint, box: Box, places: Places) -> Float:
    rows, cols = places
    if isinstance(paint, Flat):
        return np.broadcast_to(np.array((*paint.color, 1.0), np.float32), (len(rows), 4))
    color = paint.at(cols + (box[1].start + 0.5), rows + (box[0].start + 0.5))
    return np.concatenate([color, np.ones((len(color), 1), np.float32)], axis=1)
