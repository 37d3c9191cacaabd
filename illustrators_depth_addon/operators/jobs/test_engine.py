"""Asks the engine who it is, so that a wrong Python is found before it is needed."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import EngineError

from ...session import SESSION
from ...settings.preferences import preferences
from ...translations import reported
from ..common import reports_errors

__all__ = ["CLASSES"]

_TIMEOUT_S = 60.0  # seconds; importing torch for the first time is slow


class ILLDEPTH_OT_test_engine(bpy.types.Operator):
    """Start the engine and show its versions and devices"""

    bl_idname = "illdepth.test_engine"
    bl_label = "Test Engine"
    bl_options = {"INTERNAL"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        user_preferences = preferences()
        if (
            user_preferences is not None
            and user_preferences.engine == "EXTERNAL"
            and not user_preferences.python
        ):
            user_preferences.report = ""
            self.report({"WARNING"}, "No Python is named; Blender's own runs the engine")
        worker = SESSION.worker.client()
        try:
            answer = worker.wait(worker.submit("ping", {"probe": True}), _TIMEOUT_S)
        except EngineError as error:
            if user_preferences is not None:
                user_preferences.report = str(error)
            raise
        lines = [reported("Devices: {devices}", devices=", ".join(answer["devices"]))]
        lines += answer.get("device_notes", [])
        lines += [f"{name} {version}" for name, version in answer["versions"].items()]
        lines.append(reported("Run by {python}", python=worker.python))
        if user_preferences is not None:
            user_preferences.report = "\n".join(lines)
        self.report({"INFO"}, "; ".join(lines))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_test_engine,)
