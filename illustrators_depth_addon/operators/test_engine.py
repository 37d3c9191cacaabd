"""Asks the engine who it is, so that a wrong Python is found before it is needed."""

from __future__ import annotations

from typing import Any

import bpy

from .. import engine_client
from ..preferences import preferences
from .common import reports_errors

__all__ = ["CLASSES"]

_PATIENCE = 60.0  # seconds; importing torch for the first time is slow


class ILLDEPTH_OT_test_engine(bpy.types.Operator):
    """Start the engine and show its versions and devices"""

    bl_idname = "illdepth.test_engine"
    bl_label = "Test Engine"
    bl_options = {"INTERNAL"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        worker = engine_client.worker()
        answer = worker.wait(worker.submit("ping", {"probe": True}), _PATIENCE)
        lines = [f"Devices: {', '.join(answer['devices'])}"]
        lines += [f"{name} {version}" for name, version in answer["versions"].items()]
        chosen = preferences()
        if chosen is not None:
            chosen.report = "\n".join(lines)
        self.report({"INFO"}, "; ".join(lines))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_test_engine,)
