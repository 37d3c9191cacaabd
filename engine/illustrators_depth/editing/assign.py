"""Assigns pixels to another layer than the one that they are seen in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..raster.push_pull_fill import push_pull_fill
from ..types import Layer, LayerStack
from .restack import check_index, restack

__all__ = ["assign"]


def assign(stack: LayerStack, area: NDArray[np.bool_], index: int) -> LayerStack:
    """Let what is seen in an area belong to one layer; the picture stays as it is.

    Layers above it end where the area begins. Layers below it go on under it, in the colours that
    they have around; one of which nothing is left is taken out.

    Args:
        stack: the layers.
        area: bool (H, W).
        index: the layer that gets the pixels; a shown one.

    Raises:
        InputError: the area is of another size, or no other layer is seen in it.
    """
    index = check_index(stack, index)
    target = stack.layers[index]
    if area.shape != stack.labels.shape or area.dtype != np.bool_:
        raise InputError(
            f"The area must be one of {stack.width}x{stack.height} pixels, as the layers are."
        )
    if target.hidden:
        raise InputError(f"The layer {target.name!r} is hidden; show it to give it pixels.")
    moved = area & (stack.labels >= 0) & (stack.labels != index)
    if not moved.any():
        raise InputError(f"No layer but {target.name!r} is seen in the area; draw somewhere else.")
    layers = []
    for place, layer in enumerate(stack.layers):
        if place == index:
            layers.append(_extended_by(stack, moved, index))
        elif place > index:
            layers.append(_cut_by(layer, moved))
        else:
            layers.append(_continued_under(layer, moved))
    remaining = [
        changed
        for layer, changed in zip(stack.layers, layers, strict=True)
        if changed.mask_crop.any() or not layer.mask_crop.any()
    ]
    event = {"op": "assign", "layer": index, "pixels": int(np.count_nonzero(moved))}
    return restack(stack, remaining, event)


def _extended_by(stack: LayerStack, moved: NDArray[np.bool_], index: int) -> Layer:
    """The layer with the moved pixels, as they are in the layers that show them."""
    target = stack.layers[index]
    rows, cols = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    top, left, bottom, right = target.window
    top, left = min(top, int(rows[0])), min(left, int(cols[0]))
    bottom, right = max(bottom, int(rows[-1]) + 1), max(right, int(cols[-1]) + 1)
    box = slice(top, bottom), slice(left, right)
    rgba, mask, visible = target.rgba[box].copy(), target.mask[box], target.visible[box]
    for place, layer in enumerate(stack.layers):
        y, x = np.nonzero(moved[layer.box] & (stack.labels[layer.box] == place))
        to = y + layer.window[0] - top, x + layer.window[1] - left
        rgba[to] = layer.rgba_crop[y, x]
    return _with_mean_color(
        replace(
            target,
            window=(top, left, bottom, right),
            rgba_crop=rgba,
            mask_crop=mask | moved[box],
            visible_crop=visible | moved[box],
        )
    )


def _cut_by(layer: Layer, moved: NDArray[np.bool_]) -> Layer:
    """A layer above: it covers nothing of the area any more."""
    hole = moved[layer.box]
    if not (hole & (layer.rgba_crop[..., 3] > 0.0)).any():
        return layer
    rgba = layer.rgba_crop.copy()
    rgba[hole, 3] = 0.0
    cut = replace(
        layer,
        rgba_crop=rgba,
        mask_crop=layer.mask_crop & ~hole,
        visible_crop=layer.visible_crop & ~hole,
    )
    return _with_mean_color(cut)


def _continued_under(layer: Layer, moved: NDArray[np.bool_]) -> Layer:
    """A layer below: where it was seen in the area it goes on in the colours around."""
    hidden = moved[layer.box] & layer.visible_crop
    if not hidden.any():
        return layer
    rest = layer.visible_crop & ~hidden
    if not rest.any():
        empty = np.zeros_like(layer.mask_crop)
        return replace(layer, mask_crop=empty, visible_crop=empty)
    rgba = layer.rgba_crop.copy()
    colors = push_pull_fill(layer.rgba_crop[..., :3], rest.astype(np.float32))
    rgba[hidden, :3] = colors[hidden]
    return _with_mean_color(replace(layer, rgba_crop=rgba, visible_crop=rest))


def _with_mean_color(layer: Layer) -> Layer:
    """The layer with the mean colour of what is seen of it."""
    if not layer.visible_crop.any():
        return layer
    mean = layer.rgba_crop[layer.visible_crop][:, :3].mean(axis=0, dtype=np.float64)
    return replace(layer, color=(float(mean[0]), float(mean[1]), float(mean[2])))
