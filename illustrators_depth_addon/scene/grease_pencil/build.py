"""A layer stack as a Grease Pencil drawing, with one of its layers for each layer of the stack.

Lines of the picture are strokes with their width, all else is filled shapes. A layer is drawn again
only when its shape or color has changed; other frames, and layers that the user added, stay.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import UnavailableError
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack

from ..datablocks.materials import srgb_to_linear
from ..layer_shapes import shape_key
from ..objects.build_collection import DRAWING, build_root
from ..objects.names import give_name, part_name
from ..units import to_units
from .drawing_shapes import DrawnShape, drawn_shapes

__all__ = ["DrawingOptions", "build_drawing", "drawing_object"]

# The first version with this Grease Pencil; its data has had two names in Python since.
_MIN_VERSION = (4, 3, 0)
# Custom property of the drawing's object: what is known of its layers, as JSON, by uid.
_LAYERS = "illdepth_layers"
_LINE, _FILL = 0, 1
_TAIL = " drawing"


@dataclass(frozen=True)
class DrawingOptions:
    """How layers are drawn.

    Attributes:
        simplify: how far outlines may be off, in pixels: less is truer, more is easier to edit.
        lines: draw what is much longer than wide as strokes; without it all shapes are filled.
    """

    simplify: float = 0.3
    lines: bool = True


def build_drawing(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    settings: ReliefSettings | None = None,
    options: DrawingOptions | None = None,
) -> bpy.types.Collection:
    """Build, or bring up to date in place, one Grease Pencil object with a layer per layer.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones are hidden.
        settings: size and outlines.
        options: of the drawing; None takes those that it was made with.

    Raises UnavailableError in a Blender before 4.3.
    """
    if bpy.app.version < _MIN_VERSION:
        raise UnavailableError(
            "Grease Pencil drawings need Blender 4.3 or later; build Layers or Planes instead."
        )
    settings = settings or ReliefSettings()
    collection, root = build_root(scene, source, DRAWING)
    item = drawing_object(collection)
    if item is None:
        name = part_name(source, _TAIL)
        item = bpy.data.objects.new(name, _new_data(name))
        item.parent = root
        collection.objects.link(item)
    give_name(item, source, _TAIL)
    if options is None:
        options = DrawingOptions(**json.loads(item.get(_LAYERS, "{}")).get("options", {}))
    _update(item, stack, settings, options)
    return collection


def drawing_object(collection: bpy.types.Collection) -> Any:
    """The Grease Pencil object of a build, None when it is gone."""
    return next((o for o in collection.objects if o.get(_LAYERS) is not None), None)


def _new_data(name: str) -> Any:
    data: Any = bpy.data
    # An empty collection counts as false, so what is there is asked for by name.
    collection = (
        data.grease_pencils_v3 if hasattr(data, "grease_pencils_v3") else data.grease_pencils
    )
    drawing = collection.new(name)
    drawing.stroke_depth_order = "2D"  # layer over layer, as in the list
    for label, shows in (("Lines", "show_stroke"), ("Shapes", "show_fill")):
        material = bpy.data.materials.new(label)
        bpy.data.materials.create_gpencil_data(material)
        style: Any = material.grease_pencil
        style.show_stroke = style.show_fill = False
        setattr(style, shows, True)
        drawing.materials.append(material)
    return drawing


def _update(
    item: Any, stack: LayerStack, settings: ReliefSettings, options: DrawingOptions
) -> None:
    drawing = item.data
    earlier: dict[str, dict[str, str]] = json.loads(item.get(_LAYERS, "{}")).get("layers", {})
    records: dict[str, dict[str, str]] = {}
    scale = to_units(settings.size_mm / max(stack.width, stack.height))
    targets: list[Any] = []
    existing = {layer.name: layer for layer in drawing.layers}
    for layer in stack:
        record = earlier.get(str(layer.uid), {})
        target = existing.get(record.get("name", ""))
        if target is None:
            target = drawing.layers.new(layer.name)
            target.use_lights = False  # the picture's own colors, whatever the light
        elif record["layer"] != layer.name:
            target.name = layer.name
        target.hide = layer.hidden
        color = tuple(round(c, 3) for c in layer.color)
        key = f"{shape_key(layer, settings)} {color} {options}"
        if record.get("key") != key:
            shapes = drawn_shapes(layer, settings.smoothing, options.simplify, options.lines)
            _draw_shapes(target, shapes, (stack.width, stack.height), scale)
        targets.append(target)
        records[str(layer.uid)] = {"name": target.name, "layer": layer.name, "key": key}
    stale_names = {x["name"] for uid, x in earlier.items() if uid not in records}
    current_names = {x["name"] for x in records.values()}
    for name in stale_names - current_names:
        if name in existing:
            drawing.layers.remove(existing[name])
    if [x.name for x in drawing.layers if x.name in current_names] != [x.name for x in targets]:
        for target in targets:
            drawing.layers.move_top(target)
    item[_LAYERS] = json.dumps({"layers": records, "options": options.__dict__})


def _draw_shapes(
    target: Any, shapes: Sequence[DrawnShape], size: tuple[int, int], scale: float
) -> None:
    """Put shapes into the first frame of a layer, in place of what is drawn there."""
    frame = min(target.frames, key=lambda x: x.frame_number, default=None)
    if frame is None:
        frame = target.frames.new(1)
    drawing = frame.drawing
    if len(drawing.strokes):
        drawing.remove_strokes()
    if not shapes:
        return
    counts = [len(shape.points) for shape in shapes]
    drawing.add_strokes(counts)
    points = np.concatenate([shape.points for shape in shapes])
    flat = (points - np.array(size) / 2.0) * scale
    widths = np.concatenate(
        [np.zeros(n) if s.widths is None else s.widths for s, n in zip(shapes, counts, strict=True)]
    )
    colors = np.array([srgb_to_linear(shape.color) for shape in shapes], np.float32)
    is_fill = np.array([shape.widths is None for shape in shapes])
    closed = np.array([shape.closed for shape in shapes])
    _set_attribute(drawing, "position", "FLOAT_VECTOR", "POINT", np.pad(flat, ((0, 0), (0, 1))))
    _set_attribute(drawing, "radius", "FLOAT", "POINT", widths / 2.0 * scale)
    _set_attribute(
        drawing, "vertex_color", "FLOAT_COLOR", "POINT", np.repeat(colors, counts, axis=0)
    )
    _set_attribute(drawing, "fill_color", "FLOAT_COLOR", "CURVE", colors)
    opacity = np.array([shape.opacity for shape in shapes])
    _set_attribute(drawing, "opacity", "FLOAT", "POINT", np.repeat(opacity, counts))
    _set_attribute(drawing, "fill_opacity", "FLOAT", "CURVE", opacity)
    _set_attribute(drawing, "cyclic", "BOOLEAN", "CURVE", closed)
    _set_attribute(drawing, "material_index", "INT", "CURVE", np.where(is_fill, _FILL, _LINE))
    drawing.tag_positions_changed()


_FIELDS = {
    "FLOAT_VECTOR": ("vector", np.float32),
    "FLOAT": ("value", np.float32),
    "FLOAT_COLOR": ("color", np.float32),
    "BOOLEAN": ("value", np.bool_),
    "INT": ("value", np.int32),
}


def _set_attribute(drawing: Any, name: str, kind: str, domain: str, values: NDArray[Any]) -> None:
    attribute = drawing.attributes.get(name) or drawing.attributes.new(name, kind, domain)
    field, dtype = _FIELDS[kind]
    attribute.data.foreach_set(field, np.ascontiguousarray(values, dtype).ravel())
