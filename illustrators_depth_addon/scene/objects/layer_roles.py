"""Which object of a build is which layer, kept through edits, renames and new predictions."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from .names import give_name, layer_tail, part_name

__all__ = ["new_layer_object", "partners", "remove_object", "set_role"]


def partners(present: list[bpy.types.Object], stack: LayerStack) -> dict[int, bpy.types.Object]:
    """The object that each layer has already, by the layer's uid."""
    by_uid: dict[int, bpy.types.Object] = {}
    for item in present:
        by_uid.setdefault(addon_data(item).layer_uid, item)
    found = {layer.uid: by_uid[layer.uid] for layer in stack if layer.uid in by_uid}
    # Predicted once more, layers are new ones; those called the same take over the objects.
    taken = set(found.values())
    by_name: dict[str, bpy.types.Object] = {}
    for item in present:
        if item not in taken:
            by_name.setdefault(addon_data(item).layer_name, item)
    for layer in stack:
        if layer.uid not in found and layer.name in by_name:
            found[layer.uid] = by_name.pop(layer.name)
    return found


def new_layer_object(source: bpy.types.Image, layer: Layer) -> bpy.types.Object:
    """An object with an empty mesh, for a layer of a picture; it is in no collection yet."""
    name = part_name(source, layer_tail(layer.name))
    return bpy.data.objects.new(name, bpy.data.meshes.new(name))


def set_role(
    item: bpy.types.Object, source: bpy.types.Image, index: int, layer: Layer, shape: str
) -> None:
    """Say which layer the object is, and follow the layer's name where the user did not rename."""
    data = addon_data(item)
    give_name(item, source, layer_tail(layer.name), known_as=data.layer_name or item.name)
    data.layer_name = layer.name
    data.layer, data.layer_uid, data.shape_key = index, layer.uid, shape
    if data.hidden_layer != layer.hidden:
        # Only what the list hid is shown again by it: the user's own visibility stays.
        data.hidden_layer = layer.hidden
        item.hide_viewport = item.hide_render = layer.hidden


def remove_object(item: bpy.types.Object) -> None:
    """Delete an object whose layer is gone, with its mesh; textures go when the file is saved."""
    shape: Any = item.data
    bpy.data.objects.remove(item)
    if shape.users == 0:
        kept: Any = bpy.data.curves if isinstance(shape, bpy.types.Curve) else bpy.data.meshes
        kept.remove(shape)
