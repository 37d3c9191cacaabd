"""Assign to Layer: a brush stroke or a lasso over the picture moves what it holds to one layer."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from .layers import check_unlocked, edit, index_of

__all__ = ["assign", "brush_area", "lasso_area"]

# Fixed-point bits of OpenCV's drawing: places between pixels.
_SHIFT = 4

# From the left and from the bottom of the picture, 0..1.
Point = tuple[float, float]


def assign(
    scene: bpy.types.Scene, image: bpy.types.Image, uid: int, points: Sequence[Point], brush: float
) -> LayerStack:
    """Move what is seen in an area to a layer; locked layers keep theirs.

    Args:
        scene: whose builds follow.
        image: the picture.
        uid: the layer.
        points: of a stroke, or around an area.
        brush: diameter of the stroke in pixels of the picture; 0 for the area inside.
    """
    check_unlocked(image, [uid])
    locked = {int(item.uid) for item in addon_data(image).layers if item.locked}

    def change(stack: LayerStack) -> LayerStack:
        frame = (stack.height, stack.width)
        area = brush_area(frame, points, brush) if brush > 0.0 else lasso_area(frame, points)
        for index, layer in enumerate(stack.layers):
            if layer.uid in locked:
                area &= stack.labels != index
        return editing.assign(stack, area, index_of(stack, uid))

    return edit(scene, image, change)


def brush_area(
    frame: tuple[int, int], points: Sequence[Point], diameter: float
) -> NDArray[np.bool_]:
    """Pixels of a frame (H, W) under a round brush, bool (H, W)."""
    area = np.zeros(frame, np.uint8)
    pixels = _to_pixels(frame, points, 1)
    radius = max(1, round(diameter / 2.0 * (1 << _SHIFT)))
    cv2.polylines(area, [pixels], False, 255, max(1, round(diameter)), cv2.LINE_8, _SHIFT)
    for x, y in pixels:  # round ends and joints, also where a stroke is one point
        cv2.circle(area, (int(x), int(y)), radius, 255, -1, cv2.LINE_8, _SHIFT)
    return area > 0


def lasso_area(frame: tuple[int, int], points: Sequence[Point]) -> NDArray[np.bool_]:
    """Pixels of a frame (H, W) inside a closed line, bool (H, W)."""
    area = np.zeros(frame, np.uint8)
    cv2.fillPoly(area, [_to_pixels(frame, points, 3)], 255, cv2.LINE_8, _SHIFT)
    return area > 0


def _to_pixels(
    frame: tuple[int, int], points: Sequence[Point], min_points: int
) -> NDArray[np.int32]:
    """Points as pixels in fixed point, int32 (N, 2); OpenCV has pixel centers at whole numbers."""
    if len(points) < min_points:
        raise InputError("The stroke is too short; draw over the pixels that the layer shall have.")
    positions = np.array(points, np.float64)
    positions[:, 1] = 1.0 - positions[:, 1]
    pixels = positions * (frame[1], frame[0]) - 0.5
    fixed_point: NDArray[np.int32] = np.rint(pixels * (1 << _SHIFT)).astype(np.int32)
    return fixed_point
