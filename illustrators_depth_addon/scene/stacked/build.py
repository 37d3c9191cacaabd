"""A layer stack as stacked sheets of thick paper: one object and one material per layer.

Each object is the flat, smooth-edged shape of its layer; its thickness is a Solidify modifier that
follows the root's. Each object stands on the one below by a driver on its *delta* location, so
that thickness and gap are live and the object's own location is left to the user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy

from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from ..datablocks.materials import build_material, refresh_texture
from ..datablocks.mesh_data import fill_mesh
from ..images.packing import encode_textures, pack_rgba
from ..layer_opacity import layer_opacity
from ..layer_shapes import layer_shapes, shape_key, texture_key
from ..objects.build_collection import GAP, LAYERS, build_root, layer_objects
from ..objects.groups import sort_layer_objects
from ..objects.layer_roles import (
    changed_shapes,
    match_objects,
    new_layer_object,
    remove_others,
    set_role,
)
from ..objects.names import layer_tail, part_name
from ..units import from_units, to_units
from .bevel import set_bevel
from .smooth_edges import smooth_edges_group
from .spacing import (
    LAYER_THICKNESS,
    THICKNESS,
    lock_objects,
    set_gap,
    set_own_thickness,
    set_stack_thickness,
    share_thickness,
    stack_up,
)

__all__ = ["THICKNESS", "StackedOptions", "build_stacked"]

_SMOOTH = "Smooth Edges"


@dataclass(frozen=True)
class StackedOptions:
    """How stacked layers look; shape and size come from ReliefSettings.

    Attributes:
        textured: show each layer's own part of the picture, else its flat color.
        shader: one of `materials.SHADERS`.
        bevel_mm: how far the edges of newly made layers are broken; 0 for none.
        own_spacing: (thickness, gap) in mm of single layers, by uid; None takes the stack's.
        locked: uids of layers whose objects cannot be selected.
        split_from: uid of a layer made by splitting -> uid of the whole; its object starts as the
            whole's: in the same place, with the same modifiers.
    """

    textured: bool = True
    shader: str = "PRINCIPLED"
    bevel_mm: float = 0.0
    own_spacing: Mapping[int, tuple[float | None, float | None]] = field(default_factory=dict)
    locked: frozenset[int] = frozenset()
    split_from: Mapping[int, int] = field(default_factory=dict)


def build_stacked(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    settings: ReliefSettings | None = None,
    options: StackedOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, one object per layer in a collection.

    A layer keeps its object, transform, modifiers and material when rebuilt: it is known by its uid
    or else by its name. Only changed meshes and textures are made again. A hidden layer keeps the
    object it had, hidden with it.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones get no new object.
        settings: size, outlines, and the thickness and gap of newly made objects.
        options: materials of newly made objects, spacing of single layers.

    Returns:
        The collection. Its empty carries the properties "gap" and "thickness", which the layer
        objects' modifiers "Thickness" follow. Lengths are Blender units (see `units`); the
        picture's center is the origin.
    """
    settings = settings or ReliefSettings()
    options = options or StackedOptions()
    collection, root = build_root(scene, source, LAYERS)
    if root.get(GAP) is None:
        set_gap(root, to_units(settings.gap_mm))
    if root.get(LAYER_THICKNESS) is None:
        set_stack_thickness(root, (), to_units(settings.thickness_mm))
    existing = layer_objects(collection)
    matched = match_objects(existing, stack)
    keys, stale = changed_shapes(stack, matched, lambda layer: shape_key(layer, settings))
    shapes = layer_shapes(stack, stale, settings)
    encode_textures([layer.rgba_crop for layer in stack if layer.uid in keys])
    items = []
    for index, layer in enumerate(stack.layers):
        if layer.uid not in keys:
            continue
        item = matched.get(layer.uid)
        if item is None:
            whole = matched.get(options.split_from.get(layer.uid, 0))
            item = _new_object(collection, root, layer, whole, options)
        if layer.uid in shapes:
            fill_mesh(item.data, *shapes[layer.uid])  # type: ignore[arg-type]
        set_role(item, source, index, layer, keys[layer.uid])
        _set_material(item, stack, layer, options)
        items.append(item)
    remove_others(existing, items)
    sort_layer_objects(collection, items, stack)
    lock_objects(items, options.locked)
    stack_up(items, root)
    return collection


def _new_object(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    layer: Layer,
    whole: bpy.types.Object | None,
    options: StackedOptions,
) -> bpy.types.Object:
    """An object for a layer that has none; `whole` is that of the layer it was split from."""
    source = addon_data(collection).image
    if whole is not None:
        return _copy_for_part(source, collection, whole, layer)
    item = new_layer_object(source, layer)
    _set_up_object(item, collection, root, options.own_spacing.get(layer.uid, (None, None)))
    set_bevel(item, options.bevel_mm)
    return item


def _set_up_object(
    item: bpy.types.Object,
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    own_spacing: tuple[float | None, float | None],
) -> None:
    """Hang a new layer's object on the root, with its modifiers and own spacing."""
    item.parent = root
    collection.objects.link(item)
    thickness, gap = own_spacing
    solidify: Any = item.modifiers.new(THICKNESS, "SOLIDIFY")
    if thickness is None:
        solidify.thickness = float(root[LAYER_THICKNESS])
        share_thickness(item, root)
    else:
        set_own_thickness(item, thickness)
    solidify.offset = 1.0  # grows toward the viewer: the object's origin is its underside
    smooth: Any = item.modifiers.new(_SMOOTH, "NODES")
    smooth.node_group = smooth_edges_group()
    if gap is not None:
        set_gap(item, to_units(gap))


def _copy_for_part(
    source: bpy.types.Image,
    collection: bpy.types.Collection,
    whole: bpy.types.Object,
    layer: Layer,
) -> bpy.types.Object:
    """An object for a part of a layer: where the whole is, with its modifiers, its mesh empty."""
    item, tail = whole.copy(), layer_tail(layer.name)
    item.name = addon_data(item).given_name = part_name(source, tail)
    item.data = bpy.data.meshes.new(item.name)
    collection.objects.link(item)
    own_spacing = item.get(LAYER_THICKNESS)
    if own_spacing is not None:  # the copied driver follows the whole's
        set_own_thickness(item, from_units(own_spacing))
    return item


def _set_material(
    item: bpy.types.Object, stack: LayerStack, layer: Layer, options: StackedOptions
) -> None:
    """Give a new mesh its material; one that is there keeps its nodes and gets fresh pixels."""
    data, mesh = addon_data(item), item.data
    name = f"{stack.name} {layer.name}"
    existing = mesh.materials[0] if len(mesh.materials) else None  # type: ignore[union-attr]
    key = texture_key(layer)
    if existing is not None:
        if data.picture_key != key:
            refresh_texture(existing, layer.rgba_crop, layer.color)
    else:
        image = pack_rgba(name, layer.rgba_crop) if options.textured else None
        material = build_material(
            name, layer.color, image, options.shader, translucent=layer_opacity(layer) < 1.0
        )
        mesh.materials.append(material)  # type: ignore[union-attr]
    data.picture_key = key
