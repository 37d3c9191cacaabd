"""Layers laid over one another (Porter and Duff 1984, "over")."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import nonzero_places
from ...types import Layer
from .blend import blended

__all__ = ["SortedPixels", "lay_over", "sort_by_coverage", "straight"]


@dataclass(frozen=True)
class SortedPixels:
    """A layer's pixels sorted by how far they cover, for compositing; see `sort_by_coverage`.

    Attributes:
        solid: bool (h, w), where the layer covers fully.
        rim: row and column numbers of the n pixels that it covers in part.
        rim_pixels: float32 (n, 4), the layer at the rim, premultiplied.
    """

    solid: NDArray[np.bool_]
    rim: tuple[NDArray[np.intp], ...]
    rim_pixels: NDArray[np.float32]


def sort_by_coverage(rgba: NDArray[np.float32]) -> SortedPixels:
    """Prepare straight-alpha pixels, float32 (h, w, 4), for compositing."""
    alpha = cv2.extractChannel(rgba, 3)
    solid = alpha >= 1.0
    rim = nonzero_places((alpha > 0.0) & ~solid)
    rim_alpha = rgba[(*rim, 3)][:, None]
    rim_pixels = np.concatenate([rgba[rim][:, :3] * rim_alpha, rim_alpha], axis=1)
    return SortedPixels(solid, rim, rim_pixels)


def lay_over(canvas: NDArray[np.float32], layer: Layer, top: int = 0) -> None:
    """Composite a layer over a premultiplied float32 (h, W, 4) canvas, in place.

    The canvas holds rows of the layer's frame, from row `top` on. The layer is blended, by its own
    mode, with all that is on the canvas already.
    """
    begin, left, end, right = layer.window
    first, last = max(begin, top), min(end, top + canvas.shape[0])
    if first >= last:
        return
    part = canvas[first - top : last - top, left:right]
    rgba = blended(part, layer.rgba_rows(slice(first - begin, last - begin)), layer.blend)
    flat = sort_by_coverage(rgba)
    # Most pixels are solid and only copied; arithmetic is left for the few at the rim.
    if flat.solid.all():
        part[:] = rgba
        return
    cv2.copyTo(rgba, flat.solid.view(np.uint8), part)
    part[flat.rim] = flat.rim_pixels + part[flat.rim] * (1.0 - flat.rim_pixels[:, 3:])


def straight(premultiplied: NDArray[np.float32]) -> NDArray[np.float32]:
    """Premultiplied to straight alpha, float32 (H, W, 4), 0..1; clear pixels are black."""
    alpha = np.ascontiguousarray(premultiplied[..., 3])
    rgba: NDArray[np.float32] = np.clip(premultiplied, 0.0, 1.0).astype(np.float32, copy=False)
    rgba[alpha <= 0.0, :3] = 0.0
    # Where a pixel is opaque, both are the same: only partly covered ones are divided.
    rim = nonzero_places((alpha > 0.0) & (alpha != 1.0))
    colors = premultiplied[rim][:, :3] / np.maximum(alpha[rim], 1e-6)[:, None]
    rgba[(*rim, slice(0, 3))] = np.clip(colors, 0.0, 1.0)
    return rgba
