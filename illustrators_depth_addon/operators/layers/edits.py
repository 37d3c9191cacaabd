"""Edits of the layer list, one undo step each; the work is in `editing.layers`."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty, FloatProperty, FloatVectorProperty, IntProperty, StringProperty

from ...addon_data import addon_data
from ...context import active_image
from ...editing import layers as layer_edits
from ...editing.live_update import update_layers
from ...storage import layer_list
from ...translations import reported
from ..common import LayerEditOperator, LayerOperator, any_depth, reports_errors

__all__ = ["CLASSES"]


class _LayerListOperator(LayerOperator, LayerEditOperator):
    """What these operators share: a layer of the picture."""


class ILLDEPTH_OT_update_layers(_LayerListOperator, bpy.types.Operator):
    """Make the layers again with the current settings, and update all builds"""

    bl_idname = "illdepth.update_layers"
    bl_label = "Update Layers"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any_depth():
            cls.poll_message_set("The picture has no depth yet; press Predict first")
            return False
        return super().poll(context)

    def change(self, scene: Any, image: Any) -> None:
        update_layers(scene, image)


class ILLDEPTH_OT_layer_move(_LayerListOperator, bpy.types.Operator):
    """Move the layer within the stack"""

    bl_idname = "illdepth.layer_move"
    bl_label = "Move Layer"

    way: EnumProperty(
        name="To",
        description="Where the layer goes",
        items=(
            ("UP", "Up", "One step toward the viewer"),
            ("DOWN", "Down", "One step away from the viewer"),
            ("TOP", "Top", "Above all others"),
            ("BOTTOM", "Bottom", "Below all others"),
        ),
        default="UP",
    )

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        return {
            "UP": reported("Move the layer one step toward the viewer; with Ctrl to the top"),
            "DOWN": reported("Move the layer one step away; with Ctrl to the bottom"),
        }.get(properties.way, "")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        if event.ctrl:
            self.way = {"UP": "TOP", "DOWN": "BOTTOM"}.get(self.way, self.way)
        return self.execute(context)

    def change(self, scene: Any, image: Any) -> None:
        uid = self.uid(image)
        layer_edits.move(scene, image, uid, self.way)
        layer_list.trust(image, uid)


class ILLDEPTH_OT_layer_trust(_LayerListOperator, bpy.types.Operator):
    """The network is not sure of this layer's place; click when you have looked and it is right"""

    bl_idname = "illdepth.layer_trust"
    bl_label = "Place Is Right"

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        image = bpy.data.images.get(properties.image)
        item = layer_list.item_of(image, properties.layer) if image is not None else None
        if item is None:
            return ""
        return reported(
            "The network is only {sure} % sure whether this layer lies above or below the layers "
            "it touches. Compare with the picture, move the layer if it is wrong, or click here "
            "if it is right",
            sure=round(100.0 * item.confidence),
        )

    def change(self, scene: Any, image: Any) -> None:
        layer_list.trust(image, self.uid(image))


class ILLDEPTH_OT_layer_merge(_LayerListOperator, bpy.types.Operator):
    """Unite the checked layers, or the active one with the layer below it"""

    bl_idname = "illdepth.layer_merge"
    bl_label = "Merge Layers"

    def change(self, scene: Any, image: Any) -> None:
        uids = self.uids(image)
        if len(uids) > 1:
            layer_edits.merge(scene, image, uids)
        else:
            layer_edits.merge_down(scene, image, uids[0])


class ILLDEPTH_OT_layer_split(_LayerListOperator, bpy.types.Operator):
    """Replace the layer by several that together look like it"""

    bl_idname = "illdepth.layer_split"
    bl_label = "Split Layer"

    by: EnumProperty(
        name="By",
        description="What tells the new layers apart",
        items=(
            ("PARTS", "Parts", "Parts that do not touch"),
            ("COLOR", "Color", "Areas of different color"),
            ("THRESHOLD", "Depth", "What is near and what is far"),
        ),
        default="PARTS",
    )
    count: IntProperty(
        name="Colors", description="Number of layers when splitting by color", default=2, min=2,
        max=64,
    )  # fmt: skip
    at: FloatProperty(
        name="Cut",
        description="Depth of the cut: 0 is the layer's farthest point, 1 its nearest; "
        "below 0 it is found automatically",
        default=-0.01,
        min=-0.01,
        max=1.0,
    )

    def change(self, scene: Any, image: Any) -> None:
        at = self.at if self.at >= 0.0 else None
        layer_edits.split(scene, image, self.uid(image), self.by.lower(), self.count, at)

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.use_property_split = True
        layout.prop(self, "by")
        if self.by == "COLOR":
            layout.prop(self, "count")
        elif self.by == "THRESHOLD":
            layout.prop(self, "at", slider=True)


class ILLDEPTH_OT_layer_rename(_LayerListOperator, bpy.types.Operator):
    """Give the layer another name"""

    bl_idname = "illdepth.layer_rename"
    bl_label = "Rename Layer"

    name: StringProperty(name="Name", description="The new name")

    def change(self, scene: Any, image: Any) -> None:
        layer_edits.rename(scene, image, self.uid(image), self.name)


class ILLDEPTH_OT_layer_recolor(_LayerListOperator, bpy.types.Operator):
    """Give the layer another mean color; its shading stays"""

    bl_idname = "illdepth.layer_recolor"
    bl_label = "Recolor Layer"

    color: FloatVectorProperty(
        name="Color",
        description="The new mean color",
        subtype="COLOR_GAMMA",
        min=0.0,
        max=1.0,
        default=(0.8, 0.8, 0.8),
    )

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        image = active_image(context, self.image)
        item = layer_list.item_of(image, self.uid(image))
        if item is not None:
            self.color = item.color
        manager: Any = context.window_manager
        shown: set[Any] = manager.invoke_props_dialog(self)
        return shown

    def change(self, scene: Any, image: Any) -> None:
        red, green, blue = self.color
        layer_edits.recolor(scene, image, self.uid(image), (red, green, blue))


class ILLDEPTH_OT_layer_delete(_LayerListOperator, bpy.types.Operator):
    """Delete the checked layers, or the active one; what lies below is revealed"""

    bl_idname = "illdepth.layer_delete"
    bl_label = "Delete Layers"

    def change(self, scene: Any, image: Any) -> None:
        layer_edits.delete(scene, image, self.uids(image))


class ILLDEPTH_OT_layer_isolate(_LayerListOperator, bpy.types.Operator):
    """Hide all layers but this one; once more shows them all"""

    bl_idname = "illdepth.layer_isolate"
    bl_label = "Isolate Layer"

    def change(self, scene: Any, image: Any) -> None:
        layer_edits.isolate(scene, image, self.uid(image))


class ILLDEPTH_OT_layer_show(_LayerListOperator, bpy.types.Operator):
    """Show or hide several layers at once"""

    bl_idname = "illdepth.layer_show"
    bl_label = "Show or Hide Layers"

    action: EnumProperty(
        name="Action",
        description="Which layers are shown or hidden",
        items=(
            ("SHOW_ALL", "Show All", "Show every layer"),
            ("HIDE_ALL", "Hide All", "Hide every layer"),
            ("SHOW", "Show", "Show the checked layers, or the active one"),
            ("HIDE", "Hide", "Hide the checked layers, or the active one"),
        ),
        default="SHOW_ALL",
    )

    def change(self, scene: Any, image: Any) -> None:
        every = [item.uid for item in addon_data(image).layers]
        uids = every if self.action.endswith("_ALL") else self.uids(image)
        layer_edits.show(scene, image, uids, self.action.startswith("SHOW"))


CLASSES = (
    ILLDEPTH_OT_update_layers,
    ILLDEPTH_OT_layer_move,
    ILLDEPTH_OT_layer_trust,
    ILLDEPTH_OT_layer_merge,
    ILLDEPTH_OT_layer_split,
    ILLDEPTH_OT_layer_rename,
    ILLDEPTH_OT_layer_recolor,
    ILLDEPTH_OT_layer_delete,
    ILLDEPTH_OT_layer_isolate,
    ILLDEPTH_OT_layer_show,
)
