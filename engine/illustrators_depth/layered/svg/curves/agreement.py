"""Checks the outlines of shapes against what the renderer drew; misread ones are dropped."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import manifold3d
import numpy as np
from numpy.typing import NDArray

from ....outlines.drawn_outline import mask_sum
from ....types import Outline
from .layer_outline import PaintedArea

__all__ = ["checked_outline"]

_SHIFT = 4  # bits behind the point that OpenCV draws polygons with
_SQUARE = np.ones((3, 3), np.uint8)
MAX_OFFSET_PX = 0.1
"""By how much a whole outline may lie off, told by the area that it encloses. It is above what
resvg's own coverage is off."""
MAX_MASK_OFFSET_PX = 0.25
"""The same told by the pixels of the mask, which count whole or not at all."""
_TOLERANCE_PX2 = 1.5
_MIN_PAINTED_ALPHA = 1.5 / 255.0
_MAX_MISMATCH_SHARE = 0.03  # of the outline's pixels
_MIN_OPACITY_SHARE = 0.5  # of the largest opacity: what is fainter is no part of a layer's mask


def checked_outline(
    areas: Sequence[PaintedArea],
    rgba: NDArray[np.float32],
    mask: NDArray[np.bool_],
    window: tuple[int, int, int, int],
    frame: tuple[int, int],
) -> Outline | None:
    """The outline of a layer, or None where its pixels say that it was misread.

    Args:
        areas: what the layer's shapes cover, in pixels of the frame, y down; bottom to top.
        rgba: float32 (h, w, 4), as the layer was drawn in its window.
        mask: bool (h, w), of the layer.
    """
    max_opacity = max((painted.opacity for painted in areas), default=0.0)
    opaque = [
        painted.area for painted in areas if painted.opacity >= _MIN_OPACITY_SHARE * max_opacity
    ]
    if not opaque:
        return None
    whole = opaque[0]
    for area in opaque[1:]:
        whole = whole + area
    if not _agrees(whole, rgba[..., 3], mask, window):
        return None
    shapes = tuple(
        tuple(np.asarray(ring, np.float32) for ring in area.to_polygons() if len(ring) > 2)
        for area in opaque
    )
    return Outline(tuple(rings for rings in shapes if rings), mask_sum(mask, window, frame))


def _agrees(
    whole: manifold3d.CrossSection,
    alpha: NDArray[np.float32],
    mask: NDArray[np.bool_],
    window: tuple[int, int, int, int],
) -> bool:
    rings = [ring for ring in whole.to_polygons() if len(ring) > 2]
    if not rings:
        return False
    inside = np.zeros(mask.shape, np.uint8)
    # Places of OpenCV are those of pixels' centres.
    corner = np.array([window[1] + 0.5, window[0] + 0.5])
    grid = [np.rint((ring - corner) * (1 << _SHIFT)).astype(np.int32) for ring in rings]
    cv2.fillPoly(inside, grid, 1, cv2.LINE_8, _SHIFT)
    pixels = mask.view(np.uint8)
    perimeter = sum(
        float(np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1).sum()) for ring in rings
    )
    painted = (alpha > _MIN_PAINTED_ALPHA).view(np.uint8)
    # Each without its outermost pixels, which hold hairs that the other may well lack.
    strange = (_without_border(inside) > painted) | (_without_border(pixels) > inside)
    if np.count_nonzero(strange) > _MAX_MISMATCH_SHARE * perimeter:
        return False
    # Of one opacity throughout, coverage adds up to the area; else the mask's pixels have to do.
    covered = float(alpha.sum(dtype=np.float64)) / max(float(alpha.max()), 1e-6)
    area = whole.area()
    return (
        abs(area - covered) <= MAX_OFFSET_PX * perimeter + _TOLERANCE_PX2
        or abs(area - float(pixels.sum())) <= MAX_MASK_OFFSET_PX * perimeter + _TOLERANCE_PX2
    )


def _without_border(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.erode(pixels, _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0.0), np.uint8
    )
