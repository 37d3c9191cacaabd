"""Layers back into one picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import check_kind
from ..layering.compositing.composite import lay_over, straight
from ..raster.tiling import strips
from ..types import Image, LayerStack

__all__ = ["flatten", "flatten_rows"]


def flatten(stack: LayerStack) -> Image:
    """The shown layers composited bottom to top by their blend modes, at the stack's size.

    Without edits this is the picture the stack came from, to within its anti-aliased edges.
    """
    check_kind(stack, LayerStack, "stack")
    rgba = np.empty((stack.height, stack.width, 4), np.float32)
    for rows in strips(stack.height, stack.width):
        rgba[rows] = flatten_rows(stack, rows)
    return Image(rgba, stack.name, "layers")


def flatten_rows(stack: LayerStack, rows: slice) -> NDArray[np.float32]:
    """Some rows of `flatten`, float32 (h, W, 4), straight alpha."""
    canvas = np.zeros((rows.stop - rows.start, stack.width, 4), np.float32)
    for _, layer in stack.shown():
        lay_over(canvas, layer, rows.start)
    return straight(canvas)
