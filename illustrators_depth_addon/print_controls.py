"""The print settings as controls: the same in the panel and in the export dialog."""

from __future__ import annotations

from typing import Any

__all__ = ["draw_print_settings"]


def draw_print_settings(layout: Any, group: Any) -> None:
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
