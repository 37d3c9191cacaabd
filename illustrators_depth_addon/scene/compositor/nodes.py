"""What differs between Blender versions in compositor trees, in one place.

Up to 4.5 a scene owns its tree and shows the Composite node's picture; from 5.0 on the tree is a
node group like any other, shown by its Group Output, and many options of nodes have become sockets.
"""

from __future__ import annotations

from typing import Any

import bpy

__all__ = [
    "BOOL_SOCKET",
    "INT_SOCKET",
    "at_percentage",
    "at_size",
    "blend_over",
    "blur",
    "color_inputs",
    "existing_tree",
    "math",
    "output_socket",
    "scene_tree",
    "to_linear",
]

_HAS_NODE_GROUPS = bpy.app.version >= (5, 0, 0)
# Older trees have neither integer nor boolean sockets.
INT_SOCKET = "NodeSocketInt" if bpy.app.version >= (4, 5, 0) else "NodeSocketFloat"
BOOL_SOCKET = "NodeSocketBool" if bpy.app.version >= (4, 5, 0) else "NodeSocketFloat"
_MAX_BLUR_PX = 500.0  # pixels; 4.2 takes the size as a share of a fixed one


def existing_tree(scene: bpy.types.Scene) -> Any:
    """The scene's compositor tree, or None."""
    owner: Any = scene
    if _HAS_NODE_GROUPS:
        return owner.compositing_node_group
    return owner.node_tree if owner.use_nodes else None


def scene_tree(scene: bpy.types.Scene) -> Any:
    """The scene's compositor tree, made when missing: without nodes, but with its output."""
    owner: Any = scene
    if _HAS_NODE_GROUPS:
        if owner.compositing_node_group is None:
            tree: Any = bpy.data.node_groups.new(f"{scene.name} compositing", "CompositorNodeTree")
            tree.interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
            owner.compositing_node_group = tree
        return owner.compositing_node_group
    if not owner.use_nodes or owner.node_tree is None:
        is_new = owner.node_tree is None
        owner.use_nodes = True
        if is_new:
            # Blender's own first tree renders the 3D scene, even where there is no camera.
            owner.node_tree.nodes.clear()
    return owner.node_tree


def output_socket(tree: Any) -> Any:
    """The socket whose picture is the scene's, made when missing."""
    kind = "NodeGroupOutput" if _HAS_NODE_GROUPS else "CompositorNodeComposite"
    node = next((n for n in tree.nodes if n.bl_idname == kind), None)
    if node is None:
        node = tree.nodes.new(kind)
        node.location = (600.0, 0.0)
    if _HAS_NODE_GROUPS and not any(i.bl_idname == "NodeSocketColor" for i in node.inputs):
        tree.interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    return next(i for i in node.inputs if i.bl_idname == "NodeSocketColor")


def color_inputs(node: Any) -> list[Any]:
    """The picture sockets of a node, in order; Alpha Over's are the lower, then the upper one."""
    return [i for i in node.inputs if i.bl_idname == "NodeSocketColor"]


def math(tree: Any, operation: str, *values: Any) -> Any:
    """A Math node over sockets and numbers; returns its output."""
    node = tree.nodes.new("ShaderNodeMath" if _HAS_NODE_GROUPS else "CompositorNodeMath")
    node.operation = operation
    for socket, value in zip(node.inputs, values, strict=False):
        if isinstance(value, int | float):
            socket.default_value = value
        else:
            tree.links.new(value, socket)
    return node.outputs[0]


def blend_over(tree: Any, below: Any, above: Any, share: Any) -> Any:
    """Lay one premultiplied picture over another, by a share from 0 to 1; returns the output."""
    node = tree.nodes.new("CompositorNodeAlphaOver")
    lower, upper = color_inputs(node)
    lower.default_value = upper.default_value = (0.0, 0.0, 0.0, 0.0)
    if below is not None:
        tree.links.new(below, lower)
    tree.links.new(above, upper)
    factor = next(i for i in node.inputs if i.identifier == "Fac")
    tree.links.new(share, factor)
    return node.outputs[0]


def blur(tree: Any, image: Any, pixels: Any) -> Any:
    """A Gaussian blur, `pixels` wide, that may reach beyond the picture's border; the output."""
    node = tree.nodes.new("CompositorNodeBlur")
    tree.links.new(image, node.inputs["Image"])
    size = node.inputs["Size"]
    if size.bl_idname == "NodeSocketFloat":
        node.size_x = node.size_y = int(_MAX_BLUR_PX)
        tree.links.new(math(tree, "DIVIDE", pixels, _MAX_BLUR_PX), size)
    else:
        tree.links.new(pixels, size)
    if "Extend Bounds" in node.inputs:
        node.inputs["Extend Bounds"].default_value = True
    else:
        node.use_extended_bounds = True
    return node.outputs["Image"]


def at_percentage(tree: Any, image: Any) -> Any:
    """A picture of the scene's full size at the size that is rendered; returns the output."""
    return _scaled(tree, image, "SCENE_SIZE")


def at_size(tree: Any, image: Any, width: int, height: int) -> Any:
    """A picture scaled to `width` x `height` pixels; returns the output."""
    return _scaled(tree, image, "ABSOLUTE", width, height)


def _scaled(tree: Any, image: Any, space: str, *size: int) -> Any:
    node = tree.nodes.new("CompositorNodeScale")
    if hasattr(node, "space"):
        node.space = space
    else:
        node.inputs["Type"].default_value = space.replace("_", " ").title()
    for socket, value in zip("XY", size, strict=False):
        node.inputs[socket].default_value = value
    tree.links.new(image, node.inputs["Image"])
    return node.outputs["Image"]


def to_linear(tree: Any, image: Any, back: bool = False) -> Any:
    """From sRGB-encoded to scene-linear color, premultiplied on both sides; or `back`.

    Blender converts the numbers as they are, so alpha is divided out on the way.
    """
    straight = _alpha(tree, image, "PREMUL_TO_STRAIGHT")
    node = tree.nodes.new("CompositorNodeConvertColorSpace")
    spaces = ("sRGB", "Linear Rec.709")
    node.from_color_space, node.to_color_space = reversed(spaces) if back else spaces
    tree.links.new(straight, node.inputs["Image"])
    return _alpha(tree, node.outputs["Image"], "STRAIGHT_TO_PREMUL")


def _alpha(tree: Any, image: Any, mapping: str) -> Any:
    node = tree.nodes.new("CompositorNodePremulKey")
    if hasattr(node, "mapping"):
        node.mapping = mapping
    else:
        names = {"STRAIGHT_TO_PREMUL": "To Premultiplied", "PREMUL_TO_STRAIGHT": "To Straight"}
        node.inputs["Type"].default_value = names[mapping]
    tree.links.new(image, node.inputs["Image"])
    return node.outputs["Image"]
