"""Layers: how the picture is taken apart, and the stacked build's live sliders."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.builds import GAP, LAYERS, find_build, layer_objects
from ..scene.stacked import THICKNESS
from .common import sub_panels

__all__ = ["CLASSES", "draw_layers"]


def draw_layers(
    layout: Any, _context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    layout.prop(settings, "method")
    layout.prop(settings, "layers")
    layout.prop(settings, "detail")
    layout.prop(settings, "min_region")
    layout.prop(settings, "completion")
    layout.separator()
    collection = find_build(image, LAYERS)
    if collection is None:
        layout.prop(settings, "size_mm")
        layout.prop(settings, "thickness_mm")
        layout.prop(settings, "gap_mm")
        layout.prop(settings, "shader")
        layout.prop(settings, "textured")
    layout.operator(
        "illdepth.build_layers",
        text="Build Layers" if collection is None else "Update Layers",
        icon="RENDERLAYERS",
    )
    if collection is not None:
        _draw_sliders(layout, collection)


def _draw_sliders(layout: Any, collection: bpy.types.Collection) -> None:
    """Gap of the whole stack, and a thickness slider beside every layer's name, top first."""
    for item in collection.objects:
        if item.type == "EMPTY" and item.get(GAP) is not None:
            layout.prop(item, f'["{GAP}"]', text="Gap")
    column = layout.column(align=True)
    for item in reversed(layer_objects(collection)):
        modifier: Any = item.modifiers.get(THICKNESS)
        row = column.row(align=True)
        row.prop(item, "hide_viewport", text="", emboss=False)
        row.use_property_split = False
        row.prop(item, "name", text="")
        if modifier is not None:
            row.prop(modifier, "thickness", text="")


CLASSES = sub_panels("layers", "Layers", draw_layers, closed=False)
