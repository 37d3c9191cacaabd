"""A displacement relief: a grid of the picture's aspect, raised by its depth.

The height is a Displace modifier that reads the cached 32-bit depth image, so its strength stays a
live slider and no 8-bit step ever enters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .builds import RELIEF, build_root
from .materials import build_material
from .mesh_data import fill_mesh
from .units import to_units

__all__ = ["HEIGHT", "DisplacementOptions", "build_displacement"]

HEIGHT = "Height"
_NAME = "surface"


@dataclass(frozen=True)
class DisplacementOptions:
    """How a displacement relief is made.

    Attributes:
        size_mm: longest side.
        height_mm: height of the nearest point over the farthest, of a newly made object.
        max_vertices: the grid has one vertex per pixel, or as many as this.
        shader: one of `materials.SHADERS`, for a newly made object.
    """

    size_mm: float = 200.0
    height_mm: float = 20.0
    max_vertices: int = 500_000
    shader: str = "PRINCIPLED"


def build_displacement(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    depth_image: bpy.types.Image,
    name: str,
    options: DisplacementOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, a relief of a picture in a collection of its own.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock, also the texture.
        depth_image: float depth, 0 (farthest) .. 1 (nearest), Non-Color.
        name: what the collection is named after.
        options: size, height, resolution and shading.

    Returns:
        The collection; its mesh object carries a modifier "Height" (strength in Blender units).
        The picture's centre is the origin and the farthest point lies at z = 0.
    """
    options = options or DisplacementOptions()
    collection, root = build_root(scene, source, f"{name} relief", RELIEF)
    item = next((o for o in collection.objects if o.type == "MESH"), None)
    if item is None:
        item = bpy.data.objects.new(f"{name} {_NAME}", bpy.data.meshes.new(f"{name} {_NAME}"))
        item.parent = root
        collection.objects.link(item)
        modifier: Any = item.modifiers.new(HEIGHT, "DISPLACE")
        modifier.strength = to_units(options.height_mm)
        modifier.mid_level = 0.0
        modifier.direction = "Z"
        modifier.texture_coords = "UV"
    mesh: Any = item.data
    fill_mesh(mesh, *_grid(source.size[0], source.size[1], options))
    if not len(mesh.materials):
        mesh.materials.append(
            build_material(f"{name} {_NAME}", (0.8, 0.8, 0.8), source, shader=options.shader)
        )
    height: Any = item.modifiers.get(HEIGHT)
    if height is not None:
        height.uv_layer = "UVMap"
        height.texture = _texture(height.texture, depth_image)
    return collection


def _texture(texture: Any, depth_image: bpy.types.Image) -> Any:
    """The texture that Displace reads: the image as it is, neither clamped nor blurred."""
    if texture is None:
        texture = bpy.data.textures.new(depth_image.name, "IMAGE")
    texture.image = depth_image
    texture.use_clamp = False
    texture.use_interpolation = True
    texture.filter_size = 0.1  # the least that Blender takes
    if hasattr(texture, "use_mipmap"):  # gone in 5.0, with the blur it brought
        texture.use_mipmap = False
    texture.extension = "EXTEND"
    return texture


def _grid(
    width: int, height: int, options: DisplacementOptions
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """A flat grid of quads: vertices (V, 3) in Blender units, faces (F, 4), UV (V, 2)."""
    step = max(1.0, math.sqrt(width * height / options.max_vertices))
    columns, rows = max(2, int(width / step)), max(2, int(height / step))
    u, v = np.meshgrid(
        np.linspace(0.0, 1.0, columns, dtype=np.float32),
        np.linspace(0.0, 1.0, rows, dtype=np.float32),
    )
    uv = np.stack([u.ravel(), v.ravel()], axis=1)
    side = to_units(options.size_mm) / max(width, height)
    vertices = np.zeros((rows * columns, 3), np.float32)
    vertices[:, :2] = (uv - 0.5) * np.array([width * side, height * side], np.float32)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    faces = np.stack([corner, corner + 1, corner + columns + 1, corner + columns], axis=1)
    return vertices, faces.astype(np.int32), uv
