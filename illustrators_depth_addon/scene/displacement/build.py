"""A displacement relief: a closed mesh of the picture's aspect, raised by its depth.

The depth is an attribute of the vertices, in 32 bits, and a geometry-nodes modifier raises them by
it: height, gamma, compression and base stay live sliders and no 8-bit step ever enters. The mesh is
fine where the depth changes and coarse where it does not (`adaptive_grid`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.geometry.adaptive_grid import Grid, adaptive_grid

from ..datablocks.materials import build_material
from ..datablocks.mesh_data import fill_mesh
from ..images.pixels import read_pixels
from ..objects.build_collection import RELIEF, build_root
from ..objects.names import give_name, part_name
from ..units import to_units
from .geometry_inputs import set_input
from .height_nodes import ATTRIBUTE, height_group

__all__ = ["HEIGHT", "DisplacementOptions", "build_displacement"]

HEIGHT = "Height"
_TAIL = " surface"


@dataclass(frozen=True)
class DisplacementOptions:
    """How a displacement relief is made.

    Attributes:
        size_mm: longest side.
        height_mm: height of the nearest point over the farthest, of a newly made object.
        base_mm: thickness of what lies under the farthest point, of a newly made object.
        mid_level: the depth, 0 to 1, that stays in the plane of the root, of a newly made object.
        gamma: above 1 lowers what is far, below 1 lifts it; of a newly made object.
        compression: 0 to 1, presses near parts together as bas-reliefs do; of a newly made object.
        adaptive: as fine as the picture only where the depth is not flat, else everywhere.
        tolerance: error of the adaptive mesh, as a share of the height.
        max_vertices: at most about this many.
        shader: one of `materials.SHADERS`, for a newly made object.
    """

    size_mm: float = 200.0
    height_mm: float = 20.0
    base_mm: float = 0.0
    mid_level: float = 0.0
    gamma: float = 1.0
    compression: float = 0.0
    adaptive: bool = True
    tolerance: float = 0.002
    max_vertices: int = 4_000_000
    shader: str = "PRINCIPLED"


def build_displacement(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    depth_image: bpy.types.Image,
    options: DisplacementOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, a relief of a picture in a collection of its own.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock, also the texture.
        depth_image: float depth, 0 (farthest) .. 1 (nearest), Non-Color.
        options: size, height, resolution and shading.

    Returns:
        The collection; its mesh object carries a modifier "Height" with the inputs of
        `height_nodes.INPUTS` (lengths in Blender units). The picture's center is the origin and the
        depth `mid_level` lies at z = 0.
    """
    options = options or DisplacementOptions()
    collection, root = build_root(scene, source, RELIEF)
    item = next((o for o in collection.objects if o.type == "MESH"), None)
    if item is None:
        name = part_name(source, _TAIL)
        item = bpy.data.objects.new(name, bpy.data.meshes.new(name))
        item.parent = root
        collection.objects.link(item)
        modifier: Any = item.modifiers.new(HEIGHT, "NODES")
        modifier.node_group = height_group()
        for label, value in (
            ("Height", to_units(options.height_mm)),
            ("Mid Level", options.mid_level),
            ("Gamma", options.gamma),
            ("Compression", options.compression),
            ("Base", to_units(options.base_mm)),
        ):
            set_input(modifier, label, value)
    give_name(item, source, _TAIL)
    mesh: Any = item.data
    depth = np.ascontiguousarray(read_pixels(depth_image)[..., 0])
    grid = adaptive_grid(depth, options.tolerance, options.max_vertices, options.adaptive)
    width, height = source.size
    side = to_units(options.size_mm) / max(width, height)
    _fill_solid(mesh, grid, (width * side, height * side))
    if not len(mesh.materials):
        mesh.materials.append(
            build_material(item.name, (0.8, 0.8, 0.8), source, shader=options.shader)
        )
    return collection


def _fill_solid(mesh: Any, grid: Grid, size: tuple[float, float]) -> None:
    """The grid as a closed solid: a wall down from its rim, and a floor."""
    count, rim = len(grid.uv), len(grid.border)
    uv = np.concatenate([grid.uv, grid.uv[grid.border], [[0.5, 0.5]]]).astype(np.float32)
    vertices = np.zeros((len(uv), 3), np.float32)
    vertices[:, :2] = (uv - 0.5) * np.array(size, np.float32)
    rim_vertices = grid.border
    next_rim = np.roll(rim_vertices, -1)
    floor_rim = np.arange(count, count + rim, dtype=np.int32)
    next_floor = np.roll(floor_rim, -1)
    floor_center = np.full(rim, count + rim, np.int32)
    wall = [(floor_rim, next_floor, next_rim), (floor_rim, next_rim, rim_vertices)]
    floor = [(floor_center, next_floor, floor_rim)]
    closed = np.concatenate([np.stack(t, axis=1) for t in (*wall, *floor)]).astype(np.int32)
    fill_mesh(mesh, vertices, np.concatenate([grid.faces, closed]), uv)
    depth = np.full(len(uv), -1.0, np.float32)
    depth[:count] = grid.values
    sharp = np.zeros(len(grid.faces) + len(closed), bool)
    sharp[len(grid.faces) :] = True
    _set_attribute(mesh, ATTRIBUTE, "FLOAT", "POINT", depth)
    _set_attribute(mesh, "sharp_face", "BOOLEAN", "FACE", sharp)


def _set_attribute(
    mesh: Any, name: str, kind: str, domain: str, values: NDArray[np.generic]
) -> None:
    attribute = mesh.attributes.get(name) or mesh.attributes.new(name, kind, domain)
    attribute.data.foreach_set("value", values)
