"""Export of layers and depth for other programs."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from .. import image_cache, prediction
from ..exports import LAYER_KINDS, export_layers
from .common import active_image, find_image, reports_errors
from .export_file import ExportFile, kind_items, show_entry

__all__ = ["CLASSES", "draw_export_menu"]


class ILLDEPTH_OT_export_layers(ExportFile, bpy.types.Operator):
    """Export the layers or the depth for other programs"""

    bl_idname = "illdepth.export_layers"
    bl_label = "Export Layers"
    bl_options = {"PRESET"}

    KINDS = LAYER_KINDS

    filepath: StringProperty(
        name="File", description="The file or folder to write", subtype="FILE_PATH"
    )
    filter_glob: StringProperty(default="*", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})
    image: StringProperty(
        name="Image",
        description="Name of the image, empty for the active one",
        default="",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    kind: EnumProperty(
        name="Format",
        description="What to write",
        items=kind_items(LAYER_KINDS),
        default="PSD",
    )
    overwrite: BoolProperty(
        name="Overwrite",
        description="Replace what is there without asking, also inside a folder",
        default=False,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        image = find_image(context)
        if image is not None and not image_cache.has_depth(image):
            cls.poll_message_set("The picture has no depth yet; press Predict first")
            return False
        return True

    @reports_errors
    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        return ExportFile.invoke(self, context, event)

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, "kind")
        if not self.suffix:
            layout.prop(self, "overwrite")

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        path, overwrite = self.target()
        stack = prediction.current_stack(image, prediction.scene_settings(scene))
        said = export_layers(stack, image_cache.load_depth(image), self.kind, path, overwrite)
        self.report({"INFO"}, f"{path.name}: {said}")
        return {"FINISHED"}


def draw_export_menu(self: Any, _context: bpy.types.Context) -> None:
    show_entry(
        self, ILLDEPTH_OT_export_layers.bl_idname, "Illustration Layers (.psd/.ora/.exr/.svg)"
    )


CLASSES = (ILLDEPTH_OT_export_layers,)
