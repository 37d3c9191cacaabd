"""A layer's name, colour and whether it is shown, and taking it out for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import InputError
from ..types import Layer, LayerStack
from .restack import check_index, check_name, restack

__all__ = ["delete", "group", "hide", "recolor", "rename", "show"]


def hide(stack: LayerStack, indices: int | Sequence[int], hidden: bool = True) -> LayerStack:
    """Leave layers out of everything downstream; the layers below them are revealed.

    Undone by `show`.
    """
    op = "hide" if hidden else "show"
    targets = [check_index(stack, i) for i in _as_indices(indices)]
    layers = [
        replace(layer, hidden=hidden) if i in targets else layer
        for i, layer in enumerate(stack.layers)
    ]
    which = {"layer": targets[0]} if len(targets) == 1 else {"layers": sorted(set(targets))}
    return restack(stack, layers, {"op": op, **which})


def show(stack: LayerStack, indices: int | Sequence[int]) -> LayerStack:
    """Undo `hide`."""
    return hide(stack, indices, hidden=False)


def rename(stack: LayerStack, index: int, name: str) -> LayerStack:
    """Give a layer another name; InputError for empty names, slashes and control characters."""
    check_index(stack, index)
    layer = replace(stack.layers[index], name=check_name(name))
    return _replace_layer(stack, index, layer, {"op": "rename", "layer": index, "name": name})


def group(stack: LayerStack, indices: int | Sequence[int], names: Sequence[str]) -> LayerStack:
    """Put layers into a group, or out of all groups; their order stays.

    Args:
        stack: the layers.
        indices: which.
        names: of the groups, the outermost first, as in `Layer.group`; empty for none.

    Raises InputError for names that no layer may have.
    """
    path = tuple(check_name(name) for name in names)
    targets = sorted({check_index(stack, i) for i in _as_indices(indices)})
    layers = [replace(x, group=path) if i in targets else x for i, x in enumerate(stack.layers)]
    return restack(stack, layers, {"op": "group", "layers": targets, "group": list(path)})


def recolor(stack: LayerStack, index: int, color: tuple[float, float, float]) -> LayerStack:
    """Give a layer another mean colour; its shading stays.

    Args:
        stack: the layers.
        index: which.
        color: sRGB 0..1. A flat layer takes exactly this colour.
    """
    check_index(stack, index)
    try:
        target = np.asarray(color, np.float64)
    except (TypeError, ValueError):
        target = np.full(0, np.nan)
    if (
        target.shape != (3,)
        or not np.isfinite(target).all()
        or not ((target >= 0) & (target <= 1)).all()
    ):
        raise InputError(f"A colour is three numbers between 0 and 1, not {color!r}.")
    layer = stack.layers[index]
    solid = layer.mask_crop if layer.mask_crop.any() else np.ones_like(layer.mask_crop)
    mean = layer.rgba_crop[solid][:, :3].mean(axis=0, dtype=np.float64)
    rgba = layer.rgba_crop.copy()
    rgba[..., :3] = np.clip(rgba[..., :3] + (target - mean).astype(np.float32), 0.0, 1.0)
    exact = (float(target[0]), float(target[1]), float(target[2]))
    layer = replace(layer, rgba_crop=rgba, color=exact)
    return _replace_layer(
        stack, index, layer, {"op": "recolor", "layer": index, "color": list(exact)}
    )


def delete(stack: LayerStack, indices: int | Sequence[int]) -> LayerStack:
    """Take layers out; what continues under them is revealed.

    Raises InputError when no layer would be left.
    """
    targets = {check_index(stack, i) for i in _as_indices(indices)}
    if len(targets) == len(stack):
        raise InputError("The last layer cannot be deleted; a stack keeps at least one.")
    layers = [layer for i, layer in enumerate(stack.layers) if i not in targets]
    return restack(stack, layers, {"op": "delete", "layers": sorted(targets)})


def _as_indices(indices: int | Sequence[int]) -> Iterable[int]:
    # Whatever is no list is one index; `check_index` says what is wrong with it.
    return indices if isinstance(indices, Iterable) and not isinstance(indices, str) else [indices]


def _replace_layer(
    stack: LayerStack, index: int, layer: Layer, event: dict[str, Any]
) -> LayerStack:
    layers = [*stack.layers[:index], layer, *stack.layers[index + 1 :]]
    return restack(stack, layers, event)
