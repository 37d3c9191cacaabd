"""Build operators for objects with thickness: stacked layers and the displacement relief."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import BoolProperty

from ...addon_data import addon_data
from ...settings.scene import displacement_options
from ..common import reports_errors
from .base import BuildOperator

__all__ = ["CLASSES"]


class ILLDEPTH_OT_build_layers(BuildOperator, bpy.types.Operator):
    """Build one object per layer, or update those built before"""

    bl_idname = "illdepth.build_layers"
    bl_label = "Build Layers"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        result = self.build(context, "layers")
        self.present(result, textured=addon_data(result.scene).textured)
        return self.report_count(result)


class ILLDEPTH_OT_build_displacement(BuildOperator, bpy.types.Operator):
    """Build a relief raised by the picture's depth, or update the one built before"""

    bl_idname = "illdepth.build_displacement"
    bl_label = "Build Displacement"
    bl_options = {"REGISTER", "UNDO"}

    adaptive: BoolProperty(
        name="Adaptive",
        description="Use fewer faces where the depth is flat",
        default=True,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        options = replace(displacement_options(scene), adaptive=self.adaptive)
        self.present(self.build(context, "displacement", options))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_build_layers, ILLDEPTH_OT_build_displacement)
