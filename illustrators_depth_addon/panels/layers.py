"""Layers: how the picture is taken apart, the list of layers, and the stacked build."""

from __future__ import annotations

from typing import Any

import bpy

from ..attached import attached
from ..scene.builds import LAYERS, find_build
from .common import sub_panels, wrapped
from .layer_list import draw_layer_list

__all__ = ["CLASSES", "draw_layers", "draw_stacked"]


def draw_layers(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    column = layout.column()
    column.prop(settings, "method")
    column.prop(settings, "layers")
    column.prop(settings, "detail")
    column.prop(settings, "min_region")
    column.prop(settings, "completion")
    problem = attached(context.window_manager).problem
    if problem:
        draw_sentence(layout, context, problem)
    draw_layer_list(layout, image)


def draw_sentence(layout: Any, context: bpy.types.Context, text: str) -> None:
    """A sentence broken into lines that fit the sidebar, marked as a mistake."""
    region: Any = context.region
    width = max(20, int(region.width / 8)) if region is not None else 40
    column = layout.column(align=True)
    for number, part in enumerate(wrapped(text, width)):
        column.label(text=part, icon="ERROR" if number == 0 else "BLANK1", translate=False)


def draw_stacked(
    layout: Any, _context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    built = find_build(image, LAYERS) is not None
    column = layout.column()
    column.prop(settings, "size_mm")
    column.prop(settings, "thickness_mm")
    column.prop(settings, "gap_mm")
    column.prop(settings, "bevel_mm")
    column.prop(settings, "shader")
    column.prop(settings, "textured")
    if built:
        layout.operator("illdepth.renew_materials", icon="MATERIAL")
    layout.operator(
        "illdepth.build_layers",
        text="Update Layers" if built else "Build Layers",
        icon="RENDERLAYERS",
    )


CLASSES = (
    *sub_panels("layers", "Layers", draw_layers, closed=False),
    *sub_panels("stacked", "Stacked Layers", draw_stacked, closed=False, presets="look"),
)
