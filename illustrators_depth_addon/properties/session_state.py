"""State of this session, on the window manager; never saved."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

__all__ = ["ATTACHED", "CLASSES"]


class ILLDEPTH_PG_progress(bpy.types.PropertyGroup):
    """Progress of the running job, shown by the panel; never saved."""

    running: BoolProperty(options={"SKIP_SAVE"})
    fraction: FloatProperty(options={"SKIP_SAVE"})
    text: StringProperty(options={"SKIP_SAVE"})
    problem: StringProperty(options={"SKIP_SAVE"})


CLASSES = (ILLDEPTH_PG_progress,)
ATTACHED = ((bpy.types.WindowManager, "illdepth", ILLDEPTH_PG_progress),)
