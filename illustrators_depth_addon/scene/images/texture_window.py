"""Where a layer's texture lies in the picture, and UV coordinates inside it.

UV maps of layers span the layer's own texture rather than the whole picture: a texture that a
Mapping node brings into place is seen in renders alone, while Solid view, Workbench and exporters
go by the UV map.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.types import Layer

__all__ = ["TextureWindow", "crop_window", "uv_in_window"]

# (left, bottom, right, top) of a texture inside the picture, as fractions with v up.
TextureWindow = tuple[float, float, float, float]


def crop_window(layer: Layer) -> TextureWindow:
    """Where the layer's crop lies in the picture."""
    height, width = layer.frame
    top, left, bottom, right = layer.window
    return left / width, 1.0 - bottom / height, right / width, 1.0 - top / height


def uv_in_window(uv: NDArray[np.floating], window: TextureWindow) -> NDArray[np.float32]:
    """UV of the picture, (V, 2), as UV of a texture that shows `window` of it, float32 (V, 2)."""
    left, bottom, right, top = window
    low, size = np.array([left, bottom]), np.array([right - left, top - bottom])
    inside: NDArray[np.float32] = ((uv - low) / size).astype(np.float32)
    return inside
