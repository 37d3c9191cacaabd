"""Presets of panel sections, in Blender's own way: a menu, plus and minus.

Those that ship are data files in the add-on's `presets` folder; the user's own are written by
Blender into the user's preset folder, never here. Operators with options of their own (planes,
parallax) have Blender's operator presets instead, with shipped ones in `presets/operator`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

from ..properties.printing import print_fields

__all__ = ["CLASSES", "SECTIONS", "draw_presets", "register", "unregister"]

_HOME = str(Path(__file__).resolve().parent.parent)
# The first releases of Blender 4.2 cannot take presets from an extension: there, only the user's
# own are offered.
_CAN_BRING_PRESETS = hasattr(bpy.utils, "register_preset_path")

# Section of the panel -> label of its presets, name of the scene's property group, and the settings
# in it that a preset holds, in the order they are set: the purpose of a print (`preset`) sets the
# others when it changes, so it comes first.
SECTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "look": (
        "Look Presets",
        "illdepth",
        ("thickness_mm", "gap_mm", "bevel_mm", "shader", "textured"),
    ),
    "print": ("Print Presets", "illdepth_print", tuple(print_fields())),
}


def _subdir(section: str) -> str:
    """A section's folder below `presets` in the add-on and in the user's scripts."""
    return f"illdepth/{section}"


def _panel(section: str) -> str:
    """The name of a section's popover class."""
    return f"ILLDEPTH_PT_{section}_presets"


def _classes(section: str, label: str, group: str, fields: tuple[str, ...]) -> tuple[type, type]:
    """A section's popover and the operator behind its plus and minus, as classes to register.

    label, group, fields: as in `SECTIONS`. The attributes are those that Blender's `PresetPanel`
    and `AddPresetBase` read.
    """
    operator = f"illdepth.{section}_preset_add"
    popover = {
        "bl_label": label,
        "preset_subdir": _subdir(section),
        "preset_operator": "script.execute_preset",
        "preset_add_operator": operator,
    }
    add = {
        "__doc__": "Add or remove a preset of these settings",
        "bl_idname": operator,
        "bl_label": "Add Preset",
        "preset_menu": _panel(section),
        "preset_subdir": _subdir(section),
        "preset_defines": [f"settings = bpy.context.scene.{group}"],
        "preset_values": [f"settings.{name}" for name in fields],
    }
    return (
        type(_panel(section), (PresetPanel, bpy.types.Panel), popover),
        type(f"ILLDEPTH_OT_{section}_preset_add", (AddPresetBase, bpy.types.Operator), add),
    )


_CLASSES_OF_SECTION = {name: _classes(name, *about) for name, about in SECTIONS.items()}
CLASSES = tuple(cls for pair in _CLASSES_OF_SECTION.values() for cls in pair)


def draw_presets(section: str, layout: Any) -> None:
    """The button that opens a section's presets, as in the header of Blender's own panels."""
    panel: Any = _CLASSES_OF_SECTION[section][0]
    panel.draw_panel_header(layout)


def register() -> None:
    if _CAN_BRING_PRESETS:
        bpy.utils.register_preset_path(_HOME)


def unregister() -> None:
    if _CAN_BRING_PRESETS:
        bpy.utils.unregister_preset_path(_HOME)
