"""Check and export for printing."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty

from illustrators_depth.export.print_writer import PRINT_FORMATS, check_before_print

from ...context import active_image
from ...editing.current_stack import current_stack
from ...properties.printing import print_fields
from ...session import SESSION
from ...session.export_formats import print_file
from ...settings.printing import (
    field_values,
    printer_settings,
    relief_settings,
    report_key,
    set_fields,
)
from ..common import DepthOperator, reports_errors, split_layout
from .file import ExportOperator, kind_items, show_entry

__all__ = ["CLASSES", "draw_export_menu", "draw_print_settings"]

# The settings as arguments of the operator, for scripts; the dialog shows the scene's own.
_PrintFields: Any = type(
    "_Fields", (), {"__annotations__": print_fields({"SKIP_SAVE", "HIDDEN"}), "__doc__": None}
)


def draw_print_settings(layout: Any, group: Any) -> None:
    """The print settings as controls: the same in the panel and in the export dialog."""
    layout.prop(group, "preset")
    column = layout.column()
    column.prop(group, "mode")
    column.prop(group, "size_mm")
    if group.mode != "STACKED":
        column.prop(group, "base_mm")
    column.prop(group, "total_mm")
    if group.total_mm == 0.0:
        column.prop(group, "height_mm" if group.mode == "HEIGHTFIELD" else "thickness_mm")
    if group.mode != "HEIGHTFIELD":
        column.prop(group, "own_thickness")
    if group.mode == "TERRACED":
        column.prop(group, "max_steps")
        column.prop(group, "smallest_mm")
    column = layout.column(align=True)
    column.prop(group, "layer_height_mm")
    column.prop(group, "first_layer_mm")
    column.prop(group, "nozzle_mm")
    layout.column().prop(group, "bed_mm")
    if group.mode == "TERRACED":
        layout.prop(group, "filaments")


class ILLDEPTH_OT_export_print(DepthOperator, _PrintFields, ExportOperator, bpy.types.Operator):
    """Export the layers for printing: STL, 3MF, color swaps, height map"""

    bl_idname = "illdepth.export_print"
    bl_label = "Export Print"
    bl_options = {"PRESET"}

    KINDS = PRINT_FORMATS

    kind: EnumProperty(
        name="Format",
        description="What to write",
        items=kind_items(PRINT_FORMATS),
        default="STL",
    )
    check_first: BoolProperty(
        name="Check First",
        description="Measure the result and write nothing if it cannot be printed",
        default=False,
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        layout.prop(self, "kind")
        if not self.suffix:
            layout.prop(self, "overwrite")
        if PRINT_FORMATS[self.kind].measurable:
            layout.prop(self, "check_first")
        layout.separator()
        scene: Any = context.scene
        draw_print_settings(layout, scene.illdepth_print)

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        values = set_fields(scene.illdepth_print, self.properties)
        stack = current_stack(scene, image)
        relief, printer = relief_settings(values, stack, image), printer_settings(values)
        file = print_file(image, self.kind, relief, printer)
        return self.write(context, image, file, self.check_first)


class ILLDEPTH_OT_check_print(DepthOperator, bpy.types.Operator):
    """Measure what would be printed: closed, thick and wide enough, nothing in the air"""

    bl_idname = "illdepth.check_print"
    bl_label = "Check Print"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        group = scene.illdepth_print
        values = field_values(group)
        stack = current_stack(scene, image)
        depth = SESSION.depth.load(image)
        relief, printer = relief_settings(values, stack, image), printer_settings(values)
        report = check_before_print(stack, depth, relief, printer)
        group.report = "\n".join(report.lines(most=12))
        group.report_key = report_key(scene, image)
        last = report.lines()[-1].capitalize()
        if report.errors or report.warnings:
            self.report({"WARNING"}, last)
        else:
            self.report({"INFO"}, last)
        return {"FINISHED"}


def draw_export_menu(self: Any, _context: bpy.types.Context) -> None:
    """Draw the entry in Blender's menu File > Export."""
    show_entry(self, ILLDEPTH_OT_export_print.bl_idname, "Illustration Print (.stl/.3mf/.png)")


CLASSES = (ILLDEPTH_OT_export_print, ILLDEPTH_OT_check_print)
