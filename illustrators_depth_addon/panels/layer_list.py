"""The layer list, its buttons and its menus."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty

from ..addon_data import addon_data
from ..storage import layer_list

__all__ = ["CLASSES", "draw_layer_list", "shown_order"]


def shown_order(items: Any, doubtful_first: bool = False) -> list[int]:
    """Where the list shows each item: the top layer first, or the least certain one."""
    from_top = [*range(len(items) - 1, -1, -1)]
    if not doubtful_first:
        return from_top
    uncertainty = [x.confidence if layer_list.is_doubtful(x) else 2.0 for x in items]
    ranked_indices = sorted(from_top, key=lambda index: uncertainty[index])
    positions = [0] * len(ranked_indices)
    for place, index in enumerate(ranked_indices):
        positions[index] = place
    return positions


def group_icon(item: Any) -> str:
    """A colored collection: rows of one group have the same, and neighbors most often another."""
    groups = [layer_list.group_path(x.group)[:1] for x in addon_data(item.id_data).layers]
    names = list(dict.fromkeys(x for x in groups if x))
    return f"COLLECTION_COLOR_0{1 + names.index(layer_list.group_path(item.group)[:1]) % 8}"


class ILLDEPTH_UL_layers(bpy.types.UIList):
    """Layers of a picture, the top-most first"""

    doubtful_first: BoolProperty(
        name="Doubtful First",
        description="Begin with the layers whose place in the order is least certain",
    )

    def draw_item(  # Blender counts the arguments
        self,
        context: Any,
        layout: Any,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
        index: Any = 0,
        flt_flag: Any = 0,
    ) -> None:
        row = layout.row(align=True)
        grip = row.operator("illdepth.layer_drag", text="", icon="GRIP", emboss=False)
        grip.layer, grip.image = item.uid, item.id_data.name
        row.active = item.shown
        row.prop(
            item,
            "selected",
            text="",
            icon="CHECKBOX_HLT" if item.selected else "CHECKBOX_DEHLT",
            emboss=False,
        )
        swatch = row.row(align=True)
        swatch.ui_units_x, swatch.emboss = 1.1, "NORMAL"  # lists draw their controls bare
        swatch.enabled = not item.locked
        swatch.prop(item, "color", text="")
        row.separator(factor=0.5)
        if item.group:
            group = row.operator(
                "illdepth.check_group", text="", icon=group_icon(item), emboss=False
            )
            group.group, group.image = item.group, item.id_data.name
        name = row.row(align=True)
        name.enabled = not item.locked
        name.prop(item, "name", text="", emboss=False)
        if item.own_thickness:
            row.label(text="", icon="MOD_SOLIDIFY")
        if item.own_gap:
            row.label(text="", icon="MOD_ARRAY")
        if layer_list.is_doubtful(item):
            doubt = row.operator("illdepth.layer_trust", text="", icon="QUESTION", emboss=False)
            doubt.layer, doubt.image = item.uid, item.id_data.name
        eye = row.operator(
            "illdepth.layer_eye",
            text="",
            icon="HIDE_OFF" if item.shown else "HIDE_ON",
            emboss=False,
        )
        eye.layer, eye.image = item.uid, item.id_data.name
        row.prop(
            item, "locked", text="", icon="LOCKED" if item.locked else "UNLOCKED", emboss=False
        )

    def draw_filter(self, context: Any, layout: Any) -> None:
        row = layout.row(align=True)
        row.prop(self, "filter_name", text="")
        row.prop(self, "use_filter_invert", text="", icon="ARROW_LEFTRIGHT")
        row.separator()
        row.prop(self, "doubtful_first", text="", icon="QUESTION")

    def filter_items(self, context: Any, data: Any, property: Any) -> Any:
        """Names as typed into the list's search; the stack's top comes first."""
        items = getattr(data, property)
        flags: Any = []
        if self.filter_name:
            flags = bpy.types.UI_UL_list.filter_items_by_name(
                self.filter_name, self.bitflag_filter_item, items, "name"
            )
        return flags, shown_order(items, self.doubtful_first)


class ILLDEPTH_MT_layers(bpy.types.Menu):
    bl_label = "Layer Specials"

    def draw(self, _context: bpy.types.Context) -> None:
        layout: Any = self.layout
        for way, text, icon in (
            ("TOP", "Move to Top", "TRIA_UP_BAR"),
            ("BOTTOM", "Move to Bottom", "TRIA_DOWN_BAR"),
        ):
            layout.operator("illdepth.layer_move", text=text, icon=icon).way = way
        layout.separator()
        layout.operator("illdepth.layer_merge", text="Merge")
        for by, text in (
            ("PARTS", "Split into Parts"),
            ("COLOR", "Split by Color"),
            ("THRESHOLD", "Split by Depth"),
        ):
            layout.operator("illdepth.layer_split", text=text).by = by
        layout.operator("illdepth.predict_inside", text="Predict Inside")
        layout.operator("illdepth.layer_recolor", text="Recolor")
        layout.separator()
        layout.operator("illdepth.group_layers", text="Group", icon="OUTLINER_COLLECTION")
        layout.operator("illdepth.ungroup_layers", text="Ungroup")
        layout.operator("illdepth.group_objects")
        layout.operator("illdepth.treat_alike")
        layout.operator("illdepth.open_holes")
        layout.operator("illdepth.flatten_groups")
        layout.operator("illdepth.flatten_groups", text="Unflatten Groups").flatten = False
        layout.separator()
        for action, text in (
            ("SHOW_ALL", "Show All"),
            ("HIDE_ALL", "Hide All"),
            ("SHOW", "Show Checked"),
            ("HIDE", "Hide Checked"),
        ):
            layout.operator("illdepth.layer_show", text=text).action = action


def draw_layer_list(layout: Any, image: bpy.types.Image) -> None:
    """The list with its column of buttons, and what the active layer has of its own."""
    data = addon_data(image)
    row = layout.row()
    row.template_list(
        "ILLDEPTH_UL_layers", "", data, "layers", data, "active_layer",
        rows=max(5, min(12, len(data.layers))),
    )  # fmt: skip
    column = row.column(align=True)
    column.operator("illdepth.layer_move", text="", icon="TRIA_UP").way = "UP"
    column.operator("illdepth.layer_move", text="", icon="TRIA_DOWN").way = "DOWN"
    column.separator()
    column.operator("illdepth.layer_merge", text="", icon="SELECT_EXTEND")
    column.operator("illdepth.layer_pick", text="", icon="EYEDROPPER")
    column.operator("illdepth.layer_isolate", text="", icon="SOLO_OFF")
    column.operator("illdepth.layer_delete", text="", icon="TRASH")
    column.separator()
    column.menu("ILLDEPTH_MT_layers", text="", icon="DOWNARROW_HLT")
    item = layer_list.active_item(image)
    if item is not None:
        name = layout.row()
        name.enabled = not item.locked
        name.prop(item, "name")  # a row of the list has no room for a long one
        if item.group:
            layout.prop(item, "group")
        _draw_own(layout, item)


def _draw_own(layout: Any, item: Any) -> None:
    """Thickness and gap of the active layer alone."""
    for switch, value, text in (
        ("own_thickness", "thickness_mm", "Own Thickness"),
        ("own_gap", "gap_mm", "Own Gap"),
    ):
        row = layout.row(heading=text)
        row.prop(item, switch, text="")
        slider = row.row()
        slider.active = getattr(item, switch)
        slider.prop(item, value, text="")


CLASSES = (ILLDEPTH_UL_layers, ILLDEPTH_MT_layers)
