"""Planes and their camera, card, Grease Pencil, curves: build them, and their sliders."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.objects.build_collection import (
    CARD,
    CURVES,
    DRAWING,
    GAP,
    LAYERS,
    PLANES,
    build_root_of,
    find_build,
)
from ..scene.planes.popup_card import ANGLE
from ..scene.planes.root import DISTANCE, KEEP_FRAMING, OFFSET
from ..scene.stacked.spacing import LAYER_THICKNESS
from .common import sub_panels

__all__ = ["CLASSES", "draw_card", "draw_planes"]


def draw_planes(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    collection = find_build(image, PLANES, context.scene)
    layout.operator(
        "illdepth.build_planes",
        text="Build Planes" if collection is None else "Update Planes",
        icon="IMAGE_PLANE" if bpy.app.version >= (4, 3, 0) else "IMAGE_DATA",
    )
    root = build_root_of(collection) if collection is not None else None
    if root is None:
        return
    column = layout.column()
    column.prop(root, f'["{OFFSET}"]', text="Offset")
    column.prop(root, f'["{DISTANCE}"]', text="Camera Distance")
    column.prop(root, f'["{KEEP_FRAMING}"]', text="Keep Framing")
    if find_build(image, LAYERS, context.scene) is None:
        layout.prop(settings, "shader")
        layout.operator("illdepth.renew_materials", icon="MATERIAL")
    row = layout.row(align=True)
    row.operator("illdepth.parallax_camera", text="Use Camera", icon="CAMERA_DATA")
    row.operator_menu_enum("illdepth.animate_parallax", "motion", text="Animate")


def draw_card(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    collection = find_build(image, CARD, context.scene)
    layout.operator(
        "illdepth.build_popup_card",
        text="Build Pop-up Card" if collection is None else "Update Pop-up Card",
        icon="MOD_SIMPLEDEFORM",
    )
    root = build_root_of(collection) if collection is not None else None
    if root is not None:
        column = layout.column()
        column.prop(root, f'["{ANGLE}"]', text="Angle")
        column.prop(root, f'["{OFFSET}"]', text="Offset")


def draw_drawing(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    if bpy.app.version < (4, 3, 0):
        layout.label(text="Needs Blender 4.3 or later", icon="INFO")
        return
    collection = find_build(image, DRAWING, context.scene)
    layout.operator(
        "illdepth.build_drawing",
        text="Build Grease Pencil" if collection is None else "Update Grease Pencil",
        icon="OUTLINER_OB_GREASEPENCIL",
    )


def draw_curves(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    collection = find_build(image, CURVES, context.scene)
    layout.operator(
        "illdepth.build_curves",
        text="Build Curves" if collection is None else "Update Curves",
        icon="OUTLINER_OB_CURVE",
    )
    root = build_root_of(collection) if collection is not None else None
    if root is not None:
        column = layout.column()
        column.prop(root, f'["{LAYER_THICKNESS}"]', text="Thickness")
        column.prop(root, f'["{GAP}"]', text="Gap")


CLASSES = (
    *sub_panels("planes", "Image Planes", draw_planes),
    *sub_panels("drawing", "Grease Pencil", draw_drawing),
    *sub_panels("curves", "Curves", draw_curves),
    *sub_panels("card", "Pop-up Card", draw_card),
)
