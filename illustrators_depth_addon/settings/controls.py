"""Makes Blender properties from the metadata of the engine's settings: label, help, range, unit."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import bpy

from illustrators_depth.settings import SettingInfo, Settings, setting_info

__all__ = ["control", "typed_number"]

# The stubs say that these return nothing.
_props: Any = bpy.props
# What a number that must be above its end can be set to at least.
_SMALLEST_STEP = 0.01


def control(
    kind: type[Settings], field: str, *, labels: dict[str, str] | None = None, **overrides: Any
) -> Any:
    """The property for a settings field, with the label, help, range, unit and default of it.

    Args:
        labels: of a field with choices: their labels, where a capital letter is not enough.
        overrides: what only Blender knows (`update`, `soft_max`), or says in other words
            (`description`), or must be narrower (`min`, `max`).
    """
    info = setting_info(kind, field)
    assert info is not None
    default = next(f.default for f in fields(kind) if f.name == field)
    described: dict[str, Any] = {"name": info.label, "description": info.help, "default": default}
    if info.choices is not None:
        items = [
            (value, (labels or {}).get(value, value.title()), help[:1].upper() + help[1:])
            for value, help in info.choices.items()
        ]
        return _props.EnumProperty(**{**described, "items": items, **overrides})
    if isinstance(default, bool):
        return _props.BoolProperty(**{**described, **overrides})
    if isinstance(default, int):
        return _props.IntProperty(**{**described, **_limits(info), **overrides})
    return _props.FloatProperty(**{**described, **_limits(info), **_unit(field, info), **overrides})


def _limits(info: SettingInfo) -> dict[str, float]:
    """`min` and `max`; 0 can be set where it means something."""
    least = info.least if info.above is None else info.above + _SMALLEST_STEP
    limits = {"min": 0 if info.zero else least, "max": info.most}
    return {end: value for end, value in limits.items() if value is not None}


def _unit(field: str, info: SettingInfo) -> dict[str, str]:
    """Blender's subtype: lengths of paper are shown in mm, whatever the scene's units."""
    if field.endswith("_mm"):
        return {"subtype": "DISTANCE_CAMERA"}
    return {"subtype": "FACTOR"} if (info.least, info.most) == (0.0, 1.0) else {}


def typed_number(value: Any) -> Any:
    """A float32 property as the decimal number that was typed: 0.1, not 0.10000000149.

    Anything else than a float is returned as it is.
    """
    return float(f"{value:.7g}") if isinstance(value, float) else value
