"""Planes and their camera, card, Grease Pencil, curves: build them, and their sliders."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.objects.build_collection import CARD, CURVES, DRAWING, GAP, LAYERS, PLANES, find_build
from ..scene.planes.popup_card import ANGLE
from ..scene.planes.root import DISTANCE, KEEP_FRAMING, OFFSET
from ..scene.stacked.spacing import LAYER_THICKNESS
from ..translations import translatable
from .common import draw_build_button, draw_sliders, sub_panels

__all__ = ["CLASSES", "draw_card", "draw_planes"]

_HAS_GREASE_PENCIL_3 = bpy.app.version >= (4, 3, 0)


def draw_planes(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    """Draw buttons and sliders of image planes."""
    collection = find_build(image, PLANES, context.scene)
    icon = "IMAGE_PLANE" if bpy.app.version >= (4, 3, 0) else "IMAGE_DATA"
    draw_build_button(
        layout, "illdepth.build_planes", collection, "Build Planes", "Update Planes", icon
    )
    root = draw_sliders(
        layout,
        collection,
        (OFFSET, translatable("Offset")),
        (DISTANCE, translatable("Camera Distance")),
        (KEEP_FRAMING, translatable("Keep Framing")),
    )
    if root is None:
        return
    if find_build(image, LAYERS, context.scene) is None:
        layout.prop(settings, "shader")
        layout.operator("illdepth.renew_materials", icon="MATERIAL")
    row = layout.row(align=True)
    row.operator("illdepth.parallax_camera", text="Use Camera", icon="CAMERA_DATA")
    row.operator_menu_enum("illdepth.animate_parallax", "motion", text="Animate")


def draw_card(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    """Draw button and angle of the pop-up card."""
    collection = find_build(image, CARD, context.scene)
    draw_build_button(
        layout,
        "illdepth.build_popup_card",
        collection,
        "Build Pop-up Card",
        "Update Pop-up Card",
        "MOD_SIMPLEDEFORM",
    )
    draw_sliders(
        layout,
        collection,
        (ANGLE, translatable("Angle")),
        (OFFSET, translatable("Offset")),
    )


def draw_drawing(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    if not _HAS_GREASE_PENCIL_3:
        layout.label(text="Needs Blender 4.3 or later", icon="INFO")
        return
    draw_build_button(
        layout,
        "illdepth.build_drawing",
        find_build(image, DRAWING, context.scene),
        "Build Grease Pencil",
        "Update Grease Pencil",
        "OUTLINER_OB_GREASEPENCIL",
    )


def draw_curves(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    collection = find_build(image, CURVES, context.scene)
    draw_build_button(
        layout,
        "illdepth.build_curves",
        collection,
        "Build Curves",
        "Update Curves",
        "OUTLINER_OB_CURVE",
    )
    draw_sliders(
        layout,
        collection,
        (LAYER_THICKNESS, translatable("Thickness")),
        (GAP, translatable("Gap")),
    )


CLASSES = (
    *sub_panels("planes", "Image Planes", draw_planes),
    *sub_panels("drawing", "Grease Pencil", draw_drawing),
    *sub_panels("curves", "Curves", draw_curves),
    *sub_panels("card", "Pop-up Card", draw_card),
)
