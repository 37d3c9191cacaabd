"""The collection and root object of one build, found again when it is rebuilt in place."""

from __future__ import annotations

import bpy

from ..attached import attached
from .slots import leave_out

__all__ = [
    "CARD",
    "GAP",
    "LAYERS",
    "PLANES",
    "RELIEF",
    "build_root",
    "build_root_of",
    "find_build",
    "layer_objects",
]

LAYERS = "LAYERS"
RELIEF = "RELIEF"
PLANES = "PLANES"
CARD = "CARD"

# A plain custom property, so that drivers and sliders work in files opened without the add-on.
GAP = "gap"
_KIND = "illustrators_depth_build"


def find_build(source: bpy.types.Image, kind: str) -> bpy.types.Collection | None:
    """The collection that an earlier build of this kind made from this picture, if it is left."""
    for collection in bpy.data.collections:
        data = attached(collection)
        if data.kind == kind and data.image == source:
            return collection
    return None


def build_root(
    scene: bpy.types.Scene, source: bpy.types.Image, name: str, kind: str
) -> tuple[bpy.types.Collection, bpy.types.Object]:
    """The collection and the empty that everything of this build hangs on; made when missing."""
    collection = find_build(source, kind)
    if collection is None:
        collection = bpy.data.collections.new(name)
        data = attached(collection)
        data.kind, data.image = kind, source
        # Blender 5.0 clears a pointer to a removed image only in data-blocks that have some custom
        # property; without one, `data.image` would dangle and crash.
        collection[_KIND] = kind
    if collection not in scene.collection.children_recursive:
        scene.collection.children.link(collection)
        leave_out(scene)  # 3D renders in the compositor do not see it
    root = build_root_of(collection)
    if root is not None:
        return collection, root
    root = bpy.data.objects.new(name, None)
    root.empty_display_type = "PLAIN_AXES"
    root.empty_display_size = 0.1
    collection.objects.link(root)
    return collection, root


def build_root_of(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """The empty that a build hangs on, if it is left."""
    return next((o for o in collection.objects if o.type == "EMPTY" and o.parent is None), None)


def layer_objects(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """The layer objects of a "LAYERS" build, bottom to top."""
    made = [o for o in collection.objects if o.type == "MESH" and attached(o).layer >= 0]
    return sorted(made, key=lambda o: attached(o).layer)
