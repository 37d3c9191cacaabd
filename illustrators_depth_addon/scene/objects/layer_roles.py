"""Which object of a build is which layer, kept through edits, renames and new predictions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import bpy

from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from .names import give_name, layer_tail, part_name

__all__ = [
    "changed_shapes",
    "match_objects",
    "new_layer_object",
    "remove_object",
    "remove_others",
    "set_role",
]


def match_objects(
    objects: list[bpy.types.Object], stack: LayerStack
) -> dict[int, bpy.types.Object]:
    """The object that each layer has already, by the layer's uid."""
    by_uid: dict[int, bpy.types.Object] = {}
    for item in objects:
        by_uid.setdefault(addon_data(item).layer_uid, item)
    matched = {layer.uid: by_uid[layer.uid] for layer in stack if layer.uid in by_uid}
    # A new prediction gives layers new uids: those of the same name take over the objects.
    matched_objects = set(matched.values())
    by_name: dict[str, bpy.types.Object] = {}
    for item in objects:
        if item not in matched_objects:
            by_name.setdefault(addon_data(item).layer_name, item)
    for layer in stack:
        if layer.uid not in matched and layer.name in by_name:
            matched[layer.uid] = by_name.pop(layer.name)
    return matched


def changed_shapes(
    stack: LayerStack, matched: Mapping[int, bpy.types.Object], key_of: Callable[[Layer], str]
) -> tuple[dict[int, str], list[Layer]]:
    """Which layers a build shows, and which of them need their shape made again.

    Args:
        stack: the layers.
        matched: the objects that layers have already, from `match_objects`.
        key_of: what a layer's shape is made from, as a short text.

    Returns:
        Keys by uid, of every layer that is not empty and not hidden, or hidden with its object; and
        the layers without an object, or whose object was made with another key.
    """
    keys = {
        layer.uid: key_of(layer)
        for layer in stack
        if layer.mask_crop.any() and (not layer.hidden or layer.uid in matched)
    }
    built = {uid: addon_data(item).shape_key for uid, item in matched.items()}
    return keys, [x for x in stack if x.uid in keys and built.get(x.uid) != keys[x.uid]]


def remove_others(existing: Iterable[bpy.types.Object], kept: Collection[bpy.types.Object]) -> None:
    """Delete the objects of layers that are gone: those of `existing` that are not kept."""
    for item in existing:
        if item not in kept:
            remove_object(item)


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
        collection: Any = bpy.data.curves if isinstance(shape, bpy.types.Curve) else bpy.data.meshes
        collection.remove(shape)
