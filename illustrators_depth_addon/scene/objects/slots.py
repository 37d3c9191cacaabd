"""Slots of the compositor: a collection of 3D objects, rendered in a view layer of its own.

The view layer has the name of the collection, and excludes the other slots and all builds.
"""

from __future__ import annotations

from typing import Any

import bpy

from ...addon_data import addon_data

__all__ = ["exclude_from_slots", "move_into", "slot_collection", "slot_collections"]

# Custom property of a collection: the slot its objects are rendered into.
_SLOT = "illdepth_slot"


def slot_collections(scene: bpy.types.Scene) -> list[bpy.types.Collection]:
    """The scene's slots."""
    return [c for c in scene.collection.children if c.get(_SLOT) is not None]


def slot_collection(
    scene: bpy.types.Scene, source: bpy.types.Image, name: str, below: int
) -> bpy.types.Collection:
    """The collection for objects that have `below` layers below them; made when missing."""
    for child in slot_collections(scene):
        if child.get(_SLOT) == below and addon_data(child).image == source:
            return child
    new_collection: Any = bpy.data.collections.new(name)
    new_collection[_SLOT] = below
    addon_data(new_collection).image = source
    scene.collection.children.link(new_collection)
    collection: bpy.types.Collection = new_collection
    return collection


def move_into(
    scene: bpy.types.Scene, collection: bpy.types.Collection, item: bpy.types.Object
) -> None:
    """Put an object into a slot, and out of all other collections of the scene.

    Through any of those, other slots would render it too.
    """
    if item.name not in collection.objects:
        collection.objects.link(item)
    here = {scene.collection, *scene.collection.children_recursive} - {collection}
    for other in here.intersection(item.users_collection):
        other.objects.unlink(item)


def exclude_from_slots(scene: bpy.types.Scene) -> None:
    """Let each slot's view layer exclude all builds and the other slots' objects."""
    slots = {c.name for c in slot_collections(scene)}
    for view in scene.view_layers:
        if view.name in slots:
            _exclude_below(view.layer_collection, view.name, slots)


def _exclude_below(branch: Any, own: str, slots: set[str]) -> None:
    for child in branch.children:
        collection = child.collection
        is_other_slot = collection.name in slots and collection.name != own
        if addon_data(collection).kind or is_other_slot:
            child.exclude = True
        elif collection.name == own:
            child.exclude = False
        else:
            _exclude_below(child, own, slots)
