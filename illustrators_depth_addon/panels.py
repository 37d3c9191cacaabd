"""The sidebar tab "Illustrator's Depth", the same in the 3D View and the Image Editor."""

from __future__ import annotations

from typing import Any

import bpy

from . import image_cache
from .attached import attached
from .operators.common import find_image
from .scene.builds import GAP, LAYERS, RELIEF, find_build, layer_objects
from .scene.displacement import HEIGHT
from .scene.stacked import THICKNESS

__all__ = ["CLASSES"]

_TAB = "Illustrator's Depth"


class _Panel:
    bl_region_type = "UI"
    bl_category = _TAB

    def draw(self, context: bpy.types.Context) -> None:
        layout: Any = self.layout  # type: ignore[attr-defined]
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = attached(context.scene)
        _draw_source(layout, context, settings)
        image = find_image(context)
        _draw_prediction(layout, context, settings, image)
        if image is not None and image_cache.has_depth(image):
            _draw_layers(layout, settings, image)
            _draw_displacement(layout, settings, image)


def _draw_source(layout: Any, context: bpy.types.Context, settings: Any) -> None:
    space: Any = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR":
        return  # the editor's own image is the picture
    layout.template_ID(settings, "image", open="image.open")


def _draw_prediction(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image | None
) -> None:
    state = attached(context.window_manager)
    if state.running:
        layout.progress(factor=state.fraction, text=state.text)
        layout.label(text="Esc cancels", icon="INFO")
        return
    column = layout.column()
    column.prop(settings, "model")
    if settings.model == "FILE":
        column.prop(settings, "model_path")
    column.prop(settings, "device")
    column.prop(settings, "denoise")
    row = layout.row(align=True)
    row.enabled = image is not None
    row.scale_y = 1.4
    again = image_cache.has_depth(image)
    row.operator("illdepth.predict", text="Predict Again" if again else "Predict", icon="PLAY")
    row.operator("illdepth.clear", text="", icon="TRASH")
    if image is None:
        layout.label(text="Choose a picture", icon="IMAGE_DATA")
    elif again:
        data = attached(image)
        layout.label(text=f"Depth by {data.predictor} on {data.device}", icon="CHECKMARK")


def _draw_layers(layout: Any, settings: Any, image: bpy.types.Image) -> None:
    header, body = layout.panel("illdepth_layers")
    header.label(text="Layers")
    if body is None:
        return
    body.prop(settings, "method")
    body.prop(settings, "layers")
    body.prop(settings, "detail")
    body.prop(settings, "min_region")
    body.prop(settings, "completion")
    body.separator()
    collection = find_build(image, LAYERS)
    if collection is None:
        body.prop(settings, "size_mm")
        body.prop(settings, "thickness_mm")
        body.prop(settings, "gap_mm")
        body.prop(settings, "shader")
        body.prop(settings, "textured")
    body.operator(
        "illdepth.build_layers",
        text="Build Layers" if collection is None else "Update Layers",
        icon="RENDERLAYERS",
    )
    if collection is not None:
        _draw_sliders(body, collection)


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


def _draw_displacement(layout: Any, settings: Any, image: bpy.types.Image) -> None:
    header, body = layout.panel("illdepth_displacement", default_closed=True)
    header.label(text="Displacement")
    if body is None:
        return
    collection = find_build(image, RELIEF)
    if collection is None:
        body.prop(settings, "size_mm")
        body.prop(settings, "height_mm")
    body.operator(
        "illdepth.build_displacement",
        text="Build Displacement" if collection is None else "Update Displacement",
        icon="MOD_DISPLACE",
    )
    for item in collection.objects if collection is not None else ():
        modifier: Any = item.modifiers.get(HEIGHT)
        if modifier is not None:
            body.prop(modifier, "strength", text="Height")


class ILLDEPTH_PT_view3d(_Panel, bpy.types.Panel):
    bl_label = _TAB
    bl_space_type = "VIEW_3D"


class ILLDEPTH_PT_image_editor(_Panel, bpy.types.Panel):
    bl_label = _TAB
    bl_space_type = "IMAGE_EDITOR"


CLASSES = (ILLDEPTH_PT_view3d, ILLDEPTH_PT_image_editor)
