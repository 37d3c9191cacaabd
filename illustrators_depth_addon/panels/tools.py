"""Tools of the toolbars: a click picks a layer, Alt-click isolates it; a stroke assigns pixels."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["register", "unregister"]

_CLICKS = (
    ("illdepth.layer_click", {"type": "LEFTMOUSE", "value": "PRESS"}, None),
    (
        "illdepth.layer_click",
        {"type": "LEFTMOUSE", "value": "PRESS", "alt": True},
        {"properties": [("isolate", True)]},
    ),
)


class PickLayerIn3DView(bpy.types.WorkSpaceTool):
    bl_space_type: Any = "VIEW_3D"
    bl_context_mode = "OBJECT"
    bl_idname = "illdepth.pick_layer"
    bl_label = "Pick Layer"
    bl_description = "Click a layer to make it the active one; Alt-click hides all others"
    bl_icon = "ops.generic.select"
    bl_cursor = "EYEDROPPER"
    bl_keymap = _CLICKS


class PickLayerInImageEditor(bpy.types.WorkSpaceTool):
    bl_space_type: Any = "IMAGE_EDITOR"
    bl_context_mode = "VIEW"
    bl_idname = "illdepth.pick_layer_2d"
    bl_label = PickLayerIn3DView.bl_label
    bl_description = PickLayerIn3DView.bl_description
    bl_icon = PickLayerIn3DView.bl_icon
    bl_cursor = "EYEDROPPER"
    bl_keymap = _CLICKS


class AssignToLayerInImageEditor(bpy.types.WorkSpaceTool):
    bl_space_type: Any = "IMAGE_EDITOR"
    bl_context_mode = "VIEW"
    bl_idname = "illdepth.assign_to_layer"
    bl_label = "Assign to Layer"
    bl_description = "Draw over pixels to move them to the active layer"
    bl_icon = "brush.generic"
    bl_cursor = "CROSSHAIR"
    bl_keymap = (("illdepth.assign_to_layer", {"type": "LEFTMOUSE", "value": "PRESS"}, None),)

    def draw_settings(_context: Any, layout: Any, tool: Any) -> None:  # noqa: N805 - Blender's way
        properties = tool.operator_properties("illdepth.assign_to_layer")
        layout.prop(properties, "shape")
        if properties.shape == "BRUSH":
            layout.prop(properties, "size")


_TOOLS: tuple[Any, ...] = (PickLayerIn3DView, PickLayerInImageEditor, AssignToLayerInImageEditor)


def register() -> None:
    for number, tool in enumerate(_TOOLS):
        bpy.utils.register_tool(tool, separator=number < 2)


def unregister() -> None:
    for tool in reversed(_TOOLS):
        bpy.utils.unregister_tool(tool)
