"""Editing by depth and inserting images, one undo step each; the work is in `editing.by_depth`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, IntProperty, StringProperty

from illustrators_depth.errors import InputError

from ...addon_data import BLEND_RELATIVE, addon_data
from ...context import active_image
from ...editing import by_depth
from ...scene.images.import_image import import_picture
from ...storage import layer_list
from ...translations import reported
from ..common import LayerEditOperator, split_layout

__all__ = ["CLASSES"]


class _ThresholdOperator(LayerEditOperator):
    threshold: FloatProperty(
        name="Threshold",
        description="Depth that divides near from far, the scene's threshold if it is not given",
        min=0.0,
        max=1.0,
        default=0.5,
        subtype="FACTOR",
        options={"SKIP_SAVE"},
    )

    def threshold_value(self, scene: Any) -> float:
        """The given threshold, else the scene's, which the redo panel then shows."""
        if not self.properties.is_property_set("threshold"):  # type: ignore[attr-defined]
            self.threshold = scene.illdepth_edit.threshold
        return float(self.threshold)


class ILLDEPTH_OT_split_at_threshold(_ThresholdOperator, bpy.types.Operator):
    """Cut layers in two at the threshold, into what is far and what is near"""

    bl_idname = "illdepth.split_at_threshold"
    bl_label = "Split at Threshold"

    which: EnumProperty(
        name="Layers",
        description="Which layers are cut",
        items=(
            ("ALL", "All", "Every unlocked layer with a real part on either side"),
            ("CHOSEN", "Chosen", "The checked layers, or the active one"),
        ),
        default="ALL",
    )

    def change(self, scene: Any, image: Any) -> None:
        uids = layer_list.chosen(image) if self.which == "CHOSEN" else None
        before = len(addon_data(image).layers)
        stack = by_depth.split_at_threshold(scene, image, self.threshold_value(scene), uids)
        self.report({"INFO"}, reported("{count} layers were cut in two", count=len(stack) - before))


class ILLDEPTH_OT_threshold_layers(_ThresholdOperator, bpy.types.Operator):
    """Unite all layers into two: a foreground of those nearer than the threshold, and the rest"""

    bl_idname = "illdepth.threshold_layers"
    bl_label = "Foreground and Background"

    def change(self, scene: Any, image: Any) -> None:
        by_depth.threshold_layers(scene, image, self.threshold_value(scene))


class ILLDEPTH_OT_insert_image(LayerEditOperator, bpy.types.Operator):
    """Put another image between the layers as a layer of its own; its alpha is its outline"""

    bl_idname = "illdepth.insert_image"
    bl_label = "Insert Image as Layer"

    source: StringProperty(
        name="Insert", description="Name of the image that becomes a layer", default=""
    )
    filepath: StringProperty(
        name="File",
        description="A picture file to insert instead of an image that is open",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", *BLEND_RELATIVE},
    )
    at: IntProperty(
        name="Place",
        description="Place in the stack, 0 at the bottom; -1 is just above the active layer",
        default=-1,
        min=-1,
        soft_max=32,
    )
    x: FloatProperty(
        name="X",
        description="Center from the left, as a part of the picture's width",
        default=0.5,
        soft_min=0.0,
        soft_max=1.0,
    )
    y: FloatProperty(
        name="Y",
        description="Center from the bottom, as a part of the picture's height",
        default=0.5,
        soft_min=0.0,
        soft_max=1.0,
    )
    size: FloatProperty(
        name="Size",
        description="Longer side, as a part of the picture's longer side",
        default=0.5,
        min=0.001,
        soft_max=2.0,
    )
    rotation: FloatProperty(
        name="Rotation",
        description="Counter-clockwise turn about the center",
        default=0.0,
        subtype="ANGLE",
        soft_min=-math.pi,
        soft_max=math.pi,
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        manager: Any = context.window_manager
        shown: set[Any] = manager.invoke_props_dialog(self)
        return shown

    def draw(self, _context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        if not self.filepath:
            layout.prop_search(self, "source", bpy.data, "images")
        layout.prop(self, "at")
        column = layout.column(align=True)
        column.prop(self, "x")
        column.prop(self, "y")
        layout.prop(self, "size")
        layout.prop(self, "rotation")

    def change(self, scene: Any, image: Any) -> None:
        if self.filepath:
            source = import_picture(Path(bpy.path.abspath(self.filepath)))
        elif self.source:
            source = active_image(bpy.context, self.source)
        else:
            raise InputError("No image to insert is chosen; choose one, or name a file.")
        where = by_depth.Insertion(
            at=None if self.at < 0 else self.at,
            x=self.x,
            y=self.y,
            size=self.size,
            rotation=self.rotation,
        )
        stack = by_depth.insert_image(scene, image, source, where)
        place = addon_data(image).active_layer
        self.report(
            {"INFO"},
            reported(
                "{name} is layer {place} of {count}",
                name=stack.layers[place].name,
                place=place + 1,
                count=len(stack),
            ),
        )


CLASSES = (ILLDEPTH_OT_split_at_threshold, ILLDEPTH_OT_threshold_layers, ILLDEPTH_OT_insert_image)
