"""The compositor group with its layers' controls, and 3D objects between two layers."""

from __future__ import annotations

from typing import Any

import bpy

from ..addon_data import addon_data
from ..scene.compositor.build import find_compositor, group_nodes
from ..scene.compositor.interface import insert_sockets, layer_controls
from ..scene.objects.build_collection import LAYERS, PLANES, find_build
from ..storage import layer_list
from ..translations import translatable, translated
from .common import sub_panels

__all__ = ["CLASSES", "draw_between", "draw_compositor"]


def draw_compositor(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    """Draw the group's button and, once there is one, its layers' controls."""
    group = find_compositor(image)
    layout.operator(
        "illdepth.build_compositor",
        text="Build Compositor" if group is None else "Update Compositor",
        icon="NODE_COMPOSITING",
    )
    scene: Any = context.scene
    node = next(iter(group_nodes(scene, group)), None) if group is not None else None
    if node is None:
        return
    column = layout.column()
    for _, slot in insert_sockets(node):
        if not slot.is_linked:
            column.prop(slot, "default_value", text=slot.name)
    column = layout.column(align=True)
    column.use_property_split = False
    heading = column.row(align=True)
    heading.label(text="", icon="BLANK1")  # above the eyes
    heading = heading.row(align=True)
    for text in (translatable("Layer"), translatable("Opacity"), translatable("Blur")):
        heading.label(text=text)
    for uid, name, controls in layer_controls(node):
        row = column.row(align=True)
        shown = controls["Show"].default_value > 0.5
        eye = row.operator(
            "illdepth.compositor_show",
            text="",
            icon="HIDE_OFF" if shown else "HIDE_ON",
            emboss=False,
        )
        eye.uid, eye.layer = uid, name
        row = row.row(align=True)
        row.active = shown
        row.label(text=name, translate=False)
        row.prop(controls["Opacity"], "default_value", text="", slider=True)
        row.prop(controls["Blur"], "default_value", text="")


def draw_between(
    layout: Any, context: bpy.types.Context, _settings: Any, image: bpy.types.Image
) -> None:
    """Draw how objects are put between two layers."""
    item = layer_list.active_item(image)
    if item is not None:
        layout.label(text=translated("Above {name}").format(name=item.name), translate=False)
    items = list(addon_data(image).layers)
    below = [] if item is None else items[: addon_data(image).active_layer + 1]
    column = layout.column()
    in_space = column.row()
    in_space.enabled = any(
        find_build(image, kind, context.scene) is not None for kind in (PLANES, LAYERS)
    )
    button = in_space.operator("illdepth.place_between", icon="MOD_ARRAY")
    button.layer = sum(1 for under in below if under.shown)
    button = column.operator("illdepth.insert_render", icon="RENDER_RESULT")
    button.layer = len(below)


CLASSES = (
    *sub_panels("compositor", "Compositor", draw_compositor),
    *sub_panels("between", "Objects Between Layers", draw_between),
)
