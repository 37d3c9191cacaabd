"""Size and place of image planes: given, or as the camera of the scene frames them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from illustrators_depth.types import LayerStack

from ..datablocks.custom_properties import add_length, add_share

__all__ = ["ALIGN", "DISTANCE", "KEEP_FRAMING", "OFFSET", "PlanesOptions", "set_up_root"]

# The root's sliders; the picture's height is one more. They are plain custom properties, so that
# drivers work in files opened without the add-on.
OFFSET = "offset"
DISTANCE = "distance"
KEEP_FRAMING = "keep_framing"

_QUARTER = math.pi / 2.0  # radians
# Rotation of the root, XYZ in radians, for planes that face along each axis; the picture's up
# stays up.
ALIGN: dict[str, tuple[float, float, float]] = {
    "+X": (_QUARTER, 0.0, _QUARTER),
    "+Y": (_QUARTER, 0.0, 2.0 * _QUARTER),
    "+Z": (0.0, 0.0, 0.0),
    "-X": (_QUARTER, 0.0, -_QUARTER),
    "-Y": (_QUARTER, 0.0, 0.0),
    "-Z": (0.0, 2.0 * _QUARTER, 0.0),
}

_LENS_MM = 50.0  # Blender's default; the starting distance is the one it would need
_SENSOR_MM = 36.0


@dataclass(frozen=True)
class PlanesOptions:
    """How image planes are made.

    Size, place and spacing are of a new root, whose sliders change them afterwards; the rest is of
    new planes, but for `renew`.

    Attributes:
        size_mode: "ABSOLUTE" (the nearest plane's picture is `height` tall) or "CAMERA" (it
            fills the scene camera's frame, at `distance` from it).
        fill_mode: "FILL" or "FIT" the camera's frame, when their aspects differ.
        height: of the picture, Blender units.
        distance: camera to nearest plane, Blender units; 0 chooses the one at which a 50 mm lens
            sees the whole width ("ABSOLUTE"), or at which the picture is `height` tall ("CAMERA").
        offset: whether planes stand one behind the other; else all lie in one plane.
        offset_amount: from each plane to the next, Blender units.
        align_axis: what the planes face, one of `ALIGN`; "CAMERA" faces the scene's camera anyway.
        crop: whether each plane is as large as its layer; else as the whole picture.
        bleed: how far planes at the picture's border reach over it, in pixels of the picture, so
            that nothing shines in along the frame.
        shader: one of `materials.SHADERS`.
        render_method: EEVEE's "DITHERED" or "BLENDED" transparency.
        renew: which of "shader" and "render_method" existing planes get, too.
    """

    size_mode: str = "ABSOLUTE"
    fill_mode: str = "FILL"
    height: float = 1.0
    distance: float = 0.0
    offset: bool = True
    offset_amount: float = 0.1
    align_axis: str = "-Y"
    crop: bool = True
    bleed: float = 1.0
    shader: str = "PRINCIPLED"
    render_method: str = "DITHERED"
    renew: frozenset[str] = frozenset()


def set_up_root(
    scene: bpy.types.Scene, root: bpy.types.Object, stack: LayerStack, options: PlanesOptions
) -> None:
    """Place a new root, and give it the sliders that the planes follow.

    With "CAMERA" it stands before the scene's camera, if there is one, else as with "ABSOLUTE".
    """
    camera = scene.camera if options.size_mode == "CAMERA" else None
    height = options.height
    distance = options.distance or _LENS_MM / _SENSOR_MM * height * stack.width / stack.height
    keep_framing = 1.0
    if camera is None:
        root.rotation_euler = ALIGN[options.align_axis]
    else:
        is_orthographic = getattr(camera.data, "type", "PERSP") == "ORTHO"
        frame_width, frame_height = _frame_at(scene, camera, 1.0)
        heights_that_fit = (frame_width * stack.height / stack.width, frame_height)
        fitted_height = (
            max(heights_that_fit) if options.fill_mode == "FILL" else min(heights_that_fit)
        )
        distance = options.distance or (
            options.height if is_orthographic else options.height / fitted_height
        )
        height = fitted_height if is_orthographic else fitted_height * distance
        # Parallel rays frame planes alike at any distance: nothing has to be scaled.
        keep_framing = 0.0 if is_orthographic else 1.0
        placement: Any = camera.matrix_world.copy()
        placement.translation -= placement.to_3x3().col[2].normalized() * distance
        root.matrix_world = placement
    add_length(
        root,
        OFFSET,
        options.offset_amount if options.offset else 0.0,
        "Distance from each plane to the next",
    )
    add_length(
        root, DISTANCE, distance, "Distance from the camera to the nearest plane", least=1e-3
    )
    add_length(root, "height", height, "Height of the picture on the nearest plane", least=1e-3)
    add_share(
        root, KEEP_FRAMING, keep_framing, "Scale planes so that the camera sees the whole picture"
    )


def _frame_at(
    scene: bpy.types.Scene, camera: bpy.types.Object, distance: float
) -> tuple[float, float]:
    """Width and height of what the camera sees at a distance, Blender units."""
    data: Any = camera.data
    corners = np.array([tuple(c) for c in data.view_frame(scene=scene)])
    frame_width, height = np.ptp(corners, axis=0)[:2]
    scale = 1.0 if data.type == "ORTHO" else distance / abs(float(corners[0, 2]))
    return float(frame_width) * scale, float(height) * scale
