"""A layer stack as a compositor node group, with room for 3D renders between any two layers.

The group blends in sRGB, as drawing programs do and as layers are taken apart, and only its result
is brought to scene-linear light: so with all controls at rest it is the picture, to the last bit of
a layer's pixel. What is plugged into "Insert" goes above as many layers as "Slot" says. All of it
happens at the picture's full size; only the result follows the render's percentage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.types import Layer, LayerStack

from ..images.packing import is_ours, pack_rgba
from ..layer_shapes import texture_key
from ..objects.build_collection import is_foreign
from ..render.picture_view import set_resolution, show_own_colors
from .interface import (
    control,
    fit_interface,
    input_sockets,
    insert_names,
    insert_sockets,
    panel_names,
    slots,
)
from .layer_group import CONTROLS, PLACE, layer_group
from .nodes import (
    at_percentage,
    blend_over,
    existing_tree,
    math,
    output_socket,
    scene_tree,
    to_linear,
)

__all__ = [
    "CompositorOptions",
    "build_compositor",
    "connect",
    "control",
    "find_compositor",
    "group_nodes",
    "insert_sockets",
]

# Custom properties: of the group, the picture it shows; of our nodes in it, what they are.
_PICTURE = "illdepth_picture"
_OURS = "illdepth"
# Of the group: uids of hidden layers, and keys of all that its nodes were made from.
_HIDDEN, _NODES_KEY = "illdepth_hidden", "illdepth_made"
# Of a layer's image: key of the texture that it was made from.
_TEXTURE_KEY = "illdepth_sheet"
# Version of how the nodes are laid out; groups of another version are rebuilt.
_LAYOUT_VERSION = 2
_NODE_STEP = 260.0  # between layers, in node editor units


@dataclass(frozen=True)
class CompositorOptions:
    """How the compositor group is made.

    Attributes:
        inserts: how many pictures can be inserted, each with a slot of its own.
        connect: put the group into the scene's compositor tree, before its output; what was shown
            there is inserted beneath all layers.
        match_colors: show the picture's own colors (no tone mapping) and render at its size.
    """

    inserts: int = 1
    connect: bool = True
    match_colors: bool = True


def find_compositor(source: bpy.types.Image) -> Any:
    """The node group that an earlier build made from this picture, or None."""
    for group in bpy.data.node_groups:
        ours = group.bl_idname == "CompositorNodeTree" and group.get(_PICTURE) == source
        if ours and not is_foreign(group):
            return group
    return None


def build_compositor(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    options: CompositorOptions | None = None,
) -> bpy.types.NodeTree:
    """Build, or rebuild in place, the compositor node group of a layer stack.

    Controls of a layer, known by its uid or else by its name, keep their values and links; nodes
    that the user added inside the group stay.

    Args:
        scene: whose compositor tree the group is put into, and which is set to the picture's size.
        source: the picture's datablock; the group remembers it.
        stack: the layers; hidden ones start switched off.
        options: inserts, and what is done to the scene.

    Returns:
        The group. Inputs: "Insert" and "Slot" (numbered when there are more), and a panel of
        controls per layer, see `control`. Output: "Image", scene-linear, premultiplied.
    """
    options = options or CompositorOptions()
    group = find_compositor(source)
    if group is None:
        group = bpy.data.node_groups.new(f"{stack.name} compositor", "CompositorNodeTree")
        group[_PICTURE] = source
    inserts = max(options.inserts, len(slots(group)))
    fit_interface(group, stack, inserts)
    signature = [f"{layer.uid} {layer.name} {texture_key(layer)}" for layer in stack]
    signature.append(f"{stack.width}x{stack.height} {inserts} {_LAYOUT_VERSION}")
    if list(group.get(_NODES_KEY, ())) != signature:
        _rebuild_nodes(group, stack, inserts)
        group[_NODES_KEY] = signature
    if options.connect:
        connect(scene, group, stack.name)
    _follow_visibility(group, stack)
    if options.match_colors:
        set_resolution(scene, stack.width, stack.height)
        show_own_colors(scene)
    return group


def group_nodes(scene: bpy.types.Scene, group: bpy.types.NodeTree) -> list[Any]:
    """The nodes of the scene's compositor tree that show this group."""
    tree = existing_tree(scene)
    nodes = tree.nodes if tree is not None else ()
    return [n for n in nodes if n.bl_idname == "CompositorNodeGroup" and n.node_tree == group]


def connect(scene: bpy.types.Scene, group: bpy.types.NodeTree, name: str) -> Any:
    """The group's node in the scene's compositor tree, added before the output when missing."""
    nodes = group_nodes(scene, group)
    if nodes:
        return nodes[0]
    tree = scene_tree(scene)
    target = output_socket(tree)
    node = tree.nodes.new("CompositorNodeGroup")
    node.node_tree = group
    node.name = node.label = name
    node.location = (target.node.location[0] - 300.0, target.node.location[1])
    node.width = 220.0
    if target.is_linked:
        tree.links.new(target.links[0].from_socket, insert_sockets(node)[0][0])
    tree.links.new(node.outputs[0], target)
    return node


def _follow_visibility(group: Any, stack: LayerStack) -> None:
    """Switch layers off or on that were hidden or shown since the last time; others stay."""
    before = set(group.get(_HIDDEN, ()))
    hidden = {layer.uid for layer in stack if layer.hidden}
    names = panel_names(stack)
    nodes = [n for scene in bpy.data.scenes for n in group_nodes(scene, group)]
    for layer in stack:
        if (layer.uid in before) != layer.hidden:
            for node in nodes:
                control(node, names[layer.uid], "Show").default_value = not layer.hidden
    group[_HIDDEN] = sorted(hidden)


def _rebuild_nodes(group: Any, stack: LayerStack, inserts: int) -> None:
    """Remove our nodes from the group and make them again; images of layers are kept."""
    images = {n.get(_OURS): n.image for n in group.nodes if n.bl_idname == "CompositorNodeImage"}
    for node in [n for n in group.nodes if n.get(_OURS) is not None]:
        group.nodes.remove(node)
    user_nodes = set(group.nodes)
    source = group.nodes.new("NodeGroupInput")
    source.location = (-2.0 * _NODE_STEP, 0.0)
    sockets, names = input_sockets(group, source), panel_names(stack)
    inserts_by_slot = [
        (to_linear(group, sockets["", picture], back=True), sockets["", slot])
        for picture, slot in insert_names(inserts)
    ]
    below = _add_page(group, stack, images.get("page"))
    for index, layer in enumerate(stack.layers):
        below = _add_inserts(group, below, inserts_by_slot, index)
        key = f"layer {layer.uid}"
        image = group.nodes.new("CompositorNodeImage")
        image[_OURS] = key
        image.label = layer.name
        name = f"{stack.name} {layer.name} sheet"
        rgba, place = _padded_crop(layer)
        layer_image, pixels_key = images.get(key), texture_key(layer)
        if layer_image is None or (
            is_ours(layer_image) and layer_image.get(_TEXTURE_KEY) != pixels_key
        ):
            layer_image = pack_rgba(name, rgba, reuse=layer_image, encoded=True)
            layer_image[_TEXTURE_KEY] = pixels_key
        image.image = layer_image
        node = group.nodes.new("CompositorNodeGroup")
        node.node_tree = layer_group()
        node.label = layer.name
        image.location = (index * _NODE_STEP, -220.0)
        node.location = (index * _NODE_STEP, 0.0)
        for socket, value in zip(PLACE, place, strict=True):
            node.inputs[socket].default_value = value
        group.links.new(below, node.inputs["Below"])
        group.links.new(image.outputs["Image"], node.inputs["Image"])
        for spec in CONTROLS:
            group.links.new(sockets[names[layer.uid], spec.name], node.inputs[spec.name])
        below = node.outputs[0]
    below = _add_inserts(group, below, inserts_by_slot, len(stack))
    target = group.nodes.new("NodeGroupOutput")
    target.location = ((len(stack) + 2) * _NODE_STEP, 0.0)
    group.links.new(at_percentage(group, to_linear(group, below)), target.inputs[0])
    for node in set(group.nodes) - user_nodes:
        if node.get(_OURS) is None:
            node[_OURS] = "stack"


def _add_page(group: Any, stack: LayerStack, image: Any) -> Any:
    """A transparent image of the stack's size, below all layers; returns the node's output."""
    if image is None or tuple(image.size) != (stack.width, stack.height):
        image = bpy.data.images.new(f"{stack.name} page", stack.width, stack.height, alpha=True)
        image.generated_color = (0.0, 0.0, 0.0, 0.0)
    node = group.nodes.new("CompositorNodeImage")
    node[_OURS] = "page"
    node.image = image
    node.location = (-_NODE_STEP, -220.0)
    return node.outputs["Image"]


def _padded_crop(layer: Layer) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """A layer's part of the picture, and where its middle lies from the picture's, in pixels.

    Whole pixels only, or the compositor would blur them: so the part and the picture are both
    even or both odd in width and in height.
    """
    height, width = layer.frame
    top, left, bottom, right = layer.window
    odd = ((height - bottom + top) % 2, (width - right + left) % 2)
    before = (odd[0] if bottom == height else 0, odd[1] if right == width else 0)
    after = (odd[0] - before[0], odd[1] - before[1])
    rgba = np.pad(layer.rgba_crop, ((before[0], after[0]), (before[1], after[1]), (0, 0)))
    x = (left - before[1] + right + after[1] - width) / 2.0
    y = (top - before[0] + bottom + after[0] - height) / 2.0
    return rgba, (x, -y)


def _add_inserts(group: Any, below: Any, inserts_by_slot: list[tuple[Any, Any]], slot: int) -> Any:
    """Blend the inserts whose slot this is over what is below; returns the output."""
    for picture, target_slot in inserts_by_slot:
        here = math(group, "COMPARE", target_slot, slot, 0.5)
        below = blend_over(group, below, picture, here)
        here.node.location = (slot * _NODE_STEP - 120.0, 220.0)
        below.node.location = (slot * _NODE_STEP - 120.0, 0.0)
    return below
