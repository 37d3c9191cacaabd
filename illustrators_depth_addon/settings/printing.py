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
from .controls import typed_number

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
_RELIEF_FIELDS = (
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


def apply_preset(owner: Any, identifier: str) -> None:
    """Set the controls that a preset names; "CUSTOM" sets none."""
    for name, value in _preset_values(identifier).items():
        setattr(owner, name, value)


def _preset_values(identifier: str) -> dict[str, Any]:
    """Values of the controls that a preset names, as the controls take them."""
    preset = PRESETS.get(identifier.lower().replace("_", "-"))
    values = preset.values if preset is not None else {}
    return {
        name: value.upper() if name == "mode" else value
        for name, value in values.items()
        if name in FIELDS
    }


def field_values(group: Any) -> dict[str, Any]:
    """The print controls as plain values by name."""
    return {name: _plain(getattr(group, name)) for name in FIELDS}


def set_fields(group: Any, operator_properties: Any) -> dict[str, Any]:
    """The controls as values, replaced where an operator has them set: for scripts.

    A preset that is given comes first, single fields that are given win over it.
    """
    values = field_values(group)
    if operator_properties.is_property_set("preset"):
        values["preset"] = operator_properties.preset
        values.update(_preset_values(operator_properties.preset))
    for name in FIELDS:
        if name != "preset" and operator_properties.is_property_set(name):
            values[name] = _plain(getattr(operator_properties, name))
    return values


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | float | int | bool) else tuple(value)


def relief_settings(
    values: dict[str, Any], stack: LayerStack | None = None, image: bpy.types.Image | None = None
) -> ReliefSettings:
    """Checked ReliefSettings; with stack and picture also the layers' own thicknesses."""
    relief = {name: typed_number(values[name]) for name in _RELIEF_FIELDS}
    relief["mode"] = values["mode"].lower()
    if values["own_thickness"] and stack is not None and image is not None:
        own_spacing = layer_list.own_spacing(image)
        thicknesses = [own_spacing.get(layer.uid, (None, None))[0] for _, layer in stack.shown()]
        if any(thicknesses):
            relief["layer_mm"] = tuple(typed_number(value or 0.0) for value in thicknesses)
    return ReliefSettings.from_dict(relief)


def printer_settings(values: dict[str, Any]) -> PrinterSettings:
    """Checked PrinterSettings."""
    filaments = tuple(text.strip() for text in values["filaments"].split(",") if text.strip())
    return PrinterSettings.from_dict(
        {
            "nozzle_mm": typed_number(values["nozzle_mm"]),
            "first_layer_mm": typed_number(values["first_layer_mm"]),
            "bed_mm": tuple(typed_number(side) for side in values["bed_mm"]),
            "filaments": filaments,
        }
    )


def report_key(scene: bpy.types.Scene, image: bpy.types.Image) -> str:
    """Changes whenever layers or print controls do, so that an old report is known as one."""
    owner: Any = scene
    parts = [addon_data(image).stack_key, *map(str, field_values(owner.illdepth_print).values())]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
