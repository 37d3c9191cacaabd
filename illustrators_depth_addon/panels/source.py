"""The main panel: which picture, which predictor, and the Predict button."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.layered import is_drawing

from ..addon_data import addon_data
from ..context import find_image
from ..operators.common import split_layout
from ..storage.depth import has_depth
from ..storage.source_layers import source_file
from ..translations import of_one, translatable, translated
from .common import TAB, draw_problem, draw_sentence

__all__ = ["CLASSES", "draw_prediction", "draw_source"]


def draw_source(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image | None
) -> None:
    """Draw which picture is worked on, and how to open one."""
    if image is None:
        layout.operator("illdepth.import_image", icon="FILE_FOLDER")
    space: Any = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR":
        return  # the editor's own image is the picture
    row = layout.row(align=True)
    row.template_ID(settings, "image")
    if image is not None:
        row.operator("illdepth.import_image", text="", icon="FILE_FOLDER")


def draw_prediction(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image | None
) -> None:
    """Draw predictor, device and the button, or how far a prediction is."""
    state = addon_data(context.window_manager)
    if state.running:
        row = layout.row(align=True)
        row.progress(factor=state.fraction, text=state.text)
        row.operator("illdepth.cancel", text="", icon="X")
        layout.label(text="Esc cancels", icon="INFO")
        return
    if source_file(image) and image is not None:
        _draw_file(layout, context, image)
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
    has_result = has_depth(image)
    row.operator("illdepth.predict", text="Predict Again" if has_result else "Predict", icon="PLAY")
    row.operator("illdepth.clear", text="", icon="TRASH")
    if not has_result:  # else it stands with the layers
        draw_problem(layout, context)
    if image is None:
        layout.label(text="Choose a picture", icon="IMAGE_DATA")
    elif has_result:
        data = addon_data(image)
        label = translated("Depth by {predictor} on {device}")
        text = label.format(predictor=data.predictor, device=data.device)
        layout.label(text=text, icon="CHECKMARK", translate=False)


def _draw_file(layout: Any, context: bpy.types.Context, image: bpy.types.Image) -> None:
    """A picture whose layers come from a file: nothing is to be predicted."""
    data = addon_data(image)
    count, text = len(data.layers), translatable("{count} layers from {name}")
    shown = translated(of_one(text) if count == 1 else text).format(
        count=count, name=Path(data.layers_file).name
    )
    layout.label(text=shown, icon="CHECKMARK", translate=False)
    if is_drawing(Path(data.layers_file)):
        layout.prop(data, "layers_split")
    row = layout.row(align=True)
    row.scale_y = 1.4
    row.operator("illdepth.reload_layers", icon="FILE_REFRESH")
    row.operator("illdepth.clear", text="", icon="TRASH")
    if data.layers_note:
        draw_sentence(layout, context, data.layers_note, "INFO")


class _MainPanel:
    bl_label = TAB
    bl_region_type = "UI"
    bl_category = TAB

    def draw(self, context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)  # type: ignore[attr-defined]
        settings, image = addon_data(context.scene), find_image(context)
        draw_source(layout, context, settings, image)
        draw_prediction(layout, context, settings, image)


class ILLDEPTH_PT_view3d(_MainPanel, bpy.types.Panel):
    bl_space_type = "VIEW_3D"


class ILLDEPTH_PT_image_editor(_MainPanel, bpy.types.Panel):
    bl_space_type = "IMAGE_EDITOR"


CLASSES = (ILLDEPTH_PT_view3d, ILLDEPTH_PT_image_editor)
