"""Groups of layers: made, taken apart, checked as a whole, laid flat."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, FloatProperty, StringProperty

from ...addon_data import addon_data
from ...context import active_image
from ...editing import groups
from ...storage import layer_list
from ...translations import reported
from ..common import LayerEditOperator, PictureOperator, reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_group_layers(LayerEditOperator, bpy.types.Operator):
    """Put the checked layers, or the active one, into a group: a collection of their objects"""

    bl_idname = "illdepth.group_layers"
    bl_label = "Group Layers"

    name: StringProperty(name="Name", description="Name of the group", default="Group")

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        manager: Any = context.window_manager
        shown: set[Any] = manager.invoke_props_dialog(self)
        return shown

    def change(self, scene: Any, image: Any) -> None:
        groups.group(scene, image, layer_list.chosen(image), layer_list.group_path(self.name))


class ILLDEPTH_OT_ungroup_layers(LayerEditOperator, bpy.types.Operator):
    """Take the checked layers, or the active one, out of their groups"""

    bl_idname = "illdepth.ungroup_layers"
    bl_label = "Ungroup Layers"

    def change(self, scene: Any, image: Any) -> None:
        groups.group(scene, image, layer_list.chosen(image), ())


class ILLDEPTH_OT_group_objects(LayerEditOperator, bpy.types.Operator):
    """Group each object of the picture with the parts that lie on it"""

    bl_idname = "illdepth.group_objects"
    bl_label = "Group Objects"

    def change(self, scene: Any, image: Any) -> None:
        count = groups.group_objects(scene, image)
        self.report({"INFO"}, reported("{count} groups", count=count))


class ILLDEPTH_OT_flatten_groups(LayerEditOperator, bpy.types.Operator):
    """Let the parts of each group lie close on one another, so that no part of an object floats"""

    bl_idname = "illdepth.flatten_groups"
    bl_label = "Flatten Groups"

    flatten: BoolProperty(
        name="Flatten",
        description="Lay the parts flat; without it they are as thick as the stack again",
        default=True,
    )
    height_mm: FloatProperty(
        name="Height",
        description="Thickness of each part above the lowest one, in millimeters",
        min=0.01,
        soft_max=2.0,
        default=0.2,
        subtype="DISTANCE_CAMERA",
    )
    group: StringProperty(name="Group", description="Only this group; empty for all")

    def change(self, _scene: Any, image: Any) -> None:
        height = self.height_mm if self.flatten else None
        groups.flatten_groups(image, height, self.group)


class ILLDEPTH_OT_treat_alike(LayerEditOperator, bpy.types.Operator):
    """Merge the checked layers by color, so that parts such as letters are all layered alike"""

    bl_idname = "illdepth.treat_alike"
    bl_label = "Treat Alike"

    def change(self, scene: Any, image: Any) -> None:
        groups.treat_alike(scene, image, layer_list.chosen(image))


class ILLDEPTH_OT_open_holes(LayerEditOperator, bpy.types.Operator):
    """Turn patches of the checked layers, or the active one, that look like holes into holes"""

    bl_idname = "illdepth.open_holes"
    bl_label = "Open Holes"

    def change(self, scene: Any, image: Any) -> None:
        groups.open_holes(scene, image, layer_list.chosen(image))


class ILLDEPTH_OT_check_group(PictureOperator, bpy.types.Operator):
    """Check all layers of this group, and only those"""

    bl_idname = "illdepth.check_group"
    bl_label = "Check Group"
    bl_options = {"REGISTER", "UNDO"}

    group: StringProperty(name="Group", description="Name of the group", options={"SKIP_SAVE"})

    @classmethod
    def description(cls, _context: bpy.types.Context, properties: Any) -> str:
        return reported("In the group {name}: check all of its layers", name=properties.group)

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        path = layer_list.group_path(self.group)
        for item in addon_data(active_image(context, self.image)).layers:
            item.selected = layer_list.group_path(item.group)[: len(path)] == path
        return {"FINISHED"}


CLASSES = (
    ILLDEPTH_OT_group_layers,
    ILLDEPTH_OT_ungroup_layers,
    ILLDEPTH_OT_group_objects,
    ILLDEPTH_OT_flatten_groups,
    ILLDEPTH_OT_treat_alike,
    ILLDEPTH_OT_open_holes,
    ILLDEPTH_OT_check_group,
)
