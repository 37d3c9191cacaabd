"""Collections of objects that are rendered into one slot of the compositor, each in its view layer.

A slot's view layer has the name of its collection, and leaves out the other slots and our builds.
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
    """The slot above so many layers of a picture; made when missing."""
    for child in slot_collections(scene):
        if child.get(_SLOT) == below and addon_data(child).image == source:
            return child
    made: Any = bpy.data.collections.new(name)
    made[_SLOT] = below
    addon_data(made).image = source
    scene.collection.children.link(made)
    found: bpy.types.Collection = made
    return found


def move_into(
    scene: bpy.types.Scene, collection: bpy.types.Collection, item: bpy.types.Object
) -> None:
    """Put an object into a slot alone: where else it lies in this scene, other slots see it."""
    if item.name not in collection.objects:
        collection.objects.link(item)
    here = {scene.collection, *scene.collection.children_recursive} - {collection}
    for other in here.intersection(item.users_collection):
        other.objects.unlink(item)


def exclude_from_slots(scene: bpy.types.Scene) -> None:
    """Each slot's view layer without our builds and without what belongs to other slots."""
    slots = {c.name for c in slot_collections(scene)}
    for view in scene.view_layers:
        if view.name in slots:
            _leave_out(view.layer_collection, view.name, slots)


def _leave_out(branch: Any, own: str, slots: set[str]) -> None:
    for child in branch.children:
        collection = child.collection
        strange = collection.name in slots and collection.name != own
        if addon_data(collection).kind or strange:
            child.exclude = True
        elif collection.name == own:
            child.exclude = False
        else:
            _leave_out(child, own, slots)
