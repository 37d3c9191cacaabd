"""Bakes blend modes that a stack cannot keep into the colours of their layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..layering.compositing.blend import blended
from ..layering.compositing.composite import lay_over
from ..types import BLEND_MODES, Layer

__all__ = ["bake_blend_modes"]

Group = tuple[str, ...]


def bake_blend_modes(
    layers: Sequence[Layer], modes: Sequence[tuple[str, Group]], frame: tuple[int, int]
) -> tuple[list[Layer], list[str]]:
    """Layers whose own blend mode, with those below, gives what their file's mode gives.

    A mode that stacks do not have, and any in a group that is a picture of its own, becomes
    "normal": the layer is coloured as it looks over what is below it there.

    Args:
        layers: bottom to top. frame: (H, W).
        modes: of each layer, one of `blend.ALL_MODES`, and the innermost group that is a picture
            of its own; no names for the page.

    Returns:
        The layers, and sentences on those in groups.
    """
    homes = {home for mode, home in modes if _is_baked(mode, home)}
    canvases = {home: np.zeros((*frame, 4), np.float32) for home in homes}
    result, sentences = [], []
    for layer, (mode, home) in zip(layers, modes, strict=True):
        if _is_baked(mode, home):
            below: NDArray[np.float32] = canvases[home][layer.box]
            if home and mode in BLEND_MODES:
                sentences.append(f"{layer.name!r} ({mode}) is kept as it looks inside its group.")
            rgba = blended(below, layer.rgba_crop, mode)
            layer = replace(layer, rgba_crop=rgba, blend="normal")
        for group, canvas in canvases.items():
            if not layer.hidden and home[: len(group)] == group:
                lay_over(canvas, layer)
        result.append(layer)
    return result, sentences


def _is_baked(mode: str, home: Group) -> bool:
    return mode not in BLEND_MODES or (bool(home) and mode != "normal")
