"""Moving a row of the layer list with the mouse: the list follows, the layers when it is let go."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import IntProperty

from ...addon_data import addon_data
from ...context import active_image, by_session_uid, redraw, show_problem
from ...editing import layers as layer_edits
from ...session import SESSION
from ...storage import layer_list
from ..common import LayerEditOperator, reports_errors

__all__ = ["CLASSES"]

# Height of a row in pixels at a scale of 1: Blender's unit of widgets.
_ROW_PX = 20.0


class ILLDEPTH_OT_layer_drag(LayerEditOperator, bpy.types.Operator):
    """Move the layer up or down with the mouse: click, move, click; Esc leaves it where it was"""

    bl_idname = "illdepth.layer_drag"
    bl_label = "Drag Layer"

    layer: IntProperty(name="Layer", description="Identity of the layer", options={"SKIP_SAVE"})
    steps: IntProperty(
        name="Steps",
        description="Steps that the layer moves up; negative ones move it down",
        options={"SKIP_SAVE"},
    )

    def change(self, scene: Any, image: Any) -> None:
        if self.steps:
            layer_edits.move_by(scene, image, self.layer, self.steps)
            layer_list.trust(image, self.layer)

    @reports_errors
    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        image = active_image(context, self.image)
        layer_edits.check_editable(image)
        layer_edits.check_unlocked(image, [self.layer])
        show_problem("")
        preferences: Any = context.preferences
        self._image_uid, self._start_y = image.session_uid, event.mouse_y
        self._row_px = _ROW_PX * preferences.system.ui_scale
        self._shown_steps = 0
        window: Any = context.window
        window.cursor_modal_set("MOVE_Y")
        manager: Any = context.window_manager
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    @reports_errors
    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        image = by_session_uid(bpy.data.images, self._image_uid)
        if image is None or event.type in ("ESC", "RIGHTMOUSE"):
            return self._end(context, image, "CANCELLED")
        if event.type == "MOUSEMOVE":
            target_steps = round((event.mouse_y - self._start_y) / self._row_px)
            self._shown_steps = show_moved(image, self.layer, self._shown_steps, target_steps)
            redraw("VIEW_3D", "IMAGE_EDITOR")
        is_click = event.type == "LEFTMOUSE" and event.value == "PRESS"
        is_drop = event.type == "LEFTMOUSE" and event.value == "RELEASE" and self._shown_steps != 0
        if is_click or is_drop or event.type in ("RET", "NUMPAD_ENTER"):
            self.steps = self._shown_steps
            self._end(context, image, "FINISHED")
            return self.execute(context) if self.steps else {"CANCELLED"}
        return {"RUNNING_MODAL"}

    def _end(self, context: bpy.types.Context, image: Any, result: str) -> set[Any]:
        """Let the list show the layers as they are."""
        window: Any = context.window
        window.cursor_modal_restore()
        if image is not None:
            show_moved(image, self.layer, self._shown_steps, 0)
            redraw("VIEW_3D", "IMAGE_EDITOR")
        return {result}


def show_moved(image: bpy.types.Image, uid: int, shown_steps: int, target_steps: int) -> int:
    """Show a layer of the list, and of the list alone, some steps above its place.

    Args:
        image: the picture.
        uid: the layer.
        shown_steps: how many steps above its place the list shows it now.
        target_steps: how many it shall; no row goes beyond an end.

    Returns how many steps it is shown above its place then.
    """
    data = addon_data(image)
    place = next((i for i, item in enumerate(data.layers) if item.uid == uid), None)
    if place is None:
        return shown_steps
    target = max(0, min(place + target_steps - shown_steps, len(data.layers) - 1))
    if target != place:
        SESSION.layer_list.syncing = True
        try:
            active = layer_list.active_item(image)
            active_uid = active.uid if active is not None else 0
            data.layers.move(place, target)
            rows = [item.uid for item in data.layers]
            data.active_layer = rows.index(active_uid) if active_uid in rows else target
        finally:
            SESSION.layer_list.syncing = False
    return shown_steps + target - place


CLASSES = (ILLDEPTH_OT_layer_drag,)
