"""Blender properties made from what the fields of the engine's settings say of themselves."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import bpy

from illustrators_depth.settings import SettingInfo, Settings, setting_info

__all__ = ["control"]

# The stubs say that these return nothing.
_props: Any = bpy.props
# What a number that must be above its end can be set to at least.
_SMALLEST_STEP = 0.01


def control(
    kind: type[Settings], field: str, *, labels: dict[str, str] | None = None, **more: Any
) -> Any:
    """The property for a settings field, with the label, help, range, unit and default of it.

    Args:
        labels: of a field with choices: their labels, where a capital letter is not enough.
        more: what only Blender knows (`update`, `soft_max`), or says in other words
            (`description`), or must be narrower (`min`, `max`).
    """
    info = setting_info(kind, field)
    assert info is not None
    default = next(f.default for f in fields(kind) if f.name == field)
    known: dict[str, Any] = {"name": info.label, "description": info.help, "default": default}
    if info.choices is not None:
        items = [
            (value, (labels or {}).get(value, value.title()), help[:1].upper() + help[1:])
            for value, help in info.choices.items()
        ]
        return _props.EnumProperty(**{**known, "items": items, **more})
    if isinstance(default, bool):
        return _props.BoolProperty(**{**known, **more})
    if isinstance(default, int):
        return _props.IntProperty(**{**known, **_ends(info), **more})
    return _props.FloatProperty(**{**known, **_ends(info), **_unit(field, info), **more})


def _ends(info: SettingInfo) -> dict[str, float]:
    """`min` and `max`; 0 can be set where it means something."""
    least = info.least if info.above is None else info.above + _SMALLEST_STEP
    ends = {"min": 0 if info.zero else least, "max": info.most}
    return {end: value for end, value in ends.items() if value is not None}


def _unit(field: str, info: SettingInfo) -> dict[str, str]:
    """Blender's subtype: lengths of paper are shown in mm, whatever the scene's units."""
    if field.endswith("_mm"):
        return {"subtype": "DISTANCE_CAMERA"}
    return {"subtype": "FACTOR"} if (info.least, info.most) == (0.0, 1.0) else {}
