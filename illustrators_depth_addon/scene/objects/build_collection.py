"""The collection and root object of one build, found again when it is rebuilt in place."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import InputError

from ...addon_data import addon_data
from .names import give_name, part_name
from .slots import exclude_from_slots

__all__ = [
    "CARD",
    "CURVES",
    "DRAWING",
    "GAP",
    "LAYERS",
    "PLANES",
    "RELIEF",
    "build_of",
    "build_root",
    "build_root_of",
    "check_own",
    "find_build",
    "find_builds",
    "is_foreign",
    "is_layer",
    "layer_objects",
]

LAYERS = "LAYERS"
RELIEF = "RELIEF"
PLANES = "PLANES"
CARD = "CARD"
DRAWING = "DRAWING"
CURVES = "CURVES"

# How builds and their roots are called, after the picture.
_TAILS = {
    LAYERS: " layers",
    RELIEF: " relief",
    PLANES: " planes",
    CARD: " card",
    DRAWING: " drawing",
    CURVES: " curves",
}

_LAYER_TYPES = {"MESH", "CURVE"}

# A plain custom property, so that drivers and sliders work in files opened without the add-on.
GAP = "gap"
_KIND = "illustrators_depth_build"


def find_builds(source: bpy.types.Image, kind: str) -> list[bpy.types.Collection]:
    """The collections that earlier builds of this kind made from this picture.

    There are several after a full copy of a scene. Those of other files, which cannot be changed
    from here, are left out.
    """
    return [
        collection
        for collection in bpy.data.collections
        if addon_data(collection).kind == kind
        and addon_data(collection).image == source
        and not is_foreign(collection)
    ]


def find_build(
    source: bpy.types.Image, kind: str, scene: bpy.types.Scene | None = None
) -> bpy.types.Collection | None:
    """The build of this kind that was made from this picture, if it is left; of several the one
    that `scene` shows."""
    matches = find_builds(source, kind)
    if scene is not None and len(matches) > 1:
        shown = scene.collection.children_recursive
        matches.sort(key=lambda collection: collection not in shown)
    return matches[0] if matches else None


def is_foreign(block: Any) -> bool:
    """Whether a datablock is linked from another file, or overrides one that is.

    Blender refuses few changes to such data: some are lost, and some crash it.
    """
    return block.library is not None or block.override_library is not None


def build_root(
    scene: bpy.types.Scene, source: bpy.types.Image, kind: str
) -> tuple[bpy.types.Collection, bpy.types.Object]:
    """The collection and the empty that everything of this build hangs on; made when missing."""
    collection = find_build(source, kind, scene)
    name = part_name(source, _TAILS[kind])
    if collection is not None:
        check_own(collection)
        _release_copies(collection)
    else:
        collection = bpy.data.collections.new(name)
        data = addon_data(collection)
        data.kind, data.image = kind, source
        # Blender 5.0 clears a pointer to a removed image only in data-blocks that have some custom
        # property; without one, `data.image` would dangle and crash.
        collection[_KIND] = kind
    if collection not in scene.collection.children_recursive:
        scene.collection.children.link(collection)
        exclude_from_slots(scene)  # 3D renders in the compositor do not see it
    root = build_root_of(collection)
    if root is None:
        root = bpy.data.objects.new(name, None)
        root.empty_display_type = "PLAIN_AXES"
        root.empty_display_size = 0.1
        collection.objects.link(root)
    give_name(collection, source, _TAILS[kind])
    give_name(root, source, _TAILS[kind])
    return collection, root


def check_own(collection: bpy.types.Collection) -> None:
    """InputError when parts of a build belong to another file."""
    for item in collection.all_objects:
        blocks = (item, item.data) if item.data is not None else (item,)
        if any(is_foreign(block) for block in blocks):
            raise InputError(
                f"The object {item.name!r} is linked from another file; make it local with its "
                "data to update the build."
            )


def build_root_of(collection: bpy.types.Collection | None) -> bpy.types.Object | None:
    """The empty that a build hangs on; None where it is gone, or where there is no build."""
    if collection is None:
        return None
    return next((o for o in collection.objects if o.type == "EMPTY" and o.parent is None), None)


def build_of(item: bpy.types.Object) -> bpy.types.Collection | None:
    """The collection of the build that an object is in, perhaps in one of its groups."""
    for collection in bpy.data.collections:
        is_build = bool(addon_data(collection).kind) and addon_data(collection).image is not None
        if is_build and collection.all_objects.get(item.name) == item:
            return collection
    return None


def is_layer(item: bpy.types.Object) -> bool:
    """Whether an object shows a layer, of a build or moved out of one."""
    return item.type in _LAYER_TYPES and addon_data(item).layer >= 0


def layer_objects(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """The layer objects of a build, bottom to top; copies that the user made are none."""
    by_layer: dict[tuple[int, int], bpy.types.Object] = {}
    for item in _objects_with_layer(collection):
        by_layer.setdefault(_layer_of(item), item)
    return [by_layer[layer] for layer in sorted(by_layer)]


def _objects_with_layer(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    return [o for o in collection.all_objects if is_layer(o)]


def _layer_of(item: bpy.types.Object) -> tuple[int, int]:
    data = addon_data(item)
    return data.layer, data.layer_uid


def _release_copies(collection: bpy.types.Collection) -> None:
    """Unmark copies of layer objects: they are the user's own.

    A later build would take such a copy for its layer's object, and remove or move it with that.
    """
    own = layer_objects(collection)
    for item in _objects_with_layer(collection):
        if item not in own:
            data = addon_data(item)
            data.layer, data.layer_uid, data.layer_name = -1, 0, ""
            data.given_name = data.name_tail = ""
