"""Print controls as the engine's settings, and presets as values of the controls."""

from __future__ import annotations

import hashlib
from typing import Any

import bpy

from illustrators_depth.print_presets import PRESETS
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..storage import layer_list

__all__ = [
    "FIELDS",
    "apply_preset",
    "field_values",
    "printer_settings",
    "relief_settings",
    "report_key",
    "set_fields",
]

FIELDS = (
    "preset",
    "mode",
    "size_mm",
    "base_mm",
    "thickness_mm",
    "height_mm",
    "total_mm",
    "layer_height_mm",
    "max_steps",
    "smallest_mm",
    "own_thickness",
    "nozzle_mm",
    "first_layer_mm",
    "bed_mm",
    "filaments",
)
_SAME = (
    "first_layer_mm",
    "size_mm",
    "base_mm",
    "thickness_mm",
    "height_mm",
    "total_mm",
    "layer_height_mm",
    "max_steps",
    "smallest_mm",
)


def _number(value: Any) -> Any:
    """A float32 property as the decimal number that was typed: 0.1, not 0.10000000149."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def apply_preset(owner: Any, identifier: str) -> None:
    """Set the controls that a preset names; "CUSTOM" sets none."""
    preset = PRESETS.get(identifier.lower().replace("_", "-"))
    if preset is None:
        return
    for name, value in preset.values.items():
        if name in FIELDS:
            setattr(owner, name, value.upper() if name == "mode" else value)


def field_values(group: Any) -> dict[str, Any]:
    """The print controls as plain values by name."""
    return {name: _plain(getattr(group, name)) for name in FIELDS}


def set_fields(group: Any, given: Any) -> dict[str, Any]:
    """The controls as values, replaced where an operator has them set: for scripts.

    A preset that is given comes first, single fields that are given win over it.
    """
    values = field_values(group)
    if given.is_property_set("preset"):
        values["preset"] = given.preset
        chosen = PRESETS.get(given.preset.lower().replace("_", "-"))
        for name, value in chosen.values.items() if chosen is not None else ():
            if name in FIELDS:
                values[name] = value.upper() if name == "mode" else value
    for name in FIELDS:
        if name != "preset" and given.is_property_set(name):
            values[name] = _plain(getattr(given, name))
    return values


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | float | int | bool) else tuple(value)


def relief_settings(
    values: dict[str, Any], stack: LayerStack | None = None, image: bpy.types.Image | None = None
) -> ReliefSettings:
    """Checked ReliefSettings; with stack and picture also the layers' own thicknesses."""
    made = {name: _number(values[name]) for name in _SAME}
    made["mode"] = values["mode"].lower()
    if values["own_thickness"] and stack is not None and image is not None:
        own = layer_list.own_spacing(image)
        thicknesses = [own.get(layer.uid, (None, None))[0] for _, layer in stack.shown()]
        if any(thicknesses):
            made["layer_mm"] = tuple(_number(value or 0.0) for value in thicknesses)
    return ReliefSettings.from_dict(made)


def printer_settings(values: dict[str, Any]) -> PrinterSettings:
    """Checked PrinterSettings."""
    filaments = tuple(text.strip() for text in values["filaments"].split(",") if text.strip())
    return PrinterSettings.from_dict(
        {
            "nozzle_mm": _number(values["nozzle_mm"]),
            "first_layer_mm": _number(values["first_layer_mm"]),
            "bed_mm": tuple(_number(side) for side in values["bed_mm"]),
            "filaments": filaments,
        }
    )


def report_key(scene: bpy.types.Scene, image: bpy.types.Image) -> str:
    """Changes whenever layers or print controls do, so that an old report is known as one."""
    owner: Any = scene
    parts = [addon_data(image).stack_key, *map(str, field_values(owner.illdepth_print).values())]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
