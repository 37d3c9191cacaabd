"""Materials of layers and reliefs: picture-textured or flat, in the styles artists know.

The names follow Blender's own "Import Images as Planes": Principled, Shadeless, Emission.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .packing import is_ours, pack_rgba

__all__ = ["SHADERS", "build_material", "linear", "refresh_texture"]

SHADERS = ("PRINCIPLED", "SHADELESS", "EMISSION")

# Names of our own nodes, by which a rebuild finds them in a material the user has worked on.
_TEXTURE = "Picture"
# Of files made when UV maps spanned the whole picture.
_WINDOW = "Picture Window"
# Sockets of a flat color: of Principled, of Emission and Diffuse.
_COLOR_SOCKETS = ("Base Color", "Color")


def linear(srgb: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """An sRGB color as the scene-linear RGBA that sockets and viewport colors expect."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb)
    return r, g, b, 1.0


def build_material(
    name: str,
    color: tuple[float, float, float],
    image: bpy.types.Image | None = None,
    shader: str = "PRINCIPLED",
    translucent: bool = False,
    faces: int = 2,
) -> bpy.types.Material:
    """A material that shows `image`, or the flat `color` when there is none.

    Args:
        name: of the new material.
        color: sRGB 0..1, also the viewport's solid color.
        image: straight-alpha sRGB texture; the mesh's UV map spans it.
        shader: "PRINCIPLED", "SHADELESS" (as the picture, whatever the light) or "EMISSION".
        translucent: let through what the texture's alpha lets through (shadows, glass); the edges
            of an opaque layer are cut by its mesh and need no alpha.
        faces: how many faces light passes on its way: 2 for a sheet with thickness, 1 for a plane.
    """
    made = bpy.data.materials.new(name)
    if made.node_tree is None:
        made.use_nodes = True  # the default from 5.0 on
    made.diffuse_color = linear(color)
    tree: Any = made.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    output.location = (300, 0)
    shaded, socket = _shader(tree, shader)
    tree.links.new(shaded.outputs[0], output.inputs["Surface"])
    if image is None:
        _paint_flat(tree, socket, linear(color))
        return made
    texture = _texture(tree, image)
    tree.links.new(texture.outputs["Color"], socket)
    if translucent:
        _let_through(tree, texture.outputs["Alpha"], shaded, output, faces)
    return made


def _paint_flat(tree: Any, socket: Any, color: tuple[float, float, float, float]) -> None:
    """Give a color to a socket, or to all that a reroute feeds: it hands on links, not values."""
    sockets = [socket]
    if socket.node.bl_idname == "NodeReroute":
        sockets = [link.to_socket for link in socket.node.outputs[0].links]
        tree.nodes.remove(socket.node)
    for one in sockets:
        one.default_value = color


def _let_through(tree: Any, alpha: Any, shaded: Any, output: Any, faces: int) -> None:
    """Let the surface cover by `alpha`, in the node arrangements that exporters understand.

    glTF and USD take transparency from the Alpha of a Principled node, and that of shadeless
    materials from a mix with a Transparent node first.
    """
    coverage = alpha if faces == 1 else _coverage_of_each_face(tree, alpha, faces)
    if "Alpha" in shaded.inputs:
        tree.links.new(coverage, shaded.inputs["Alpha"])
        return
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    clear.location = (-80, 100)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.location = (200, 100)
    tree.links.new(coverage, mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(shaded.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])


def _coverage_of_each_face(tree: Any, alpha: Any, faces: int) -> Any:
    """What each of so many faces must cover for all together to cover by `alpha`.

    Light passes a sheet's front and its back: each lets the square root of the whole through.
    """
    rest, root, cover = (tree.nodes.new("ShaderNodeMath") for _ in range(3))
    rest.operation, root.operation, cover.operation = "SUBTRACT", "POWER", "SUBTRACT"
    rest.inputs[0].default_value = cover.inputs[0].default_value = 1.0
    root.inputs[1].default_value = 1.0 / faces
    for place, node in enumerate((rest, root, cover)):
        node.location = (-420 + 170 * place, 250)
    tree.links.new(alpha, rest.inputs[1])
    tree.links.new(rest.outputs[0], root.inputs[0])
    tree.links.new(root.outputs[0], cover.inputs[1])
    return cover.outputs[0]


def _shader(tree: Any, kind: str) -> tuple[Any, Any]:
    """The last node before the output, and the color socket to feed."""
    if kind == "PRINCIPLED":
        node = tree.nodes.new("ShaderNodeBsdfPrincipled")
        # Matt like paper, so that the picture's colors are not washed out by highlights.
        node.inputs["Roughness"].default_value = 0.75
        node.inputs["Specular IOR Level"].default_value = 0.2
        return node, node.inputs["Base Color"]
    emission = tree.nodes.new("ShaderNodeEmission")
    if kind == "EMISSION":
        return emission, emission.inputs["Color"]
    # Shadeless: the camera sees the picture's color, all other rays an ordinary surface.
    emission.location = (-150, -120)
    path = tree.nodes.new("ShaderNodeLightPath")
    path.location = (-150, 330)
    diffuse = tree.nodes.new("ShaderNodeBsdfDiffuse")
    diffuse.location = (-150, 0)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.location = (100, 0)
    tree.links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
    tree.links.new(diffuse.outputs[0], mix.inputs[1])
    tree.links.new(emission.outputs[0], mix.inputs[2])
    route = tree.nodes.new("NodeReroute")
    route.location = (-200, -60)
    tree.links.new(route.outputs[0], diffuse.inputs["Color"])
    tree.links.new(route.outputs[0], emission.inputs["Color"])
    return mix, route.inputs[0]


def refresh_texture(
    material: bpy.types.Material,
    rgba: NDArray[np.float32],
    color: tuple[float, float, float],
) -> None:
    """Bring new pixels into a material made by `build_material`, whatever else was changed in it.

    A material without our texture node, or with an image of the user's in it, is left as it is,
    but for a flat color that is still ours: it follows the layer's.
    """
    tree: Any = material.node_tree
    _refresh_color(material, linear(color))
    texture = tree.nodes.get(_TEXTURE) if tree is not None else None
    if texture is None or texture.bl_idname != "ShaderNodeTexImage" or texture.image is None:
        return
    if not is_ours(texture.image):
        return
    texture.image = pack_rgba(texture.image.name, rgba, reuse=texture.image)
    place = tree.nodes.get(_WINDOW)
    if place is not None:
        tree.nodes.remove(place)


def _refresh_color(material: bpy.types.Material, color: tuple[float, float, float, float]) -> None:
    """Where a color socket still has the color we gave it, give it the new one."""
    before = tuple(material.diffuse_color)
    tree: Any = material.node_tree
    for node in tree.nodes if tree is not None else ():
        for socket in node.inputs:
            if socket.name in _COLOR_SOCKETS and not socket.is_linked and _alike(socket, before):
                socket.default_value = color
    material.diffuse_color = color


def _alike(socket: Any, color: tuple[float, ...]) -> bool:
    return all(abs(a - b) < 1e-5 for a, b in zip(socket.default_value, color, strict=True))


def _texture(tree: Any, image: bpy.types.Image) -> Any:
    texture = tree.nodes.new("ShaderNodeTexImage")
    texture.name = _TEXTURE
    texture.image = image
    texture.extension = "EXTEND"
    texture.location = (-500, 0)
    uv = tree.nodes.new("ShaderNodeUVMap")
    uv.uv_map = "UVMap"
    uv.location = (-700, 0)
    tree.links.new(uv.outputs["UV"], texture.inputs["Vector"])
    return texture
