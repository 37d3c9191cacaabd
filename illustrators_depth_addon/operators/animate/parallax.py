"""The parallax camera of image planes, and its ready-made moves."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty

from illustrators_depth.errors import InputError

from ...context import active_image
from ...scene.animation import set_frame_range
from ...scene.objects.build_collection import PLANES, build_root_of, find_build
from ...scene.planes.build import shown_planes
from ...scene.planes.parallax import (
    LOOPS,
    MotionOptions,
    animate_camera,
    match_picture,
    parallax_camera,
)
from ...scene.planes.root import DISTANCE
from ..common import PictureOperator, reports_errors

__all__ = ["CLASSES", "PlanesOperator"]

_MOTION = MotionOptions()


class PlanesOperator(PictureOperator):
    """What the operators on a parallax camera share: how they find it."""

    def rig(self, context: bpy.types.Context) -> tuple[Any, Any, Any, Any]:
        """Collection, root, camera and picture of the planes; InputError when there are none."""
        image = active_image(context, self.image)
        collection = find_build(image, PLANES, context.scene)
        if collection is None:
            raise InputError(f"The image {image.name!r} has no planes yet; build them first.")
        root = build_root_of(collection)
        if root is None or root.get(DISTANCE) is None:
            raise InputError(f"{collection.name!r} has lost its empty; build the planes again.")
        camera, _ = parallax_camera(collection, root, image.size[0] / image.size[1])
        return collection, root, camera, image


class ILLDEPTH_OT_parallax_camera(PlanesOperator, bpy.types.Operator):
    """Look through the camera that frames the planes as the picture, in the picture's colors"""

    bl_idname = "illdepth.parallax_camera"
    bl_label = "Use Parallax Camera"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        collection, _, camera, image = self.rig(context)
        match_picture(scene, camera, image, len(shown_planes(collection)))
        return {"FINISHED"}


class ILLDEPTH_OT_animate_parallax(PlanesOperator, bpy.types.Operator):
    """Animate the parallax camera with a ready-made move, replacing the one before"""

    bl_idname = "illdepth.animate_parallax"
    bl_label = "Animate Parallax"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    motion: EnumProperty(
        name="Motion",
        description="How the camera moves",
        items=(
            ("DOLLY_IN", "Dolly In", "From the exact framing toward the picture"),
            ("DOLLY_OUT", "Dolly Out", "Away from the picture, to the exact framing"),
            ("SWAY", "Sway", "Left, right and back, a loop"),
            ("ORBIT", "Orbit", "In a flat circle, a loop"),
        ),
        default=_MOTION.motion,
    )
    use_scene_range: BoolProperty(
        name="Scene Range",
        description="From the scene's first frame to its last",
        default=False,
    )
    frame_start: IntProperty(
        name="Start", description="First frame of the move", default=_MOTION.frame_start
    )
    frame_end: IntProperty(
        name="End", description="Last frame of the move", default=_MOTION.frame_end
    )
    amount: FloatProperty(
        name="Amount",
        description="How far, as a share of the camera's distance",
        min=0.0,
        max=0.95,
        soft_max=0.3,
        default=_MOTION.amount,
        subtype="FACTOR",
    )
    hide_borders: BoolProperty(
        name="Hide Borders",
        description="Step forward in loops so that no border of the picture comes into sight",
        default=_MOTION.hide_borders,
    )

    set_range: BoolProperty(
        name="Set Frame Range",
        description="Let the scene play just these frames; the last one of a loop is its first",
        default=True,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        first, last = self.frame_start, self.frame_end
        if self.use_scene_range:
            first, last = scene.frame_start, scene.frame_end
        if last <= first:
            raise InputError(f"The move ends at frame {last}, before it starts at {first}.")
        _, root, camera, image = self.rig(context)
        options = MotionOptions(self.motion, first, last, self.amount, self.hide_borders)
        animate_camera(camera, root, image.size[0] / image.size[1], options)
        if self.set_range and not self.use_scene_range:
            set_frame_range(scene, first, last - 1 if self.motion in LOOPS else last)
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_parallax_camera, ILLDEPTH_OT_animate_parallax)
