"""The animation curves of an object, in files of every Blender version."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["curves_of", "remove_curves"]


def curves_of(item: bpy.types.Object) -> Any:
    """The F-curves that animate an object, as Blender's own collection (new, remove, find ...).

    An empty tuple where there are none.
    """
    data: Any = item.animation_data
    if data is None or data.action is None:
        return ()
    action = data.action
    if hasattr(action, "fcurves"):  # gone in 5.0, where an action holds several objects' curves
        return action.fcurves
    bags = [strip.channelbag(data.action_slot) for layer in action.layers for strip in layer.strips]
    return next((bag.fcurves for bag in bags if bag is not None), ())


def remove_curves(item: bpy.types.Object, path: str, index: int | None = None) -> None:
    """Remove the curves of one property, or of one of its components; others stay.

    Args:
        path: of the property, as in `driver_add`, such as "location".
        index: of the component, 0 = x; None for all of them.
    """
    curves = curves_of(item)
    for curve in [c for c in curves if c.data_path == path]:
        if index is None or curve.array_index == index:
            curves.remove(curve)
