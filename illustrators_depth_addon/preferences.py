"""Preferences of the add-on: which Python runs the engine, the user's own model, the log."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from .log import LEVELS, level_changed
from .operators.common import split_layout
from .properties.callbacks import engine_changed

__all__ = ["CLASSES"]


class ILLDEPTH_AP_preferences(bpy.types.AddonPreferences):
    """Shown in Blender's preferences under the extension."""

    bl_idname = __package__ or "illustrators_depth_addon"

    engine: EnumProperty(
        name="Engine",
        description="Which Python runs the engine, always in a process of its own",
        items=(
            ("BUNDLED", "Bundled", "Blender's own Python with the wheels in this extension"),
            ("EXTERNAL", "External", "A Python with illustrators-depth[torch], for CUDA"),
        ),
        default="BUNDLED",
        update=engine_changed,
    )
    python: StringProperty(
        name="Python",
        description="The Python program of an environment with illustrators-depth installed",
        subtype="FILE_PATH",
        update=engine_changed,
    )
    model_file: StringProperty(
        name="Model File",
        description="An .onnx model or a torch checkpoint, used by every scene whose Model is File "
        "and that names none itself",
        subtype="FILE_PATH",
    )
    log_level: EnumProperty(
        name="Log",
        description="What is written to the system console",
        items=(
            ("WARNING", "Warnings", "Only what may be wrong"),
            ("INFO", "Information", "Also what was done and how long it took"),
            ("DEBUG", "Debug", "Also where in the code each error arose, for a bug report"),
        ),
        default=LEVELS[0],
        update=level_changed,
    )
    frame_builds: BoolProperty(
        name="Frame New Builds",
        description="Show what was just built in every 3D View, textured in Solid views",
        default=True,
    )
    report: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def draw(self, _context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        row = layout.row()
        row.prop(self, "engine", expand=True)
        if self.engine == "EXTERNAL":
            layout.prop(self, "python")
        layout.operator("illdepth.test_engine", icon="CHECKMARK")
        if self.report:
            column = layout.box().column(align=True)
            for line in self.report.splitlines():
                column.label(text=line, translate=False)
        layout.prop(self, "model_file")
        layout.prop(self, "frame_builds")
        layout.prop(self, "log_level")
        layout.label(text="Results are kept in the .blend, nothing on disk", icon="INFO")


CLASSES = (ILLDEPTH_AP_preferences,)
