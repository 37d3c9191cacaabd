"""How much a layer covers: paint covers fully, a shadow or a glaze lets something through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.raster.fast_median import median
from illustrators_depth.types import Layer

__all__ = ["layer_opacity", "paint_opacity"]

# Paint is thinner than this at its anti-aliased edges alone; less over most of an area is a shadow
# or a glaze.
_MIN_PAINT_ALPHA = 0.9


def layer_opacity(layer: Layer) -> float:
    """Opacity of what is visible of a layer, else of all of it; 1.0 for paint."""
    mask = layer.visible_crop if layer.visible_crop.any() else layer.mask_crop
    return paint_opacity(layer.rgba_crop[..., 3][mask])


def paint_opacity(alpha: NDArray[np.float32]) -> float:
    """The median of alpha values (N,), 0..1; 1.0 where that is paint with anti-aliased edges."""
    opacity = float(median(alpha))
    return 1.0 if opacity >= _MIN_PAINT_ALPHA else opacity
