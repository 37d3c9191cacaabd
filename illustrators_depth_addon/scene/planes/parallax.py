"""The parallax camera: it frames image planes as the picture, and has ready-made moves.

It hangs on the planes' root, at the distance the root's slider says, with the lens that just holds
the picture there. The planes farther away are scaled to match (`planes`), so the framing is exact
at any distance and offset; the distance alone makes the perspective weaker or stronger. The
camera's own location is left to the user and to the animations below: zero is the exact framing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy

from ...addon_data import addon_data
from ..datablocks.custom_properties import drive
from ..datablocks.fcurves import curves_of, remove_curves
from ..objects.names import give_name, part_name
from ..render.picture_view import set_resolution, show_own_colors
from .root import DISTANCE

__all__ = [
    "LOOPS",
    "MOTIONS",
    "MotionOptions",
    "allow_transparent_layers",
    "animate_camera",
    "match_picture",
    "parallax_camera",
    "rig_camera",
]

_TAIL = " planes camera"
_SENSOR_MM = 36.0

_CIRCLE_KEYFRAMES = 16  # keyframes of a circle

LOOPS = ("SWAY", "ORBIT")
MOTIONS = ("DOLLY_IN", "DOLLY_OUT", *LOOPS)


@dataclass(frozen=True)
class MotionOptions:
    """A ready-made camera move.

    Attributes:
        motion: "DOLLY_IN" (from the exact framing toward the picture), "DOLLY_OUT" (the way back,
            ending on the exact framing), "SWAY" (left and right and back, a loop) or "ORBIT" (a
            flat circle, a loop).
        frame_start, frame_end: first and last frame.
        amount: how far, as a share of the camera's distance; to each side for the loops.
        hide_borders: step forward during the loops, by just so much that no border of the picture
            comes into sight.
    """

    motion: str = "SWAY"
    frame_start: int = 1
    frame_end: int = 120
    amount: float = 0.04
    hide_borders: bool = True


def rig_camera(collection: bpy.types.Collection) -> bpy.types.Object | None:
    """The parallax camera of a build of planes, if it has one."""
    return next((o for o in collection.objects if o.type == "CAMERA"), None)


def parallax_camera(
    collection: bpy.types.Collection, root: bpy.types.Object, aspect: float
) -> tuple[bpy.types.Object, bool]:
    """The camera of a build of planes, made when missing; its framing follows the root's sliders.

    Args:
        collection: the build.
        root: its empty.
        aspect: width over height of the picture.

    Returns:
        The camera, and whether it is new.
    """
    camera = rig_camera(collection)
    is_new = camera is None
    if camera is None:
        name = part_name(addon_data(collection).image, _TAIL)
        camera = bpy.data.objects.new(name, bpy.data.cameras.new(name))
        camera.parent = root
        collection.objects.link(camera)
    give_name(camera, addon_data(collection).image, _TAIL)
    data: Any = camera.data
    data.type = "PERSP"
    data.sensor_fit = "HORIZONTAL"
    data.sensor_width = _SENSOR_MM
    data.clip_start = min(data.clip_start, float(root[DISTANCE]) / 100.0)
    data.clip_end = max(data.clip_end, 1000.0)
    distance = (root, f'["{DISTANCE}"]')
    drive(camera, ("delta_location", 2), "distance", distance=distance)
    drive(
        data,
        ("lens", -1),
        f"{_SENSOR_MM / aspect!r} * distance / height",
        distance=distance,
        height=(root, '["height"]'),
    )
    return camera, is_new


def match_picture(
    scene: bpy.types.Scene, camera: bpy.types.Object, source: bpy.types.Image, layers: int
) -> None:
    """Set a scene up so that its render through `camera` is the picture, pixel for pixel.

    The picture's size and colors (no tone mapping), and enough transparent bounces for Cycles to
    see through all planes.
    """
    scene.camera = camera
    set_resolution(scene, *source.size)
    show_own_colors(scene)
    allow_transparent_layers(scene, layers)


def allow_transparent_layers(scene: bpy.types.Scene, layers: int) -> None:
    """Let Cycles look through as many transparent planes; its default of 8 ends in black."""
    cycles: Any = getattr(scene, "cycles", None)
    if cycles is not None:
        cycles.transparent_max_bounces = max(cycles.transparent_max_bounces, layers + 8)


def animate_camera(
    camera: bpy.types.Object,
    root: bpy.types.Object,
    aspect: float,
    options: MotionOptions | None = None,
) -> None:
    """Put keyframes of a ready-made move on the camera's location, replacing those there.

    Args:
        camera: from `parallax_camera`.
        root: the planes' empty.
        aspect: width over height of the picture.
        options: which move, when and how far.
    """
    options = options or MotionOptions()
    remove_curves(camera, "location")
    first, last = options.frame_start, options.frame_end
    for share, place in _camera_path(
        float(root[DISTANCE]), plane_width(root, aspect), aspect, options
    ):
        camera.location = place
        camera.keyframe_insert("location", frame=first + share * (last - first))
    if options.motion in LOOPS:
        for curve in curves_of(camera):
            if curve.data_path == "location":
                curve.modifiers.new("CYCLES")
                curve.update()


def plane_width(root: bpy.types.Object, aspect: float) -> float:
    """Width of the picture on the nearest plane, Blender units."""
    return float(root["height"]) * aspect


def _camera_path(
    distance: float, width: float, aspect: float, options: MotionOptions
) -> list[tuple[float, tuple[float, float, float]]]:
    """Share of the time, and where the camera then is from the exact framing."""
    travel = options.amount * distance
    if options.motion == "DOLLY_IN":
        return [(0.0, (0.0, 0.0, 0.0)), (1.0, (0.0, 0.0, -travel))]
    if options.motion == "DOLLY_OUT":
        return [(0.0, (0.0, 0.0, -travel)), (1.0, (0.0, 0.0, 0.0))]
    # Every plane just fills the frame, so a step of dx to the side is hidden by one of
    # 2 dx distance / width forward, whatever plane it is.
    step_forward = -2.0 * travel * distance / width if options.hide_borders else 0.0
    if options.motion == "SWAY":
        return [(i / 2.0, ((1.0, -1.0)[i % 2] * -travel, 0.0, step_forward)) for i in range(3)]
    turns = [
        (i / _CIRCLE_KEYFRAMES, 2.0 * math.pi * i / _CIRCLE_KEYFRAMES)
        for i in range(_CIRCLE_KEYFRAMES + 1)
    ]
    return [
        (share, (travel * math.cos(turn), travel / aspect * math.sin(turn), step_forward))
        for share, turn in turns
    ]
