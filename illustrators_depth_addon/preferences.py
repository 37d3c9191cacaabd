"""Preferences of the add-on: which Python runs the engine."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty, StringProperty

from .callbacks import engine_changed

__all__ = ["CLASSES", "engine_python", "preferences"]


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
    report: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.use_property_split = True
        layout.prop(self, "engine", expand=True)
        if self.engine == "EXTERNAL":
            layout.prop(self, "python")
        layout.operator("illdepth.test_engine")
        for line in self.report.splitlines():
            layout.label(text=line)


def preferences() -> Any:
    """This add-on's preferences, None when it was registered by hand and not enabled."""
    settings: Any = bpy.context.preferences
    addon = settings.addons.get(__package__ or "")
    return addon.preferences if addon is not None else None


def engine_python() -> str | None:
    """The external interpreter that the user chose, None for Blender's own."""
    chosen = preferences()
    if chosen is None or chosen.engine == "BUNDLED" or not chosen.python:
        return None
    return bpy.path.abspath(chosen.python)


CLASSES = (ILLDEPTH_AP_preferences,)
