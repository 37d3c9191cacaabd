"""Pixels that the user has moved from one layer to another, moved again in new layers."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer, LayerStack

__all__ = ["assigned_areas", "reassign"]


def assigned_areas(
    base_layers: dict[int, Layer], edited_layers: dict[int, Layer], grown: Collection[int]
) -> dict[int, NDArray[np.bool_]]:
    """What layers got from others, bool (H, W) by uid; `grown` grew in other ways, as by merging.

    `base_layers` and `edited_layers` are the layers by uid, before and after the edits.
    """
    areas = {}
    for uid, layer in edited_layers.items():
        if uid in base_layers and uid not in grown:
            gained = layer.mask & ~base_layers[uid].mask
            if gained.any():
                areas[uid] = gained
    return areas


def reassign(
    stack: LayerStack, areas: dict[int, NDArray[np.bool_]], names: dict[int, str]
) -> tuple[LayerStack, list[str]]:
    """Assign areas to layers again; also returns the names of layers that are not there any more.

    `names` are those of all layers that have areas, by uid.
    """
    lost = []
    for uid, area in areas.items():
        index = next((i for i, layer in enumerate(stack.layers) if layer.uid == uid), None)
        if index is None:
            lost.append(names[uid])
            continue
        try:
            stack = editing.assign(stack, area, index)
        except InputError:  # the layer has these pixels already, or the picture has another size
            continue
    return stack, lost
