"""Layers and depth -> objects in the scene."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty

from ..addon_data import addon_data
from ..context import active_image
from ..editing.builds import BUILDS
from ..editing.decompose import current_stack
from ..scene.builds import CURVES, DRAWING, LAYERS, RELIEF, find_build
from ..scene.curves.build import CurvesOptions
from ..scene.grease_pencil.build import DrawingOptions
from ..settings.scene import displacement_options
from ..translations import reported
from .common import NamesPicture, reports_errors
from .present import present_build

__all__ = ["CLASSES", "BuildOperator"]

_DRAWING, _CURVES = DrawingOptions(), CurvesOptions()


class BuildOperator(NamesPicture):
    """What the build operators share: they need a picture that has its depth."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Builds are made in Object Mode")  # type: ignore[attr-defined]
            return False
        return True


class ILLDEPTH_OT_build_layers(BuildOperator, bpy.types.Operator):
    """Build one object per layer, or update those built before"""

    bl_idname = "illdepth.build_layers"
    bl_label = "Build Layers"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        is_new = find_build(image, LAYERS, scene) is None
        collection: Any = BUILDS["layers"].build(scene, image)
        present_build(self, scene, collection, is_new, addon_data(scene).textured)
        count = len(current_stack(scene, image).shown())
        self.report({"INFO"}, reported("{name}: {count} layers", name=collection.name, count=count))
        return {"FINISHED"}


class ILLDEPTH_OT_build_displacement(BuildOperator, bpy.types.Operator):
    """Build a relief raised by the picture's depth, or update the one built before"""

    bl_idname = "illdepth.build_displacement"
    bl_label = "Build Displacement"
    bl_options = {"REGISTER", "UNDO"}

    adaptive: BoolProperty(
        name="Adaptive",
        description="As fine as the picture only where the depth is not flat, else everywhere",
        default=True,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        options = replace(displacement_options(scene), adaptive=self.adaptive)
        is_new = find_build(image, RELIEF, scene) is None
        collection: Any = BUILDS["displacement"].build(scene, image, options)
        present_build(self, scene, collection, is_new)
        return {"FINISHED"}


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
        image = active_image(context, self.image)
        scene: Any = context.scene
        is_new = find_build(image, DRAWING, scene) is None
        options = DrawingOptions(self.simplify, self.lines)
        collection: Any = BUILDS["drawing"].build(scene, image, options)
        present_build(self, scene, collection, is_new)
        count = len(current_stack(scene, image).shown())
        self.report({"INFO"}, reported("{name}: {count} layers", name=collection.name, count=count))
        return {"FINISHED"}


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
        image = active_image(context, self.image)
        scene: Any = context.scene
        is_new = find_build(image, CURVES, scene) is None
        options = CurvesOptions(self.tolerance, addon_data(scene).shader)
        collection: Any = BUILDS["curves"].build(scene, image, options)
        present_build(self, scene, collection, is_new, textured=False)
        count = len(current_stack(scene, image).shown())
        self.report({"INFO"}, reported("{name}: {count} layers", name=collection.name, count=count))
        return {"FINISHED"}


CLASSES = (
    ILLDEPTH_OT_build_layers,
    ILLDEPTH_OT_build_displacement,
    ILLDEPTH_OT_build_drawing,
    ILLDEPTH_OT_build_curves,
)
