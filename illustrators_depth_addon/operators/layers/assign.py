"""Assign to Layer: drawing with a brush or a lasso in the Image Editor."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import CollectionProperty, EnumProperty, FloatProperty

from illustrators_depth.errors import InputError

from ...editing.assign import assign
from ...storage import layer_list
from ...translations import reported
from ..common import LayerEditOperator, LayerOperator, reports_errors

__all__ = ["CLASSES"]

_LINE_COLOR = (1.0, 0.6, 0.1, 0.9)
# Pixels of the screen between two points of a stroke.
_STEP_PX = 2.0


class ILLDEPTH_OT_assign_to_layer(LayerOperator, LayerEditOperator, bpy.types.Operator):
    """Draw over pixels in the Image Editor to move them to the active layer"""

    bl_idname = "illdepth.assign_to_layer"
    bl_label = "Assign to Layer"

    shape: EnumProperty(
        name="Shape",
        description="What is drawn",
        items=(
            ("BRUSH", "Brush", "Pixels under the stroke"),
            ("LASSO", "Lasso", "Pixels inside the line"),
        ),
        default="BRUSH",
    )
    size: FloatProperty(
        name="Size",
        description="Diameter of the brush in pixels of the picture",
        min=1.0,
        soft_max=500.0,
        default=24.0,
        subtype="PIXEL",
    )
    path: CollectionProperty(type=bpy.types.OperatorMousePath, options={"SKIP_SAVE", "HIDDEN"})

    def change(self, scene: Any, image: Any) -> None:
        uid, points = self.uid(image), [(point.loc[0], point.loc[1]) for point in self.path]
        assign(scene, image, uid, points, self.size if self.shape == "BRUSH" else 0.0)
        name = layer_list.item_of(image, uid).name
        self.report({"INFO"}, reported("Moved to {name}", name=name))

    @reports_errors
    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        area: Any = context.area
        if area is None or area.type != "IMAGE_EDITOR":
            raise InputError("Pixels are assigned in the Image Editor; show the picture in one.")
        self.path.clear()
        self._line: list[tuple[int, int]] = []
        self._area = area
        self._handle: Any = bpy.types.SpaceImageEditor.draw_handler_add(
            _draw_line, (self._line,), "WINDOW", "POST_PIXEL"
        )
        self._add(context, event)
        manager: Any = context.window_manager
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    @reports_errors
    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        if event.type in ("ESC", "RIGHTMOUSE"):
            self._end()
            return {"CANCELLED"}
        if event.type == "MOUSEMOVE":
            self._add(context, event)
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._end()
            return self.execute(context)
        return {"RUNNING_MODAL"}

    def cancel(self, _context: bpy.types.Context) -> None:
        self._end()

    def _add(self, context: bpy.types.Context, event: bpy.types.Event) -> None:
        x, y = event.mouse_region_x, event.mouse_region_y
        if self._line and max(abs(x - self._line[-1][0]), abs(y - self._line[-1][1])) < _STEP_PX:
            return
        self._line.append((x, y))
        region: Any = context.region
        self.path.add().loc = region.view2d.region_to_view(x, y)
        self._area.tag_redraw()

    def _end(self) -> None:
        if self._handle is not None:
            bpy.types.SpaceImageEditor.draw_handler_remove(self._handle, "WINDOW")
            self._handle = None
            self._area.tag_redraw()


def _draw_line(points: list[tuple[int, int]]) -> None:
    """The stroke so far."""
    if len(points) < 2:
        return
    import gpu
    from gpu_extras.batch import batch_for_shader

    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    batch = batch_for_shader(shader, "LINE_STRIP", {"pos": [(x, y, 0.0) for x, y in points]})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("color", _LINE_COLOR)
    batch.draw(shader)
    gpu.state.blend_set("NONE")


CLASSES = (ILLDEPTH_OT_assign_to_layer,)
