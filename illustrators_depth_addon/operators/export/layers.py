"""Export of layers and depth for other programs."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty

from illustrators_depth.export.stack_writer import LAYER_FORMATS

from ...context import active_image
from ...session.export_formats import layer_file
from ..common import DepthOperator, reports_errors, split_layout
from .file import ExportOperator, kind_items, show_entry

__all__ = ["CLASSES", "draw_export_menu"]


class ILLDEPTH_OT_export_layers(DepthOperator, ExportOperator, bpy.types.Operator):
    """Export the layers or the depth for other programs"""

    bl_idname = "illdepth.export_layers"
    bl_label = "Export Layers"
    bl_options = {"PRESET"}

    KINDS = LAYER_FORMATS

    kind: EnumProperty(
        name="Format",
        description="What to write",
        items=kind_items(LAYER_FORMATS),
        default="PSD",
    )

    def draw(self, _context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        layout.prop(self, "kind")
        if not self.suffix:
            layout.prop(self, "overwrite")

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        return self.write(context, image, layer_file(self.kind))


def draw_export_menu(self: Any, _context: bpy.types.Context) -> None:
    """Draw the entry in Blender's menu File > Export."""
    show_entry(
        self, ILLDEPTH_OT_export_layers.bl_idname, "Illustration Layers (.psd/.ora/.exr/.svg)"
    )


CLASSES = (ILLDEPTH_OT_export_layers,)
