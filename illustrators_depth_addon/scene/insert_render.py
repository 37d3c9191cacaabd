"""Renders 3D objects into a depth slot of the compositor: layers below them, layers above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.nouns import LayerStack

from ..attached import attached
from .compositor import CompositorOptions, build_compositor, connect, find_compositor
from .compositor_interface import insert_sockets
from .compositor_nodes import existing_tree

__all__ = ["insert_render"]

# Custom property of a collection: the slot its objects are rendered into.
_SLOT = "illdepth_slot"


def insert_render(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    objects: Sequence[bpy.types.Object],
    below: int,
    options: CompositorOptions | None = None,
) -> bpy.types.ViewLayer:
    """Render objects in a view layer of their own and insert it above so many layers.

    The objects move into a collection of the slot, which the other slots' view layers leave out, as
    all of them leave out our builds. What stands directly in the scene, lights above all, is in
    every one of them.

    Args:
        scene: whose compositor tree shows the group; it gets a transparent film.
        source: the picture's datablock.
        stack: its layers.
        objects: what to render there.
        below: how many layers lie below them, counted with the hidden ones; 0 to all.
        options: for the group, where it is not built yet.

    Returns:
        The view layer. Raises InputError when there are no objects, no camera or no such slot.
    """
    options = options or CompositorOptions()
    if not objects:
        raise InputError("Nothing to insert; select the objects that shall be rendered.")
    if not 0 <= below <= len(stack):
        raise InputError(
            f"There are {len(stack)} layers, so 0 to {len(stack)} can lie below, not {below}."
        )
    if scene.camera is None:
        raise InputError("The scene has no camera to render the objects with; add one first.")
    name = f"{stack.name} slot {below}"
    collection = _slot_collection(scene, source, name, below)
    for item in objects:
        if item.name not in collection.objects:
            collection.objects.link(item)
        if item.name in scene.collection.objects:
            scene.collection.objects.unlink(item)
    view: Any = scene.view_layers.get(name) or scene.view_layers.new(name)
    scene.render.film_transparent = True
    group = find_compositor(source) or build_compositor(scene, source, stack, options)
    node = connect(scene, group, stack.name)
    if _render_node(scene, view.name) is None:
        free = [pair for pair in insert_sockets(node) if not pair[0].is_linked]
        if not free:
            more = replace(options, inserts=len(insert_sockets(node)) + 1)
            build_compositor(scene, source, stack, more)
            free = [pair for pair in insert_sockets(node) if not pair[0].is_linked]
        picture, slot = free[0]
        tree = existing_tree(scene)
        shown = tree.nodes.new("CompositorNodeRLayers")
        shown.scene, shown.layer = scene, view.name
        shown.location = (node.location[0] - 320.0, node.location[1])
        tree.links.new(shown.outputs["Image"], picture)
        slot.default_value = below
    _leave_out(scene)
    return view


def _slot_collection(
    scene: bpy.types.Scene, source: bpy.types.Image, name: str, below: int
) -> bpy.types.Collection:
    for child in scene.collection.children:
        if child.get(_SLOT) == below and attached(child).image == source:
            return child
    made: Any = bpy.data.collections.new(name)
    made[_SLOT] = below
    attached(made).image = source
    scene.collection.children.link(made)
    return made


def _render_node(scene: bpy.types.Scene, layer: str) -> Any:
    nodes = existing_tree(scene).nodes
    return next(
        (n for n in nodes if n.bl_idname == "CompositorNodeRLayers" and n.layer == layer), None
    )


def _leave_out(scene: bpy.types.Scene) -> None:
    """Each slot's view layer without our builds and without what belongs to other slots."""
    slots = {c.name: c for c in scene.collection.children if c.get(_SLOT) is not None}
    for view in scene.view_layers:
        if view.name not in {c.name for c in slots.values()}:
            continue
        root: Any = view.layer_collection
        for branch in root.children:
            collection = branch.collection
            other = collection.name in slots and collection.name != view.name
            branch.exclude = bool(attached(collection).kind) or other
