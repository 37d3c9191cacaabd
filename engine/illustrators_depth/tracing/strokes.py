"""Thin strokes: all rim, so their pixels say how much is covered rather than what the paint is.

A pixel of a stroke is a blend of the paint with what lies beside it. The pixels that differ most
from their surroundings are the least blended: they tell the paint. The others then tell how far
each is covered ("compositing equation", Porter and Duff 1984, solved for alpha).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .paint import Flat, Gradient, Paint, fit_paint

__all__ = ["stroke_field", "stroke_paint"]

# Least blended: at least this share of the greatest difference so many pixels around.
_PURE, _AROUND = 0.85, 5
# Less difference than this (sRGB, L2) from the surroundings tells nothing.
_CONTRAST = 0.06
# Coverage hardly varies along a stroke whose purest pixels one paint explains so well (sRGB, RMS).
_EXPLAINED = 0.04
# Else the paint is that of the purest pixels: this share of them.
_PUREST = 0.3
# Pixels covered less than this are none of the stroke's.
_LEAST = 0.12
# Nearest to a fully covered pixel, coverage is the field; away from any, the field whose 0.5 level
# encloses that much area.
_SOLID, _HAIR = 0.9, 0.6
_SQUARE = np.ones((3, 3), np.uint8)


def stroke_paint(
    seen: NDArray[np.float32],
    visible: NDArray[np.bool_],
    corner: tuple[int, int],
    gradients: bool,
) -> tuple[Paint, NDArray[np.float32]] | None:
    """The paint of a stroke, and how far it covers each pixel.

    Args:
        seen: float32 (h, w, 3), the picture in a window around the stroke.
        visible: bool (h, w), the stroke's pixels.
        corner: left and top of the window in the picture.
        gradients: whether the paint may be a gradient.

    Returns:
        the paint, and float32 (h, w) coverage 0..1, 0 where the stroke is not seen; None where
        nothing beside it is seen, or it is of the same colour.
    """
    beside = cv2.dilate(visible.astype(np.uint8), _SQUARE)
    if beside.all():
        return None
    _, nearest = cv2.distanceTransformWithLabels(
        beside, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(nearest.max()) + 1, 3), np.float32)
    free = beside == 0
    table[nearest[free]] = seen[free]
    rows, cols = np.nonzero(visible)
    around = table[nearest[rows, cols]]
    off = seen[rows, cols] - around
    size = np.zeros(visible.shape, np.float32)
    size[rows, cols] = np.linalg.norm(off, axis=1)
    greatest = cv2.dilate(size, np.ones((_AROUND, _AROUND), np.uint8))[rows, cols]
    own = size[rows, cols]
    pure = np.flatnonzero((own >= _PURE * greatest) & (own > _CONTRAST))
    if len(pure) == 0:
        return None
    x, y = cols[pure] + (corner[0] + 0.5), rows[pure] + (corner[1] + 0.5)
    color = seen[rows[pure], cols[pure]]
    paint, rest = fit_paint(x, y, color, gradients)
    if rest > (_EXPLAINED if isinstance(paint, Gradient) else 0.5 * _EXPLAINED):
        least = np.quantile(own[pure], 1.0 - _PUREST)
        middle = np.median(color[own[pure] >= least], axis=0)
        paint = Flat((float(middle[0]), float(middle[1]), float(middle[2])))
    step = paint.at(cols + (corner[0] + 0.5), rows + (corner[1] + 0.5)) - around
    contrast = np.einsum("ij,ij->i", step, step)
    along = np.einsum("ij,ij->i", off, step)
    share = np.where(contrast > _CONTRAST**2, along / np.maximum(contrast, 1e-9), 1.0)
    coverage = np.zeros(visible.shape, np.float32)
    coverage[rows, cols] = np.clip(share, 0.0, 1.0)
    return paint, coverage


def stroke_field(coverage: NDArray[np.float32]) -> NDArray[np.float32]:
    """A field whose 0.5 level encloses as much as is covered, float32 (h, w).

    Between the centre of a hairline's pixel (value f) and the clear ones beside it, a linear field
    crosses 0.5 so that the line is 2 - 1 / f wide; f = 1 / (2 - coverage) makes that the coverage.
    """
    hair = 1.0 / (2.0 - coverage)
    greatest = cv2.dilate(coverage, _SQUARE)
    solid = np.clip((greatest - _HAIR) / (_SOLID - _HAIR), 0.0, 1.0)
    field = solid * coverage + (1.0 - solid) * hair
    return np.where(coverage >= _LEAST, field, coverage).astype(np.float32)
