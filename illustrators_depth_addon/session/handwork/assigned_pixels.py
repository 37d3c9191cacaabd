"""Pixels that the user has moved from one layer to another, found again in layers made anew."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer, LayerStack

__all__ = ["assign_again", "assigned_areas"]


def assigned_areas(
    was: dict[int, Layer], now: dict[int, Layer], others: Collection[int]
) -> dict[int, NDArray[np.bool_]]:
    """What layers got from others, bool (H, W) by uid; `others` grew in other ways, as by merging.

    `was` and `now` are the layers by uid, before and after the edits.
    """
    areas = {}
    for uid, layer in now.items():
        if uid in was and uid not in others:
            gained = layer.mask & ~was[uid].mask
            if gained.any():
                areas[uid] = gained
    return areas


def assign_again(
    stack: LayerStack, areas: dict[int, NDArray[np.bool_]], names: dict[int, str]
) -> tuple[LayerStack, list[str]]:
    """Give layers their areas once more; also the names of those that are not there to take them.

    `names` are those of all layers that have areas, by uid.
    """
    lost = []
    for uid, area in areas.items():
        place = next((i for i, layer in enumerate(stack.layers) if layer.uid == uid), None)
        if place is None:
            lost.append(names[uid])
            continue
        try:
            stack = editing.assign(stack, area, place)
        except InputError:  # the layer has these pixels already, or the picture has another size
            continue
    return stack, lost
