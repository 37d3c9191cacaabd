"""Build operators for outlines that can be redrawn: the Grease Pencil drawing and filled curves."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty

from ...addon_data import addon_data
from ...scene.curves.build import CurvesOptions
from ...scene.grease_pencil.build import DrawingOptions
from ..common import reports_errors
from .base import BuildOperator

__all__ = ["CLASSES"]

_DRAWING, _CURVES = DrawingOptions(), CurvesOptions()


class ILLDEPTH_OT_build_drawing(BuildOperator, bpy.types.Operator):
    """Build a Grease Pencil drawing of strokes and fills, or update the one built before"""

    bl_idname = "illdepth.build_drawing"
    bl_label = "Build Grease Pencil"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    simplify: FloatProperty(
        name="Simplify",
        description="How far outlines may be off: less is truer, more is easier to edit",
        min=0.0,
        soft_max=5.0,
        default=_DRAWING.simplify,
        subtype="PIXEL",
    )
    lines: BoolProperty(
        name="Lines as Strokes",
        description="Draw what is much longer than wide as strokes with a width",
        default=_DRAWING.lines,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        result = self.build(context, "drawing", DrawingOptions(self.simplify, self.lines))
        self.present(result)
        return self.report_count(result)


class ILLDEPTH_OT_build_curves(BuildOperator, bpy.types.Operator):
    """Build one filled 2D curve per layer, or update those built before"""

    bl_idname = "illdepth.build_curves"
    bl_label = "Build Curves"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    tolerance: FloatProperty(
        name="Tolerance",
        description="How far curves may stray from the outline: less is truer, more takes fewer "
        "points",
        min=0.01,
        soft_max=5.0,
        default=_CURVES.tolerance,
        subtype="PIXEL",
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        options = CurvesOptions(self.tolerance, addon_data(context.scene).shader)
        result = self.build(context, "curves", options)
        self.present(result, textured=False)
        return self.report_count(result)


CLASSES = (ILLDEPTH_OT_build_drawing, ILLDEPTH_OT_build_curves)
