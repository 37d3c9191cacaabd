"""A small photo studio around a build: soft light, a plain backdrop, a framed camera.

Light is set so that a white sheet facing the camera comes out just white, under the "Standard" view
transform: the picture keeps its own colors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector
from numpy.typing import NDArray

__all__ = ["StudioOptions", "build_studio", "frame_camera"]

_NAME = "Studio"


@dataclass(frozen=True)
class StudioOptions:
    """How a picture is photographed.

    Attributes:
        turn: degrees the camera stands to the right of the picture's upright middle line.
        tilt: degrees it stands below the picture's level middle line.
        lens_mm: focal length on a 36 mm sensor; longer is calmer.
        margin: empty border around the subject, as a share of the frame.
        backdrop: sRGB color of the surface it lies on.
    """

    turn: float = -16.0
    tilt: float = 25.0
    lens_mm: float = 85.0
    margin: float = 0.07
    backdrop: tuple[float, float, float] = (0.80, 0.79, 0.77)


def build_studio(
    scene: bpy.types.Scene,
    subjects: list[bpy.types.Object],
    options: StudioOptions | None = None,
    aspect: float = 4.0 / 3.0,
) -> bpy.types.Collection:
    """Add camera, lights, world and backdrop for mesh objects lying in the XY plane.

    Returns the collection "Studio"; the camera becomes the scene's. `aspect` is width / height of
    the render.
    """
    options = options or StudioOptions()
    points = _evaluated_points(scene, subjects)
    low, high = points.min(axis=0), points.max(axis=0)
    center = Vector([float(v) for v in (low + high) / 2.0])
    radius = float(np.linalg.norm(high[:2] - low[:2])) / 2.0
    collection = bpy.data.collections.new(_NAME)
    scene.collection.children.link(collection)
    _add_backdrop(collection, float(low[2]), radius, options.backdrop)
    for light in _light_setups():
        _add_light(collection, center, radius, *light)
    _set_world(scene)
    camera = _add_camera(collection, options)
    scene.camera = camera
    frame_camera(camera, points, options, aspect)
    return collection


def frame_camera(
    camera: bpy.types.Object,
    points: NDArray[np.float64],
    options: StudioOptions,
    aspect: float,
) -> None:
    """Place the camera so that all points fill the frame, less the margin, and are centered."""
    toward_camera = Vector(
        (math.tan(math.radians(options.turn)), -math.tan(math.radians(options.tilt)), 1)
    )
    toward_camera.normalize()
    # Upright in the picture would be upright in the frame, and level would slope: share the skew.
    right: Any = Vector((0.0, 1.0, 0.0)).cross(toward_camera)
    right.normalize()
    up: Any = toward_camera.cross(right)
    roll = Matrix.Rotation(math.atan2(up.x, right.x) / 2.0, 3, toward_camera)
    right, up = roll @ right, roll @ up
    axes = np.array([right, up, toward_camera])
    camera.rotation_euler = Matrix(axes.T.tolist()).to_euler()
    projected = points @ axes.T
    data: Any = camera.data
    half = np.array([18.0, 18.0 / aspect]) / data.lens * (1.0 - 2.0 * options.margin)
    # A point at (x, y, z) is inside if |x - cx| <= half * (cz - z): intersect the four half-planes
    # per axis to get the nearest camera that sees all of them.
    offset = np.empty(3)
    camera_distance = 0.0
    for axis in (0, 1):
        upper = (projected[:, axis] + half[axis] * projected[:, 2]).max()
        lower = (projected[:, axis] - half[axis] * projected[:, 2]).min()
        offset[axis] = (upper + lower) / 2.0
        camera_distance = max(camera_distance, (upper - lower) / (2.0 * half[axis]))
    offset[2] = camera_distance
    camera.location = Vector([float(v) for v in offset @ axes])
    data.clip_end = max(100.0, 10.0 * camera_distance)


def _evaluated_points(
    scene: bpy.types.Scene, subjects: list[bpy.types.Object]
) -> NDArray[np.float64]:
    """World-space corners of the objects as they are rendered, (8 n, 3)."""
    layer: Any = scene.view_layers[0]
    layer.update()
    graph = layer.depsgraph
    corners = []
    for item in subjects:
        placed = item.evaluated_get(graph)
        corners += [placed.matrix_world @ Vector(c) for c in placed.bound_box]
    return np.array(corners, np.float64)


def _light_setups() -> tuple[tuple[str, tuple[float, float, float], float, float, str], ...]:
    """Name, direction from the subject, size and irradiance (1 = a full white), and color."""
    return (
        # Key: large, from the left; its soft shadows tell the layers apart.
        ("Key", (-0.95, 0.38, 1.0), 1.4, 0.58, "#FFF6EA"),
        # Rim: long and low from behind, for a bright edge on each layer.
        ("Rim", (0.55, 1.0, 0.42), 1.3, 0.14, "#EAF2FF"),
        # Fill: very large and weak, from below, on the walls that face the camera.
        ("Fill", (0.25, -1.0, 0.75), 3.3, 0.2, "#F4F7FF"),
    )


def _add_light(
    collection: bpy.types.Collection,
    center: Vector,
    radius: float,
    name: str,
    direction: tuple[float, float, float],
    size: float,
    irradiance: float,
    color: str,
) -> None:
    distance = 4.5 * radius
    direction_to_light = Vector(direction).normalized()
    data: Any = bpy.data.lights.new(name, "AREA")
    data.shape = "DISK"
    data.size = size * radius * 2.0
    # An area light of power P gives, on its axis, P cos / (pi d^2); a white sheet needs pi.
    data.energy = irradiance * math.pi**2 * distance**2 / max(direction_to_light.z, 0.2)
    data.color = [int(color[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    item = bpy.data.objects.new(name, data)
    item.location = center + direction_to_light * distance
    item.rotation_euler = direction_to_light.to_track_quat("Z", "Y").to_euler()
    collection.objects.link(item)


def _add_backdrop(
    collection: bpy.types.Collection,
    height: float,
    radius: float,
    color: tuple[float, float, float],
) -> None:
    from ..datablocks.materials import build_material
    from ..datablocks.mesh_data import fill_mesh

    side = 20.0 * radius
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32) * side
    mesh = bpy.data.meshes.new("Backdrop")
    fill_mesh(mesh, corners, np.array([[0, 1, 2, 3]], np.int32), corners[:, :2])
    mesh.materials.append(build_material("Backdrop", color))
    item = bpy.data.objects.new("Backdrop", mesh)
    # A little below the lowest layer, which then casts a soft shadow.
    item.location.z = height - 0.02 * radius
    collection.objects.link(item)


def _set_world(scene: bpy.types.Scene) -> None:
    world = bpy.data.worlds.new(_NAME)
    if world.node_tree is None:
        world.use_nodes = True
    tree: Any = world.node_tree
    background = next((n for n in tree.nodes if n.type == "BACKGROUND"), None)
    if background is None:
        background = tree.nodes.new("ShaderNodeBackground")
        output = tree.nodes.new("ShaderNodeOutputWorld")
        tree.links.new(background.outputs[0], output.inputs["Surface"])
    background.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    background.inputs["Strength"].default_value = 0.16
    scene.world = world


def _add_camera(collection: bpy.types.Collection, options: StudioOptions) -> bpy.types.Object:
    data: Any = bpy.data.cameras.new("Camera")
    data.lens = options.lens_mm
    data.sensor_fit = "HORIZONTAL"
    item = bpy.data.objects.new("Camera", data)
    collection.objects.link(item)
    return item
