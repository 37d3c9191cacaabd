"""Print settings of a scene; the export operator takes the same fields, so they are made here once.

Names, ranges and defaults mirror `ReliefSettings` and `PrinterSettings`; `settings.printing`
turns the group into them.
"""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.print_presets import PRESETS
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings

from .callbacks import print_preset_chosen

__all__ = ["ATTACHED", "CLASSES", "CUSTOM", "print_fields"]

CUSTOM = "CUSTOM"
# The stubs say that these return nothing.
_props: Any = bpy.props
_STANDARD = ReliefSettings.from_dict({**ReliefSettings().to_dict(), **PRESETS["standard"].values})
_PRINTER = PrinterSettings()


def _presets() -> tuple[tuple[str, str, str], ...]:
    items = [(CUSTOM, "Custom", "Whatever is set below")]
    for name, preset in PRESETS.items():
        items.append((name.upper().replace("-", "_"), preset.label, preset.about))
    return tuple(items)


def print_fields(options: set[Any] | None = None) -> dict[str, Any]:
    """The annotations of a class with print settings; `options` go to every property."""
    extra: dict[str, Any] = {"options": options} if options else {}
    lengths: dict[str, Any] = {"precision": 2, "subtype": "DISTANCE_CAMERA", **extra}
    return {
        **_purpose_fields(extra),
        **_size_fields(lengths),
        **_step_fields(extra, lengths),
        **_printer_fields(extra, lengths),
    }


def _purpose_fields(extra: dict[str, Any]) -> dict[str, Any]:
    """What is printed, and for what."""
    return {
        "preset": _props.EnumProperty(
            name="Preset",
            description="Settings for a purpose",
            items=_presets(),
            default="STANDARD",
            update=print_preset_chosen,
            **extra,
        ),
        "mode": _props.EnumProperty(
            name="Shape",
            description="What is printed",
            items=(
                ("TERRACED", "Steps", "One solid with a step for every layer"),
                ("HEIGHTFIELD", "Smooth", "One solid over the continuous depth"),
                ("STACKED", "Slabs", "A slab for every layer, to be glued; one file each"),
            ),
            default="TERRACED",
            **extra,
        ),
    }


def _size_fields(lengths: dict[str, Any]) -> dict[str, Any]:
    """How large and how high it becomes."""
    return {
        "size_mm": _props.FloatProperty(
            name="Size",
            description="Longest side in millimeters",
            min=1.0,
            max=100_000.0,
            soft_max=500.0,
            default=_STANDARD.size_mm,
            **lengths,
        ),
        "base_mm": _props.FloatProperty(
            name="Base",
            description="Thickness under the lowest layer in millimeters",
            min=0.04,
            soft_max=10.0,
            default=_STANDARD.base_mm,
            **lengths,
        ),
        "thickness_mm": _props.FloatProperty(
            name="Step",
            description="Height of each step, or thickness of each slab, in millimeters",
            min=0.01,
            soft_max=10.0,
            default=_STANDARD.thickness_mm,
            **lengths,
        ),
        "height_mm": _props.FloatProperty(
            name="Height",
            description="Height of a smooth relief over its base in millimeters",
            min=0.01,
            soft_max=50.0,
            default=_STANDARD.height_mm,
            **lengths,
        ),
        "total_mm": _props.FloatProperty(
            name="Total Height",
            description="Height of everything in millimeters: steps or height follow from it. "
            "0 lets it follow from them",
            min=0.0,
            soft_max=50.0,
            default=_STANDARD.total_mm,
            **lengths,
        ),
    }


def _step_fields(extra: dict[str, Any], lengths: dict[str, Any]) -> dict[str, Any]:
    """How layers become steps."""
    return {
        "layer_height_mm": _props.FloatProperty(
            name="Layer Height",
            description="The printer's layer height: all heights become multiples of it. "
            "0 leaves them as they are",
            min=0.0,
            max=10.0,
            soft_max=0.6,
            step=4,
            default=_STANDARD.layer_height_mm,
            **lengths,
        ),
        "max_steps": _props.IntProperty(
            name="Most Steps",
            description="Layers share steps until there are at most so many, 0 for one each",
            min=0,
            max=255,
            soft_max=32,
            default=_STANDARD.max_steps,
            **extra,
        ),
        "smallest_mm": _props.FloatProperty(
            name="Smallest Part",
            description="Narrower parts join what is beside them, in millimeters",
            min=0.0,
            soft_max=10.0,
            default=_STANDARD.smallest_mm,
            **lengths,
        ),
        "own_thickness": _props.BoolProperty(
            name="Own Thicknesses",
            description="Give steps the own thickness that layers have in the list",
            default=False,
            **extra,
        ),
    }


def _printer_fields(extra: dict[str, Any], lengths: dict[str, Any]) -> dict[str, Any]:
    """What the printer can do."""
    return {
        "nozzle_mm": _props.FloatProperty(
            name="Nozzle",
            description="Width of the printer's nozzle in millimeters: narrower parts are lost",
            min=0.05,
            max=10.0,
            soft_max=1.0,
            default=_PRINTER.nozzle_mm,
            **lengths,
        ),
        "first_layer_mm": _props.FloatProperty(
            name="First Layer",
            description="Height of the first printed layer in millimeters, 0 for that of the rest",
            min=0.0,
            soft_max=0.6,
            default=_PRINTER.first_layer_mm,
            **lengths,
        ),
        "bed_mm": _props.FloatVectorProperty(
            name="Bed",
            description="Width, depth and height that fit the printer, in millimeters",
            size=3,
            min=1.0,
            unit="CAMERA",
            default=_PRINTER.bed_mm,
            precision=0,
            **extra,
        ),
        "filaments": _props.StringProperty(
            name="Filaments",
            description="Colors at hand for the color swap list, such as white=#ffffff, "
            "ink=#101018; empty gives every color its own",
            **extra,
        ),
    }


ILLDEPTH_PG_print = type(
    "ILLDEPTH_PG_print",
    (bpy.types.PropertyGroup,),
    {
        "__doc__": "How the layers are printed.",
        "__module__": __name__,
        "__annotations__": {
            **print_fields(),
            "report": _props.StringProperty(name="Last Check"),
            "report_key": _props.StringProperty(name="What Was Checked"),
        },
    },
)

CLASSES = (ILLDEPTH_PG_print,)
ATTACHED = ((bpy.types.Scene, "illdepth_print", ILLDEPTH_PG_print),)
