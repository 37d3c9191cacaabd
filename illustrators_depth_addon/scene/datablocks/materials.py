"""Materials of layers and reliefs: picture-textured or flat, in the styles artists know.

The names follow Blender's own "Import Images as Planes": Principled, Shadeless, Emission.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from ..images.packing import is_ours, pack_rgba

__all__ = ["SHADERS", "build_material", "recolor", "refresh_texture", "srgb_to_linear"]

SHADERS = ("PRINCIPLED", "SHADELESS", "EMISSION")

# Names of our own nodes, by which a rebuild finds them in a material the user has worked on: the
# texture, and of a shadeless material the surface that light from other objects falls on.
_TEXTURE = "Picture"
_LIT = "Lit"
# A node of earlier versions, whose UV maps spanned the whole picture instead of the layer.
_MAPPING = "Picture Window"
# Sockets that hold a flat color: that of Principled, and that of Emission and Diffuse.
_COLOR_SOCKETS = ("Base Color", "Color")


def srgb_to_linear(srgb: tuple[float, float, float]) -> tuple[float, float, float, float]:
    """An sRGB color, 0..1, as the scene-linear RGBA that sockets and viewport colors expect.

    The curve is that of IEC 61966-2-1; alpha is 1.
    """
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb)
    return r, g, b, 1.0


def build_material(
    name: str,
    color: tuple[float, float, float],
    image: bpy.types.Image | None = None,
    shader: str = "PRINCIPLED",
    translucent: bool = False,
    faces: int = 2,
    opacity: float = 1.0,
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
        opacity: how much a flat color covers, 0..1; a texture has its own alpha.
    """
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True  # the default from 5.0 on
    material.diffuse_color = srgb_to_linear(color)
    tree: Any = material.node_tree
    tree.nodes.clear()
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    output.location = (300, 0)
    shaded, socket = _add_shader(tree, shader)
    tree.links.new(shaded.outputs[0], output.inputs["Surface"])
    if image is None:
        _set_flat_color(tree, socket, srgb_to_linear(color))
        if opacity < 1.0:
            cover = tree.nodes.new("ShaderNodeValue")
            cover.outputs[0].default_value = opacity
            cover.location = (-500, 130)
            _connect_alpha(material, cover.outputs[0], shaded, output, faces)
            material.diffuse_color[3] = opacity
        return material
    texture = _add_texture(tree, image)
    tree.links.new(texture.outputs["Color"], socket)
    if translucent:
        _connect_alpha(material, texture.outputs["Alpha"], shaded, output, faces)
    return material


def _set_flat_color(tree: Any, socket: Any, color: tuple[float, float, float, float]) -> None:
    """Give a linear color to a socket, or to all that a reroute feeds.

    A reroute passes on links but no value of its own, so it goes.
    """
    sockets = [socket]
    if socket.node.bl_idname == "NodeReroute":
        sockets = [link.to_socket for link in socket.node.outputs[0].links]
        tree.nodes.remove(socket.node)
    for color_socket in sockets:
        color_socket.default_value = color


def _connect_alpha(material: Any, alpha: Any, shaded: Any, output: Any, faces: int) -> None:
    """Make the surface as opaque as the socket `alpha` says, in nodes that exporters understand.

    `shaded` is the last node of the shader and `output` the material's; `faces` as for
    `build_material`.

    USD and glTF take transparency from the texture behind the Alpha of a Principled node, glTF that
    of shadeless materials from a mix whose first shader is Transparent.
    """
    tree = material.node_tree
    if faces > 1:
        # Light enters a sheet by one face and leaves by another: only the first one covers.
        alpha = _front_faces_only(tree, alpha)
        material.use_backface_culling = True
    if "Alpha" in shaded.inputs:
        tree.links.new(alpha, shaded.inputs["Alpha"])
        return
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    clear.location = (100, 130)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.location = (300, 0)
    output.location = (480, 0)
    tree.links.new(alpha, mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(shaded.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    inner = tree.nodes.get(_LIT)
    if inner is not None:
        _show_to_exporters(tree, alpha, inner.inputs["Alpha"])


def _front_faces_only(tree: Any, alpha: Any) -> Any:
    """`alpha` on faces seen from the front, 0 on those seen from behind."""
    geometry = tree.nodes.new("ShaderNodeNewGeometry")
    geometry.location = (-500, 420)
    front, cover = tree.nodes.new("ShaderNodeMath"), tree.nodes.new("ShaderNodeMath")
    front.operation, cover.operation = "SUBTRACT", "MULTIPLY"
    front.inputs[0].default_value = 1.0
    front.location, cover.location = (-330, 300), (-160, 250)
    tree.links.new(geometry.outputs["Backfacing"], front.inputs[1])
    tree.links.new(alpha, cover.inputs[0])
    tree.links.new(front.outputs[0], cover.inputs[1])
    return cover.outputs[0]


def _show_to_exporters(tree: Any, alpha: Any, socket: Any) -> None:
    """Link `alpha` to a socket through a sum that is always 1.

    Exporters search back from the socket and find the alpha; in Blender the node stays opaque,
    because the mix around it is transparent already.
    """
    opaque = tree.nodes.new("ShaderNodeMath")
    opaque.operation, opaque.use_clamp = "ADD", True
    opaque.inputs[1].default_value = 1.0
    opaque.location = (-330, 130)
    tree.links.new(alpha, opaque.inputs[0])
    tree.links.new(opaque.outputs[0], socket)


def _add_shader(tree: Any, kind: str) -> tuple[Any, Any]:
    """Add a shader, one of `SHADERS`: its last node, and the socket that takes the color."""
    if kind == "PRINCIPLED":
        node = _add_paper_shader(tree)
        return node, node.inputs["Base Color"]
    emission = tree.nodes.new("ShaderNodeEmission")
    if kind == "EMISSION":
        return emission, emission.inputs["Color"]
    # Shadeless: the camera sees the picture's color, all other rays an ordinary surface.
    emission.location = (-150, -120)
    path = tree.nodes.new("ShaderNodeLightPath")
    paper = _add_paper_shader(tree)
    paper.name, paper.location = _LIT, (-150, 420)
    path.location = (-150, 560)
    mix = tree.nodes.new("ShaderNodeMixShader")
    mix.location = (100, 0)
    tree.links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
    tree.links.new(paper.outputs[0], mix.inputs[1])
    tree.links.new(emission.outputs[0], mix.inputs[2])
    reroute = tree.nodes.new("NodeReroute")
    reroute.location = (-200, -60)
    tree.links.new(reroute.outputs[0], paper.inputs["Base Color"])
    tree.links.new(reroute.outputs[0], emission.inputs["Color"])
    return mix, reroute.inputs[0]


def _add_paper_shader(tree: Any) -> Any:
    """Matt like paper, so that the picture's colors are not washed out by highlights."""
    node = tree.nodes.new("ShaderNodeBsdfPrincipled")
    node.inputs["Roughness"].default_value = 0.75
    node.inputs["Specular IOR Level"].default_value = 0.2
    return node


def refresh_texture(
    material: bpy.types.Material,
    rgba: NDArray[np.float32],
    color: tuple[float, float, float],
) -> None:
    """Bring new pixels into a material made by `build_material`, whatever else was changed in it.

    A material without our texture node, or with an image of the user's in it, is left as it is,
    but for a flat color that is still ours: it follows the layer's.

    Args:
        rgba: straight-alpha sRGB 0..1, float32 (H, W, 4), row 0 on top.
        color: of the layer, sRGB 0..1.
    """
    tree: Any = material.node_tree
    recolor(material, color)
    texture = tree.nodes.get(_TEXTURE) if tree is not None else None
    if texture is None or texture.bl_idname != "ShaderNodeTexImage" or texture.image is None:
        return
    if not is_ours(texture.image):
        return
    texture.image = pack_rgba(texture.image.name, rgba, reuse=texture.image)
    mapping = tree.nodes.get(_MAPPING)
    if mapping is not None:
        tree.nodes.remove(mapping)


def recolor(material: bpy.types.Material, srgb: tuple[float, float, float]) -> None:
    """Where a color socket still has the color we gave it, give it the new one, sRGB 0..1."""
    old_color, color = tuple(material.diffuse_color), srgb_to_linear(srgb)
    tree: Any = material.node_tree
    for node in tree.nodes if tree is not None else ():
        for socket in node.inputs:
            if (
                socket.name in _COLOR_SOCKETS
                and not socket.is_linked
                and _has_color(socket, old_color)
            ):
                socket.default_value = color
    material.diffuse_color = (*color[:3], old_color[3])


def _has_color(socket: Any, color: tuple[float, ...]) -> bool:
    """Whether a socket's RGB is this linear color, but for the rounding of 32-bit floats."""
    return all(
        abs(a - b) < 1e-5 for a, b in zip(tuple(socket.default_value)[:3], color[:3], strict=True)
    )


def _add_texture(tree: Any, image: bpy.types.Image) -> Any:
    """Add the picture's texture node, with the mesh's UV map; its edge pixels go on beyond it."""
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
