"""One solid with a step per layer, from level lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..nouns import LayerStack, Mesh
from ..outlines.level_lines import level_lines
from ..settings import ReliefSettings
from .assemble import Piece, assemble
from .terraces import LineNetwork, terrace_surface

__all__ = ["seen_levels", "terraced_solid"]


def terraced_solid(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """One printable solid: a base, and a step of `thickness_mm` for every layer above the lowest.

    Step k covers every pixel whose shown layer is k or higher, so steps nest, nothing overhangs,
    and the total height is base + (layers - 1) x thickness.
    """
    levels, count = seen_levels(stack), len(stack.shown())
    heights = [settings.base_mm + k * settings.thickness_mm for k in range(count)]
    lines = level_lines(levels, settings.smoothing, settings.simplify)
    if not lines:
        return assemble(stack, settings, [])
    vertices, faces = terrace_surface(LineNetwork(lines), heights)
    return assemble(stack, settings, [Piece("relief", -1, (0.8, 0.8, 0.8), vertices, faces)])


def seen_levels(stack: LayerStack) -> NDArray[np.int32]:
    """Level of the top shown layer at every pixel, counted from 0 over shown layers; -1 = none."""
    shown = stack.shown()
    if len(shown) == len(stack):
        return stack.labels
    # Hidden layers reveal what continues below them.
    levels = np.full(stack.labels.shape, -1, np.int32)
    for level, (_, layer) in enumerate(shown):
        levels[layer.box][layer.mask_crop] = level
    return levels
