"""A layer stack as filled curves: one 2D curve object per layer, its outline in Bézier splines.

Each is raised by the curve's own extrusion, which follows the root's "thickness", and stands on
the one below by a driver on its *delta* location. Bevel, tapers, hooks and everything else that
Blender does to curves is the user's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import bpy
import numpy as np

from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from ..datablocks.custom_properties import add_length, drive
from ..datablocks.materials import build_material, recolor
from ..layer_opacity import layer_opacity
from ..layer_shapes import shape_key
from ..objects.build_collection import CURVES, GAP, build_root, layer_objects
from ..objects.groups import sort_layer_objects
from ..objects.layer_roles import changed_shapes, match_objects, remove_others, set_role
from ..objects.names import layer_tail, part_name
from ..stacked.spacing import LAYER_THICKNESS
from ..units import to_units
from .outlines import Cubics, layer_cubics

__all__ = ["CurvesOptions", "build_curves"]

# Custom property of the root: the options that the curves were made with, as JSON.
_OPTIONS = "illdepth_curves"
# Blender's numbers of handle types; setting them by name takes a call for every point.
_VECTOR, _FREE, _ALIGNED = 2, 0, 3
# Handles this near to the way to the next point, as a share of it, make a straight line.
_STRAIGHT_SHARE = 0.01
# Cosine of the angle up to which both handles of a point count as one line.
_SMOOTH_COSINE = 0.9998


@dataclass(frozen=True)
class CurvesOptions:
    """How curves are made.

    Attributes:
        tolerance: how far curves may stray from the outline, in pixels: less is truer, more takes
            fewer points.
        shader: one of `materials.SHADERS`, for newly made objects.
    """

    tolerance: float = 0.5
    shader: str = "PRINCIPLED"


def build_curves(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    settings: ReliefSettings | None = None,
    options: CurvesOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, one filled curve object per layer in a collection.

    A layer keeps its object, transform, modifiers and material when rebuilt: it is known by its uid
    or else by its name. Only outlines that changed are drawn again.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones get no new object.
        settings: size and outlines, thickness and gap of a newly made build.
        options: of the curves; None takes those that they were made with.

    Returns:
        The collection. Its empty carries the live properties "thickness" and "gap", Blender units;
        the picture's center is the origin.
    """
    settings = settings or ReliefSettings()
    collection, root = build_root(scene, source, CURVES)
    if root.get(LAYER_THICKNESS) is None:
        add_length(
            root, LAYER_THICKNESS, to_units(settings.thickness_mm), "Thickness of all layers"
        )
        add_length(root, GAP, to_units(settings.gap_mm), "Clear distance from layer to layer")
    if options is None:
        options = CurvesOptions(**json.loads(root.get(_OPTIONS, "{}")))
    root[_OPTIONS] = json.dumps(asdict(options))
    items = _update_objects(collection, root, source, stack, settings, options)
    sort_layer_objects(collection, items, stack)
    _stack_up(items, root)
    return collection


def _update_objects(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    source: bpy.types.Image,
    stack: LayerStack,
    settings: ReliefSettings,
    options: CurvesOptions,
) -> list[bpy.types.Object]:
    """One object per layer, bottom to top; those of layers that are gone are removed."""
    existing = layer_objects(collection)
    matched = match_objects(existing, stack)
    keys, stale = changed_shapes(
        stack, matched, lambda layer: f"{shape_key(layer, settings)} {options.tolerance}"
    )
    outlines = layer_cubics(stale, settings.smoothing, options.tolerance)
    size, scale = (stack.width, stack.height), settings.size_mm / max(stack.width, stack.height)
    items = []
    for index, layer in enumerate(stack.layers):
        if layer.uid not in keys:
            continue
        item = matched.get(layer.uid) or _new_object(collection, root, source, layer, options)
        if layer.uid in outlines:
            _fill_curve(item.data, outlines[layer.uid], size, to_units(scale))
        set_role(item, source, index, layer, keys[layer.uid])
        _update_color(item, layer)
        items.append(item)
    remove_others(existing, items)
    return items


def _new_object(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    source: bpy.types.Image,
    layer: Layer,
    options: CurvesOptions,
) -> bpy.types.Object:
    name = part_name(source, layer_tail(layer.name))
    curve: Any = bpy.data.curves.new(name, "CURVE")
    curve.dimensions, curve.fill_mode = "2D", "BOTH"
    material = build_material(
        f"{name} curve", layer.color, shader=options.shader, opacity=layer_opacity(layer)
    )
    curve.materials.append(material)
    item = bpy.data.objects.new(name, curve)
    item.parent = root
    collection.objects.link(item)
    thick = (root, f'["{LAYER_THICKNESS}"]')
    drive(curve, ("extrude", -1), "thick / 2", thick=thick)  # to both sides of its plane
    return item


def _update_color(item: bpy.types.Object, layer: Layer) -> None:
    """Where the material still has the color that we gave it, give it the layer's."""
    curve: Any = item.data
    if len(curve.materials) and curve.materials[0] is not None:
        recolor(curve.materials[0], layer.color)


def _fill_curve(
    curve: Any, outlines: Sequence[Cubics], size: tuple[int, int], scale: float
) -> None:
    """Put closed outlines into a curve in place of those it has; `scale` is units per pixel."""
    curve.splines.clear()
    center = np.array(size, np.float64) / 2.0
    for cubics in outlines:
        cubics = (cubics - center) * scale
        spline = curve.splines.new("BEZIER")
        spline.use_cyclic_u = True
        points = spline.bezier_points
        points.add(len(cubics) - 1)
        previous = np.roll(cubics, 1, axis=0)
        types = _handle_types(previous[:, 2], cubics[:, 0], cubics[:, 1])
        straight = _is_straight(cubics)
        types[straight & np.roll(straight, 1)] = _VECTOR
        for name, coordinates in (
            ("co", cubics[:, 0]),
            ("handle_left", previous[:, 2]),
            ("handle_right", cubics[:, 1]),
        ):
            flat = np.pad(coordinates, ((0, 0), (0, 1))).astype(np.float32)
            points.foreach_set(name, flat.ravel())
        for side in ("handle_left_type", "handle_right_type"):
            points.foreach_set(side, types)


def _handle_types(left: Cubics, place: Cubics, right: Cubics) -> Any:
    """Aligned where an outline runs on smoothly, free at its corners; int32."""
    left_handle, right_handle = place - left, right - place
    lengths = np.linalg.norm(left_handle, axis=1) * np.linalg.norm(right_handle, axis=1)
    is_smooth = (left_handle * right_handle).sum(axis=1) > _SMOOTH_COSINE * lengths
    return np.where(is_smooth & (lengths > 0.0), _ALIGNED, _FREE).astype(np.int32)


def _is_straight(cubics: Cubics) -> Any:
    """Which cubics are lines: bool (k,)."""
    chord = cubics[:, 3] - cubics[:, 0]
    length = np.maximum(np.linalg.norm(chord, axis=1), 1e-12)
    legs = cubics[:, 1:3] - cubics[:, :1]
    distance = np.abs(chord[:, None, 0] * legs[..., 1] - chord[:, None, 1] * legs[..., 0])
    return distance.max(axis=1) < _STRAIGHT_SHARE * length * length


def _stack_up(items: Sequence[bpy.types.Object], root: bpy.types.Object) -> None:
    """Stand each curve on the nearest one below it that is not hidden with its layer."""
    thick, gap = (root, f'["{LAYER_THICKNESS}"]'), (root, f'["{GAP}"]')
    below: bpy.types.Object | None = None
    for item in items:
        target = ("delta_location", 2)
        if below is None:
            drive(item, target, "thick / 2", thick=thick)
        else:
            under = (below, "delta_location[2]")
            drive(item, target, "below + thick + gap", below=under, thick=thick, gap=gap)
        if not addon_data(item).hidden_layer:
            below = item
