"""Editing by depth: the threshold with its preview, and what can be done at it."""

from __future__ import annotations

from typing import Any

import bpy

from .common import sub_panels

__all__ = ["CLASSES", "draw_edit_depth"]


def draw_edit_depth(
    layout: Any, context: bpy.types.Context, _settings: Any, _image: bpy.types.Image
) -> None:
    """Draw the threshold and what can be done with the layers beyond it."""
    scene: Any = context.scene
    edit = scene.illdepth_edit
    layout.prop(edit, "threshold")
    layout.row().prop(edit, "preview", expand=True)
    if edit.preview != "OFF":
        layout.prop(edit, "tint")
    column = layout.column(align=True)
    column.operator("illdepth.split_at_threshold", icon="MOD_EXPLODE").which = "ALL"
    column.operator(
        "illdepth.split_at_threshold", text="Split Chosen Layers", icon="BLANK1"
    ).which = "CHOSEN"
    column.operator("illdepth.threshold_layers", icon="MOD_OPACITY")
    layout.operator("illdepth.insert_image", icon="IMAGE_REFERENCE")


CLASSES = sub_panels("edit_depth", "Edit in Depth", draw_edit_depth)
