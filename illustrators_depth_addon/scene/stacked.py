"""A layer stack as stacked sheets of thick paper: one object and one material per layer.

Each object is the flat, smooth-edged shape of its layer; its thickness is a Solidify modifier and
stays a slider for ever. Each object stands on the one below by a driver on its *delta* location, so
that thickness and gap are live and the object's own location is left to the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.nouns import Layer, LayerStack, Mesh
from illustrators_depth.settings import ReliefSettings

from ..attached import attached
from .builds import GAP, LAYERS, build_root, layer_objects
from .materials import TextureWindow, build_material, refresh_texture
from .mesh_data import fill_mesh
from .pictures import pack_rgba
from .smooth_edges import smooth_edges_group
from .units import to_units

__all__ = ["THICKNESS", "StackedOptions", "build_stacked"]

THICKNESS = "Thickness"
_SMOOTH = "Smooth Edges"


@dataclass(frozen=True)
class StackedOptions:
    """How stacked layers look; shape and size come from ReliefSettings.

    Attributes:
        textured: show each layer's own part of the picture, else its flat colour.
        shader: one of `materials.SHADERS`.
    """

    textured: bool = True
    shader: str = "PRINCIPLED"


def build_stacked(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    settings: ReliefSettings | None = None,
    options: StackedOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, one object per shown layer in a collection.

    Layers of the same name keep their object, transform, modifiers and material when rebuilt.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones get no object.
        settings: size, outlines, and the thickness and gap of newly made objects.
        options: materials of newly made objects.

    Returns:
        The collection. Its empty carries the property "gap"; each layer object a modifier
        "Thickness". Lengths are Blender units (see `units`); the picture's centre is the origin.
    """
    from illustrators_depth.geometry import relief

    settings = settings or ReliefSettings()
    options = options or StackedOptions()
    solids = relief(stack, _sheets(settings))
    collection, root = build_root(scene, source, f"{stack.name} layers", LAYERS)
    if root.get(GAP) is None:
        _add_gap(root, to_units(settings.gap_mm))
    known = {attached(o).layer_name: o for o in layer_objects(collection)}
    below: bpy.types.Object | None = None
    for solid in solids.split():
        part = solid.parts[0]
        layer = stack.layers[part.layer]
        item = known.pop(layer.name, None)
        if item is None:
            item = _new_object(collection, root, layer.name, to_units(settings.thickness_mm))
        data = attached(item)
        data.layer, data.layer_name = part.layer, layer.name
        mesh: Any = item.data
        fill_mesh(mesh, *_sheet(solid, _size(stack, settings)))
        _set_material(mesh, stack, layer, options)
        _stand_on(item, below, root)
        below = item
    for item in known.values():
        _remove(item)
    return collection


def _sheets(settings: ReliefSettings) -> ReliefSettings:
    """The same outlines as flat as they come: only the upper caps are used."""
    values = settings.to_dict() | {"mode": "stacked", "fit": "picture"}
    return ReliefSettings.from_dict(values)


def _size(stack: LayerStack, settings: ReliefSettings) -> tuple[float, float]:
    scale = settings.size_mm / max(stack.width, stack.height)
    return stack.width * scale, stack.height * scale


def _sheet(
    solid: Mesh, size: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.int32], NDArray[np.float32]]:
    """The upper cap of a slab, centred on the picture, in Blender units at z = 0."""
    top = solid.vertices[:, 2] > solid.vertices[:, 2].mean()
    cap = solid.faces[top[solid.faces].all(axis=1)]
    number = np.cumsum(top, dtype=np.int32) - 1
    vertices = solid.vertices[top] - np.array([size[0] / 2.0, size[1] / 2.0, 0.0], np.float32)
    vertices[:, 2] = 0.0
    return (vertices * np.float32(to_units(1.0)), number[cap].astype(np.int32), solid.uv[top])


def _new_object(
    collection: bpy.types.Collection, root: bpy.types.Object, name: str, thickness: float
) -> bpy.types.Object:
    item = bpy.data.objects.new(name, bpy.data.meshes.new(name))
    item.parent = root
    collection.objects.link(item)
    solidify: Any = item.modifiers.new(THICKNESS, "SOLIDIFY")
    solidify.thickness = thickness
    solidify.offset = 1.0  # grows towards the viewer: the object's origin is its underside
    smooth: Any = item.modifiers.new(_SMOOTH, "NODES")
    smooth.node_group = smooth_edges_group()
    return item


def _add_gap(root: bpy.types.Object, gap: float) -> None:
    owner: Any = root
    owner[GAP] = gap
    owner.id_properties_ui(GAP).update(
        min=0.0,
        soft_max=0.5,
        step=0.1,
        precision=3,
        subtype="DISTANCE",
        default=gap,
        description="Clear distance between a layer and the one below it",
    )


def _stand_on(
    item: bpy.types.Object, below: bpy.types.Object | None, root: bpy.types.Object
) -> None:
    """Drive the height of a layer by the one below: its height, its thickness, and the gap."""
    item.driver_remove("delta_location", 2)
    if below is None:
        item.delta_location[2] = 0.0
        return
    driver: Any = item.driver_add("delta_location", 2).driver  # type: ignore[union-attr]
    driver.type = "SCRIPTED"
    for name, owner, path in (
        ("below", below, "delta_location[2]"),
        ("thick", below, f'modifiers["{THICKNESS}"].thickness'),
        ("gap", root, f'["{GAP}"]'),
    ):
        variable = driver.variables.new()
        variable.name = name
        variable.targets[0].id = owner
        variable.targets[0].data_path = path
    # Plain arithmetic: Blender evaluates it without Python, so no "auto-run scripts" warning.
    driver.expression = "below + thick + gap"


# Paint covers by more than this over most of its area.
_PAINT_ALPHA = 0.9


def _set_material(
    mesh: bpy.types.Mesh, stack: LayerStack, layer: Layer, options: StackedOptions
) -> None:
    """Give a new mesh its material; one that is there keeps its nodes and gets fresh pixels."""
    name = f"{stack.name} {layer.name}"
    present = mesh.materials[0] if len(mesh.materials) else None
    if present is not None:
        refresh_texture(present, layer.rgba_crop, _window(layer))
        return
    image = pack_rgba(name, layer.rgba_crop) if options.textured else None
    mesh.materials.append(
        build_material(
            name, layer.color, image, _window(layer), options.shader, _is_translucent(layer)
        )
    )


def _is_translucent(layer: Layer) -> bool:
    """Whether the layer is a shadow or a glaze rather than paint with anti-aliased edges."""
    return bool(np.median(layer.rgba_crop[..., 3][layer.visible_crop]) < _PAINT_ALPHA)


def _window(layer: Layer) -> TextureWindow:
    """Where the layer's crop lies in the picture, as fractions, v up."""
    height, width = layer.frame
    top, left, bottom, right = layer.window
    return left / width, 1.0 - bottom / height, right / width, 1.0 - top / height


def _remove(item: bpy.types.Object) -> None:
    """Delete an object whose layer is gone, with its mesh; textures go when the file is saved."""
    mesh: Any = item.data
    bpy.data.objects.remove(item)
    if mesh.users == 0:
        bpy.data.meshes.remove(mesh)
