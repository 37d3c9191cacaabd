"""A layer stack as image planes with alpha: a 2.5D scene, one textured plane per layer.

Options are named as in Blender's own "Import Images as Planes". The nearest plane lies at the root;
each of the others stands behind the one above it by a driver on its *delta* transform, so that the
offset stays a slider and the object's own transform is left to the user. A plane farther from the
camera is scaled up by as much as perspective makes it smaller, so through the camera of `parallax`
all of them together are the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from ..datablocks.custom_properties import add_length, drive
from ..datablocks.materials import build_material, refresh_texture
from ..datablocks.mesh_data import fill_mesh
from ..images.packing import pack_rgba
from ..images.texture_window import TextureWindow, crop_window, uv_in_window
from ..layer_shapes import texture_key
from ..objects.build_collection import PLANES, build_root, layer_objects
from ..objects.groups import sort_layer_objects
from ..objects.layer_roles import match_objects, new_layer_object, remove_others, set_role
from .offsets import EXTRA, add_up_offsets
from .root import DISTANCE, KEEP_FRAMING, OFFSET, PlanesOptions, set_up_root

__all__ = [
    "BEHIND",
    "PlaneShape",
    "PlanesOptions",
    "build_planes",
    "layer_plane",
    "plane_size",
    "shown_planes",
    "stand_behind",
]

# Of a plane, driven: how far it lies behind the nearest one. (One property of its own, because
# Blender takes axes of one object's location that depend on each other for a cycle.)
BEHIND = "behind"

# Custom property of the planes' materials: the shader that they were made with.
_SHADER = "illdepth_shader"


@dataclass(frozen=True)
class PlaneShape:
    """One plane in the picture's frame.

    Attributes:
        center: of the plane from the picture's center, Blender units, y up.
        corners: (left, bottom, right, top) from the plane's own center, Blender units.
        uv: the same as fractions of the picture, v up; beyond 0..1 where it bleeds.
        window: what its texture shows, as fractions of the picture, v up.
    """

    center: tuple[float, float]
    corners: tuple[float, float, float, float]
    uv: TextureWindow
    window: TextureWindow


def build_planes(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    options: PlanesOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, one textured plane per layer in a collection.

    A layer keeps its object, transform, modifiers and material when rebuilt: it is known by its uid
    or else by its name. The root keeps its place and its sliders.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones get no new plane.
        options: size, place and look of what is newly made.

    Returns:
        The collection. Its empty carries the live properties "offset", "distance" (camera to
        nearest plane) and "keep_framing"; each plane's origin is its own center.
    """
    options = options or PlanesOptions()
    collection, root = build_root(scene, source, PLANES)
    if options.renew:
        _renew_looks(collection, options)
    if root.get(OFFSET) is None:
        set_up_root(scene, root, stack, options)
    size = plane_size(root, stack)
    existing = layer_objects(collection)
    matched = match_objects(existing, stack)
    planes: list[bpy.types.Object] = []
    above: bpy.types.Object | None = None
    for index, layer in reversed(tuple(enumerate(stack.layers))):
        if layer.hidden and layer.uid not in matched:
            continue
        item, shape = layer_plane(
            collection, root, stack, index, matched.get(layer.uid), size, options
        )
        stand_behind(item, above, root, shape)
        if not layer.hidden:
            above = item
        planes.append(item)
    remove_others(existing, planes)
    sort_layer_objects(collection, planes, stack)
    return collection


def _renew_looks(collection: bpy.types.Collection, options: PlanesOptions) -> None:
    """Give planes that are there what is to be renewed; for another shader, no material first."""
    for item in layer_objects(collection):
        mesh: Any = item.data
        material = mesh.materials[0] if len(mesh.materials) else None
        if material is None or material.get(_SHADER) is None:
            continue  # the user's own, or one of a file of an earlier version
        if "shader" in options.renew and material[_SHADER] != options.shader:
            mesh.materials.clear()
        elif "render_method" in options.renew:
            material.surface_render_method = options.render_method


def shown_planes(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """The planes whose layers are not hidden, bottom to top."""
    return [o for o in layer_objects(collection) if not addon_data(o).hidden_layer]


def plane_size(root: bpy.types.Object, stack: LayerStack) -> tuple[float, float]:
    """Width and height of the picture on the nearest plane, Blender units."""
    height = float(root["height"])
    return height * stack.width / stack.height, height


def layer_plane(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    stack: LayerStack,
    index: int,
    item: bpy.types.Object | None,
    size: tuple[float, float],
    options: PlanesOptions,
) -> tuple[bpy.types.Object, PlaneShape]:
    """The plane of layer `index`: `item` brought up to date, or a new one when that is None."""
    layer, source = stack.layers[index], addon_data(collection).image
    if item is None:
        item = new_layer_object(source, layer)
        item.parent = root
        collection.objects.link(item)
        add_length(item, EXTRA, 0.0, "Room kept free below this plane, on top of the offset")
        add_length(item, BEHIND, 0.0, "How far this plane lies behind the nearest one")
    set_role(item, source, index, layer, "plane")
    shape = _shape(layer, size, options)
    left, bottom, right, top = shape.corners
    vertices = np.array(
        [[left, bottom, 0], [right, bottom, 0], [right, top, 0], [left, top, 0]], np.float32
    )
    u0, v0, u1, v1 = shape.uv
    uv = uv_in_window(np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]]), shape.window)
    fill_mesh(item.data, vertices, np.array([[0, 1, 2, 3]], np.int32), uv)  # type: ignore[arg-type]
    _set_material(item, f"{stack.name} {layer.name} plane", layer, options)
    return item, shape


def _shape(layer: Layer, size: tuple[float, float], options: PlanesOptions) -> PlaneShape:
    height, width = layer.frame
    top, left, bottom, right = layer.window if options.crop else (0, 0, height, width)
    window = crop_window(layer) if options.crop else (0.0, 0.0, 1.0, 1.0)
    bleed = options.bleed
    uv = (
        window[0] - (bleed / width if left == 0 else 0.0),
        window[1] - (bleed / height if bottom == height else 0.0),
        window[2] + (bleed / width if right == width else 0.0),
        window[3] + (bleed / height if top == 0 else 0.0),
    )
    center = (
        ((window[0] + window[2]) / 2.0 - 0.5) * size[0],
        ((window[1] + window[3]) / 2.0 - 0.5) * size[1],
    )
    corners = [(uv[i] - 0.5) * size[i % 2] - center[i % 2] for i in range(4)]
    return PlaneShape(center, (corners[0], corners[1], corners[2], corners[3]), uv, window)


def stand_behind(
    item: bpy.types.Object,
    above: bpy.types.Object | None,
    root: bpy.types.Object,
    shape: PlaneShape,
) -> None:
    """Drive place and scale of a plane by the one above it, the offset and the camera's distance.

    Plain arithmetic: Blender evaluates it without Python, so no "auto-run scripts" warning.
    """
    add_up_offsets(item, BEHIND, root, above, extra_of=above)
    variables: dict[str, tuple[bpy.types.ID, str]] = {
        "behind": (item, f'["{BEHIND}"]'),
        "keep": (root, f'["{KEEP_FRAMING}"]'),
        "distance": (root, f'["{DISTANCE}"]'),
    }
    drive(item, ("delta_location", 2), "-behind", behind=variables["behind"])
    scale = "(1.0 + keep * behind / distance)"
    for axis in (0, 1):
        drive(item, ("delta_scale", axis), scale, **variables)
        drive(item, ("delta_location", axis), f"{shape.center[axis]!r} * {scale}", **variables)


def _set_material(item: bpy.types.Object, name: str, layer: Layer, options: PlanesOptions) -> None:
    """Give a new plane its material; one that is there keeps its nodes and gets fresh pixels."""
    data, mesh = addon_data(item), item.data
    key = f"{texture_key(layer)} {options.crop}"
    existing = mesh.materials[0] if len(mesh.materials) else None  # type: ignore[union-attr]
    if existing is not None and data.picture_key == key:
        return
    rgba = layer.rgba_crop if options.crop else layer.rgba
    data.picture_key = key
    if existing is not None:
        refresh_texture(existing, rgba, layer.color)
        return
    image = pack_rgba(name, rgba)
    material = build_material(name, layer.color, image, options.shader, translucent=True, faces=1)
    material.surface_render_method = options.render_method  # type: ignore[assignment]
    material[_SHADER] = options.shader
    mesh.materials.append(material)  # type: ignore[union-attr]
