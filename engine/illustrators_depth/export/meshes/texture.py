"""Textures for meshes: a layer's own picture without transparent fringes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ...types import Image, Layer
from ..layers.layer_images import to_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["image_texture", "layer_texture", "window_uv"]

_SOLID_ALPHA = 0.999
_EDGE_PX = 16.0  # pixels; farther out a plain colour does, and compresses to nothing


def image_texture(image: Image) -> NDArray[np.uint8]:
    """The whole picture as opaque sRGB bytes (H, W, 3), clear parts filled from their edges."""
    return _spread_outwards(image.rgba)


def layer_texture(layer: Layer) -> NDArray[np.uint8]:
    """The layer's own picture inside its window, opaque sRGB bytes (h, w, 3).

    Colour is carried some pixels outwards from the solid ones, beyond them their mean goes on: a
    mesh's smooth outline may lie half a pixel outside them, and its walls take their colour there.
    """
    return _spread_outwards(layer.rgba_crop)


def _spread_outwards(rgba: NDArray[np.float32]) -> NDArray[np.uint8]:
    color = to_bytes(rgba)[..., :3]
    solid = rgba[..., 3] >= _SOLID_ALPHA
    if not solid.any():
        solid = rgba[..., 3] >= rgba[..., 3].max() * _SOLID_ALPHA
    if solid.all():
        return np.ascontiguousarray(color)
    # Labels of the nearest solid (zero) pixel for every pixel.
    distance, nearest = cv2.distanceTransformWithLabels(
        (~solid).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    palette = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    palette[nearest[solid]] = color[solid]
    filled = np.empty_like(color)
    filled[:] = np.rint(color[solid].mean(axis=0)).astype(np.uint8)
    filled[solid] = color[solid]
    edge = ~solid & (distance <= _EDGE_PX)
    filled[edge] = palette[nearest[edge]]
    return filled


def window_uv(uv: NDArray[np.float32], layer: Layer) -> NDArray[np.float32]:
    """Picture coordinates (0..1, v up) to coordinates inside the layer's window, float32."""
    height, width = layer.frame
    top, left, bottom, right = layer.window
    u = (uv[:, 0] * width - left) / (right - left)
    v = (uv[:, 1] * height - (height - bottom)) / (bottom - top)
    return np.stack([u, v], axis=1).astype(np.float32)
