"""Print and export: settings, the check before printing, and the exports."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.export.printing import draw_print_settings
from ..settings.printing import report_key
from .common import sub_panels, wrapped

__all__ = ["CLASSES", "draw_export", "draw_print"]

_ICONS = {"error:": "CANCEL", "warning:": "ERROR", "note:": "INFO"}


def draw_print(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    """Draw the settings of prints, their buttons, and what the last check said."""
    scene: Any = context.scene
    group = scene.illdepth_print
    draw_print_settings(layout, group)
    row = layout.row(align=True)
    row.operator("illdepth.check_print", icon="CHECKMARK")
    row.operator("illdepth.export_print", icon="EXPORT")
    if not group.report:
        return
    box = layout.box().column(align=True)
    if group.report_key != report_key(scene, image):
        box.label(text="Changed since this check", icon="FILE_REFRESH")
        box = box.column(align=True)
        box.active = False
    region: Any = context.region
    width = max(24, int(region.width / 8)) if region is not None else 48
    for line in group.report.split("\n"):
        kind, _, rest = line.partition(" ")
        icon = _ICONS.get(kind)
        for number, line_text in enumerate(wrapped(rest if icon else line, width)):
            box.label(
                text=line_text, icon=(icon or "NONE") if number == 0 else "BLANK1", translate=False
            )


def draw_export(
    layout: Any, _context: bpy.types.Context, _settings: Any, _image: bpy.types.Image
) -> None:
    """Draw the buttons that write layers and depth."""
    column = layout.column(align=True)
    for kind, text in (
        ("PSD", "Photoshop"),
        ("ORA", "OpenRaster"),
        ("PNG", "PNG Sequence"),
        ("EXR", "Multi-layer EXR"),
        ("SVG", "SVG"),
        ("PAPERCUT", "Paper-Cut Sheets"),
        ("IDL", "Layers File"),
        ("DEPTH_PNG", "Depth PNG"),
        ("DEPTH_EXR", "Depth EXR"),
    ):
        column.operator("illdepth.export_layers", text=text).kind = kind


CLASSES = (
    *sub_panels("print", "Print", draw_print, presets="print"),
    *sub_panels("export", "Export", draw_export),
)
