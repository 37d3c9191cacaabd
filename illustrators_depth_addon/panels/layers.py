"""Layers: how the picture is taken apart, the list of layers, and the stacked build."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.objects.build_collection import LAYERS, find_build
from ..session.preload import preload
from ..storage.source_layers import source_file
from .common import draw_problem, sub_panels
from .layer_list import draw_layer_list

__all__ = ["CLASSES", "draw_layers", "draw_stacked"]


def draw_layers(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    """Draw how the picture is taken apart, and the list of its layers.

    Gets the picture ready for its sliders; one whose layers come from a file has none.
    """
    if source_file(image):
        draw_problem(layout, context)
        draw_layer_list(layout, image)
        return
    if context.scene is not None:
        preload(context.scene, image)
    column = layout.column()
    column.prop(settings, "method")
    row = column.row(heading="Layers")
    row.prop(settings, "automatic_layers")
    if not settings.automatic_layers:
        column.prop(settings, "layers", text="Number")
    column.prop(settings, "detail")
    column.prop(settings, "min_region")
    column.prop(settings, "completion")
    draw_problem(layout, context)
    draw_layer_list(layout, image)


def draw_stacked(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    """Draw settings and button of the stacked build."""
    built = find_build(image, LAYERS, context.scene) is not None
    column = layout.column()
    column.prop(settings, "size_mm")
    column.prop(settings, "true_size")
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
