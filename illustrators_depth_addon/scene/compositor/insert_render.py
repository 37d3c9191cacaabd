"""Renders 3D objects into a depth slot of the compositor: layers below them, layers above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.io.names import counted
from illustrators_depth.types import LayerStack

from ..objects.build_collection import build_of
from ..objects.slots import exclude_from_slots, move_into, slot_collection, slot_collections
from .build import CompositorOptions, build_compositor, connect, find_compositor
from .interface import insert_sockets
from .nodes import at_size, existing_tree

__all__ = ["insert_render"]

# Bytes of a picture's name that there is room for: a view layer's name has at most 63.
_MAX_TITLE_BYTES = 40


def insert_render(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    objects: Sequence[bpy.types.Object],
    below: int,
    options: CompositorOptions | None = None,
) -> bpy.types.ViewLayer:
    """Render objects in a view layer of their own, and insert it above `below` layers.

    The objects move out of their collections into the slot's, which the view layers of other slots
    exclude, as all of them exclude the builds. Everything else, lights above all, is in every one
    of them. A slot without objects is removed.

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
    _check(scene, stack, objects, below)
    title = stack.name.encode()[:_MAX_TITLE_BYTES].decode(errors="ignore")
    name = f"{title} slot {below}"
    collection = slot_collection(scene, source, name, below)
    for item in objects:
        move_into(scene, collection, item)
    view: Any = scene.view_layers.get(collection.name) or scene.view_layers.new(collection.name)
    scene.render.film_transparent = True
    group = find_compositor(source) or build_compositor(scene, source, stack, options)
    node = connect(scene, group, stack.name)
    if _render_node(scene, view.name) is None:
        if not _free_inserts(node):
            more = replace(options, inserts=len(insert_sockets(node)) + 1)
            build_compositor(scene, source, stack, more)
        picture, slot = _free_inserts(node)[0]
        _add_render(scene, view, node, picture, (stack.width, stack.height))
        slot.default_value = below
    for empty in [c for c in slot_collections(scene) if not c.all_objects]:
        _remove_slot(scene, empty)
    exclude_from_slots(scene)
    return view


def _check(
    scene: bpy.types.Scene, stack: LayerStack, objects: Sequence[bpy.types.Object], below: int
) -> None:
    """InputError where the objects cannot be rendered there."""
    if not objects:
        raise InputError("Nothing to insert; select the objects that shall be rendered.")
    if not 0 <= below <= len(stack):
        raise InputError(
            f"The picture has {counted(len(stack), 'layer')}, so 0 to {len(stack)} can lie "
            f"below, not {below}."
        )
    if scene.camera is None:
        raise InputError("The scene has no camera to render the objects with; add one first.")
    built = [item.name for item in objects if build_of(item) is not None]
    if built:
        raise InputError(
            f"{built[0]!r} is part of what was built from a picture; select objects of your own."
        )


def _free_inserts(node: Any) -> list[tuple[Any, Any]]:
    """The pairs (picture, slot) of a group node that nothing is plugged into."""
    return [pair for pair in insert_sockets(node) if not pair[0].is_linked]


def _add_render(
    scene: bpy.types.Scene, view: Any, node: Any, picture: Any, size: tuple[int, int]
) -> None:
    """Plug a view layer's render into the socket `picture` of a group node."""
    tree = existing_tree(scene)
    render_layers = tree.nodes.new("CompositorNodeRLayers")
    render_layers.scene, render_layers.layer = scene, view.name
    render_layers.location = (node.location[0] - 320.0, node.location[1])
    # At less than 100 % the render is smaller than the layers that it goes between.
    full_size = at_size(tree, render_layers.outputs["Image"], *size)
    full_size.node.location = (node.location[0] - 160.0, node.location[1] - 160.0)
    tree.links.new(full_size, picture)


def _remove_slot(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Take a slot away: its Render Layers node, its view layer and its collection."""
    node = _render_node(scene, collection.name)
    if node is not None:
        nodes = existing_tree(scene).nodes
        for link in [x for x in node.outputs["Image"].links if x.to_node.type == "SCALE"]:
            nodes.remove(link.to_node)
        nodes.remove(node)
    view = scene.view_layers.get(collection.name)
    if view is not None and len(scene.view_layers) > 1:
        scene.view_layers.remove(view)
    bpy.data.collections.remove(collection)


def _render_node(scene: bpy.types.Scene, layer: str) -> Any:
    nodes = existing_tree(scene).nodes
    return next(
        (n for n in nodes if n.bl_idname == "CompositorNodeRLayers" and n.layer == layer), None
    )
