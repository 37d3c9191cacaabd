"""Build operators for textured planes: image planes with their camera, and the pop-up card."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty

from ...editing.build_kinds import add_camera
from ...properties.scene_settings import SHADER_ITEMS
from ...scene.planes.popup_card import CardOptions
from ...scene.planes.root import ALIGN, PlanesOptions
from ...scene.scene_changes import SceneState
from ...translations import translatable
from ..common import reports_errors
from .base import BuildOperator
from .present import report_changes

__all__ = ["CLASSES"]

_PLANES, _CARD = PlanesOptions(), CardOptions()
_FACING = tuple((axis, axis, f"Facing {axis[0]}{axis[1]}") for axis in ALIGN)


class ILLDEPTH_OT_build_planes(BuildOperator, bpy.types.Operator):
    """Build one image plane with alpha per layer, or update those built before"""

    bl_idname = "illdepth.build_planes"
    bl_label = "Build Planes"
    bl_options = {"REGISTER", "UNDO", "PRESET"}
    count_report = translatable("{name}: {count} planes")

    size_mode: EnumProperty(
        name="Size Mode",
        description="How large newly built planes are",
        items=(
            ("ABSOLUTE", "Absolute", "Use absolute size"),
            ("CAMERA", "Scale to Camera Frame", "Scale to fit or fill the camera frame"),
        ),
        default=_PLANES.size_mode,
    )
    fill_mode: EnumProperty(
        name="Scale",
        description="Where the picture and the camera frame differ",
        items=(
            ("FILL", "Fill", "Fill camera frame, spilling outside the frame"),
            ("FIT", "Fit", "Fit entire image within the camera frame"),
        ),
        default=_PLANES.fill_mode,
    )
    height: FloatProperty(
        name="Height",
        description="Height of the picture on the nearest plane",
        min=0.001,
        soft_max=100.0,
        default=_PLANES.height,
        subtype="DISTANCE",
    )
    distance: FloatProperty(
        name="Camera Distance",
        description="From the camera to the nearest plane, 0 for that of a 50 mm lens",
        min=0.0,
        soft_max=100.0,
        default=_PLANES.distance,
        subtype="DISTANCE",
    )
    offset: BoolProperty(
        name="Offset Planes",
        description="Stand one plane behind the other",
        default=_PLANES.offset,
    )
    offset_amount: FloatProperty(
        name="Offset Distance",
        description="Distance from each plane to the next",
        min=0.0,
        soft_max=10.0,
        default=_PLANES.offset_amount,
        subtype="DISTANCE",
    )
    align_axis: EnumProperty(
        name="Align",
        description="What newly built planes face",
        items=_FACING,
        default=_PLANES.align_axis,
    )
    crop: BoolProperty(
        name="Crop",
        description="Make each plane as large as its layer, else as the whole picture",
        default=_PLANES.crop,
    )
    shader: EnumProperty(
        name="Shader",
        description="Node shader to use",
        items=SHADER_ITEMS,
        default=_PLANES.shader,
    )
    render_method: EnumProperty(
        name="Render Method",
        description="How EEVEE renders the alpha",
        items=(
            ("DITHERED", "Dithered", "Grainy, and in order at any depth"),
            ("BLENDED", "Blended", "Smooth, sorted by object"),
        ),
        default=_PLANES.render_method,
    )
    camera: BoolProperty(
        name="Parallax Camera",
        description="Add a camera that frames the planes as the picture",
        default=True,
    )
    match: BoolProperty(
        name="Match Picture",
        description="Render through a new camera at the picture's size and in its colors",
        default=True,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        names = PlanesOptions.__dataclass_fields__
        options = PlanesOptions(**{n: getattr(self, n) for n in names if hasattr(self, n)})
        set_by_hand = self.properties.is_property_set
        looks = frozenset(n for n in ("shader", "render_method") if set_by_hand(n))
        before = SceneState(scene)
        result = self.build(context, "planes", replace(options, renew=looks))
        if self.camera and self.size_mode == "ABSOLUTE":
            add_camera(scene, result.image, result.collection, self.match)
        report_changes(self, before)
        is_placed = self.size_mode == "CAMERA" and scene.camera is not None
        self.present(result, is_placed=is_placed)
        return self.report_count(result)


class ILLDEPTH_OT_build_popup_card(BuildOperator, bpy.types.Operator):
    """Build a pop-up card that folds by its angle, or update the one built before"""

    bl_idname = "illdepth.build_popup_card"
    bl_label = "Build Pop-up Card"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    height: FloatProperty(
        name="Height",
        description="Height of the picture",
        min=0.001,
        soft_max=100.0,
        default=_CARD.height,
        subtype="DISTANCE",
    )
    angle: FloatProperty(
        name="Angle",
        description="Angle between the two boards: 0 is closed, 90 is open",
        min=0.0,
        max=math.pi / 2.0,
        default=_CARD.angle,
        subtype="ANGLE",
    )
    offset_amount: FloatProperty(
        name="Offset Distance",
        description="Distance from each layer to the next, 0 for a floor as deep as the card",
        min=0.0,
        soft_max=10.0,
        default=_CARD.offset_amount,
        subtype="DISTANCE",
    )
    align_axis: EnumProperty(
        name="Align",
        description="What a newly built card faces",
        items=_FACING,
        default=_CARD.align_axis,
    )
    strips: BoolProperty(
        name="Strips",
        description="Add the strips of paper that hold the layers",
        default=_CARD.strips,
    )
    shader: EnumProperty(
        name="Shader",
        description="Node shader to use",
        items=SHADER_ITEMS,
        default=_CARD.shader,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        options = CardOptions(**{n: getattr(self, n) for n in CardOptions.__dataclass_fields__})
        result = self.build(context, "card", options)
        self.present(result)
        return self.report_count(result)


CLASSES = (ILLDEPTH_OT_build_planes, ILLDEPTH_OT_build_popup_card)
