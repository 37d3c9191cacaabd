"""Layers back into one picture."""

from __future__ import annotations

import numpy as np

from ..errors import check_kind
from ..layering.compositing.composite import lay_over, straight
from ..types import Image, LayerStack

__all__ = ["flatten"]


def flatten(stack: LayerStack) -> Image:
    """The shown layers composited bottom to top by their blend modes, at the stack's size.

    Without edits this is the picture the stack came from, to within its anti-aliased edges.
    """
    check_kind(stack, LayerStack, "stack")
    canvas = np.zeros((stack.height, stack.width, 4), np.float32)
    for _, layer in stack.shown():
        lay_over(canvas, layer)
    return Image(straight(canvas), stack.name, "layers")
