"""Picking a layer with the mouse, in the Image Editor or the 3D View; the eye of a row."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, FloatProperty, IntProperty
from bpy_extras import view3d_utils

from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer

from ...addon_data import addon_data
from ...context import active_image
from ...editing import layers as layer_edits
from ...editing.object_sync import layer_of, select_layer
from ...session import SESSION
from ...storage.layer_list import item_of
from ...translations import reported
from ..common import PictureOperator, reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_layer_pick(PictureOperator, bpy.types.Operator):
    """Click a layer in the Image Editor or the 3D View to make it the active one"""

    bl_idname = "illdepth.layer_pick"
    bl_label = "Pick Layer"
    bl_options = {"REGISTER", "UNDO"}

    x: FloatProperty(
        name="X", description="From the left, as a part of the picture's width", min=0.0, max=1.0
    )
    y: FloatProperty(
        name="Y", description="From the bottom, as a part of its height", min=0.0, max=1.0
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        window: Any = context.window
        window.cursor_modal_set("EYEDROPPER")
        manager: Any = context.window_manager
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    @reports_errors
    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        window: Any = context.window
        if event.type in ("ESC", "RIGHTMOUSE"):
            window.cursor_modal_restore()
            return {"CANCELLED"}
        if event.type != "LEFTMOUSE" or event.value != "PRESS":
            return {"PASS_THROUGH"} if event.type in _NAVIGATION else {"RUNNING_MODAL"}
        window.cursor_modal_restore()
        area, region = _under_mouse(context, event)
        if area is None:
            return {"CANCELLED"}
        if area.type == "IMAGE_EDITOR":
            place = event.mouse_x - region.x, event.mouse_y - region.y
            self.x, self.y = region.view2d.region_to_view(*place)
            return self.execute(context)
        _activate(context, *_layer_under(context, event, area, region))
        return {"FINISHED"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        layer = _layer_at(image, self.x, self.y)
        _activate(context, image, layer.uid)
        self.report({"INFO"}, reported("{name} is the active layer", name=layer.name))
        return {"FINISHED"}


class ILLDEPTH_OT_layer_click(bpy.types.Operator):
    """Make the layer under the mouse the active one"""

    bl_idname = "illdepth.layer_click"
    bl_label = "Click Layer"
    bl_options = {"REGISTER", "UNDO", "INTERNAL"}

    isolate: BoolProperty(
        name="Isolate", description="Hide all other layers, or show them again", default=False
    )

    @reports_errors
    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        image, uid = _layer_under(context, event, context.area, context.region)
        if self.isolate:
            layer_edits.isolate(context.scene, image, uid)  # type: ignore[arg-type]
        _activate(context, image, uid)
        return {"FINISHED"}


# Views can be moved while a layer is looked for.
_NAVIGATION = {"MIDDLEMOUSE", "WHEELUPMOUSE", "WHEELDOWNMOUSE", "MOUSEMOVE"}


def _under_mouse(context: bpy.types.Context, event: bpy.types.Event) -> tuple[Any, Any]:
    """The Image Editor or 3D View under the mouse and its region, (None, None) for none."""
    screen: Any = context.screen
    for area in screen.areas:
        if area.type not in ("IMAGE_EDITOR", "VIEW_3D"):
            continue
        for region in area.regions:
            inside = (
                region.x <= event.mouse_x < region.x + region.width
                and region.y <= event.mouse_y < region.y + region.height
            )
            if region.type == "WINDOW" and inside:
                return area, region
    return None, None


def _layer_at(image: bpy.types.Image, x: float, y: float) -> Layer:
    """The layer that a picture shows at a place; 0..1 from the left and from the bottom."""
    stack = SESSION.layers.load(image)
    column, row = int(np.floor(x * stack.width)), int(np.floor((1.0 - y) * stack.height))
    inside = 0 <= column <= stack.width and 0 <= row <= stack.height  # the far edges, too
    place = min(row, stack.height - 1), min(column, stack.width - 1)
    index = int(stack.labels[place]) if inside else -1
    if index < 0:
        raise InputError("There is no layer under the mouse.")
    return stack.layers[index]


def _layer_under(
    context: bpy.types.Context, event: bpy.types.Event, area: Any, region: Any
) -> tuple[bpy.types.Image, int]:
    """The picture and the uid of the layer that an editor shows under the mouse."""
    place = event.mouse_x - region.x, event.mouse_y - region.y
    if area.type == "IMAGE_EDITOR":
        image = active_image(context, "")
        return image, _layer_at(image, *region.view2d.region_to_view(*place)).uid
    image_and_uid = _object_at(context, area, region, place)
    if image_and_uid is None:
        raise InputError("There is no layer under the mouse.")
    return image_and_uid


def _object_at(
    context: bpy.types.Context, area: Any, region: Any, place: tuple[int, int]
) -> tuple[bpy.types.Image, int] | None:
    """The picture and the uid of the layer whose object is seen there."""
    view: Any = area.spaces.active.region_3d
    origin = view3d_utils.region_2d_to_origin_3d(region, view, place)
    direction = view3d_utils.region_2d_to_vector_3d(region, view, place)
    scene: Any = context.scene
    hit = scene.ray_cast(context.evaluated_depsgraph_get(), origin, direction)
    return layer_of(hit[4].original) if hit[0] else None


def _activate(context: bpy.types.Context, image: bpy.types.Image, uid: int) -> None:
    """Make a layer's row the active one and select its objects."""
    rows = addon_data(image).layers
    place = next((i for i, item in enumerate(rows) if item.uid == uid), None)
    if place is None:
        raise InputError("There is no layer under the mouse.")
    scene: Any = context.scene
    if addon_data(image).active_layer == place:
        select_layer(scene, image)  # setting the same row again calls no update
    addon_data(image).active_layer = place


class ILLDEPTH_OT_layer_eye(PictureOperator, bpy.types.Operator):
    """Show or hide the layer; Alt-click hides all others, and once more shows them again"""

    bl_idname = "illdepth.layer_eye"
    bl_label = "Show or Hide Layer"
    bl_options = {"REGISTER", "UNDO"}

    layer: IntProperty(name="Layer", description="Identity of the layer", options={"SKIP_SAVE"})

    @reports_errors
    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        if not event.alt:
            return self.execute(context)
        layer_edits.isolate(context.scene, active_image(context, self.image), self.layer)  # type: ignore[arg-type]
        return {"FINISHED"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        item, scene = item_of(image, self.layer), context.scene
        if item is None or scene is None:
            raise InputError(f"The image {image.name!r} has no layer {self.layer}.")
        layer_edits.show(scene, image, [self.layer], not item.shown)
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_layer_pick, ILLDEPTH_OT_layer_click, ILLDEPTH_OT_layer_eye)
