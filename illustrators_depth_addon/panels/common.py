"""What the sections share: the tab, its two editors, and sub-panels made from one draw function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from ..addon_data import addon_data
from ..context import find_image
from ..operators.common import split_layout
from ..operators.presets import draw_presets
from ..scene.objects.build_collection import build_root_of
from ..storage.depth import has_depth

__all__ = [
    "EDITORS",
    "TAB",
    "Draw",
    "PictureCheck",
    "draw_build_button",
    "draw_problem",
    "draw_sentence",
    "draw_sliders",
    "panel_id",
    "sub_panels",
    "wrapped",
]

TAB = "Illustrator's Depth"

# Space type of each editor that has the tab -> name of its main panel's class.
EDITORS = {"VIEW_3D": "ILLDEPTH_PT_view3d", "IMAGE_EDITOR": "ILLDEPTH_PT_image_editor"}

# layout, context, the scene's settings, the picture (None only where `is_shown` lets that through)
Draw = Callable[[Any, bpy.types.Context, Any, Any], None]
PictureCheck = Callable[[Any], bool]


def panel_id(space: str, section: str) -> str:
    """Class name and id of a section's panel in an editor; the main panel's for ""."""
    return f"{EDITORS[space]}_{section}" if section else EDITORS[space]


def draw_build_button(
    layout: Any,
    operator: str,
    collection: bpy.types.Collection | None,
    build_text: str,
    update_text: str,
    icon: str,
) -> None:
    """The button of a build operator; its text says whether there is such a build already."""
    layout.operator(operator, text=build_text if collection is None else update_text, icon=icon)


def draw_sliders(
    layout: Any, collection: bpy.types.Collection | None, *properties: tuple[str, str]
) -> bpy.types.Object | None:
    """Sliders for properties of a build's root, each given by name and label.

    Returns the root; None, and nothing is drawn, where there is no build or it has lost its root.
    """
    root = build_root_of(collection)
    if root is not None:
        column = layout.column()
        for name, label in properties:
            column.prop(root, f'["{name}"]', text=label)
    return root


def draw_problem(layout: Any, context: bpy.types.Context) -> None:
    """What has gone wrong last, if anything."""
    problem = addon_data(context.window_manager).problem
    if problem:
        draw_sentence(layout, context, problem)


def draw_sentence(layout: Any, context: bpy.types.Context, text: str, icon: str = "ERROR") -> None:
    """A sentence broken into lines that fit the sidebar, marked as a mistake or otherwise."""
    region: Any = context.region
    width = max(20, int(region.width / 8)) if region is not None else 40
    column = layout.column(align=True)
    for number, line_text in enumerate(wrapped(text, width)):
        column.label(text=line_text, icon=icon if number == 0 else "BLANK1", translate=False)


def wrapped(text: str, width: int) -> list[str]:
    """A sentence in lines that fit the sidebar."""
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) >= width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]


def sub_panels(
    section: str,
    label: str,
    draw_section: Draw,
    *,
    closed: bool = True,
    parent: str = "",
    is_shown: PictureCheck = has_depth,
    presets: str = "",
) -> tuple[type, ...]:
    """The panel classes of one section, one per editor.

    Args:
        section: short name, part of the class names: "layers".
        label: shown in the header.
        draw_section: draws the body.
        closed: whether the section starts folded.
        parent: the section it is inside of, "" for the main panel.
        is_shown: given the picture (or None), whether the section is there at all.
        presets: key of `operators.presets.SECTIONS` whose button stands in the header.
    """
    panels = tuple(
        _sub_panel(space, section, label, draw_section, closed, parent, is_shown)
        for space in EDITORS
    )
    if presets:
        for panel in panels:
            panel.draw_header_preset = (  # type: ignore[attr-defined]
                lambda self, _context: draw_presets(presets, self.layout)
            )
    return panels


def _sub_panel(
    space: str,
    section: str,
    label: str,
    draw_section: Draw,
    closed: bool,
    parent: str,
    is_shown: PictureCheck,
) -> type:
    def poll(_cls: type, context: bpy.types.Context) -> bool:
        return is_shown(find_image(context))

    def draw(self: Any, context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        draw_section(layout, context, addon_data(context.scene), find_image(context))

    body = {
        "bl_idname": panel_id(space, section),
        "bl_label": label,
        "bl_space_type": space,
        "bl_region_type": "UI",
        "bl_category": TAB,
        "bl_parent_id": panel_id(space, parent),
        "bl_options": {"DEFAULT_CLOSED"} if closed else set(),
        "poll": classmethod(poll),
        "draw": draw,
    }
    return type(panel_id(space, section), (bpy.types.Panel,), body)
