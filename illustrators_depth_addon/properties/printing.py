"""Print settings of a scene; the export operator takes the same fields, so they are made here once.

Labels and ranges are those of `ReliefSettings` and `PrinterSettings` (`settings.controls`);
`settings.printing` turns the group into them.
"""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.print_presets import PRESETS
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings

from ..settings.controls import control
from .callbacks import print_preset_chosen

__all__ = ["ATTACHED", "CLASSES", "CUSTOM", "print_fields"]

CUSTOM = "CUSTOM"
# The stubs say that these return nothing.
_props: Any = bpy.props
_STANDARD = ReliefSettings.from_dict({**ReliefSettings().to_dict(), **PRESETS["standard"].values})


def _presets() -> tuple[tuple[str, str, str], ...]:
    items = [(CUSTOM, "Custom", "Whatever is set below")]
    for name, preset in PRESETS.items():
        items.append((name.upper().replace("-", "_"), preset.label, preset.about))
    return tuple(items)


def print_fields(options: set[Any] | None = None) -> dict[str, Any]:
    """The annotations of a class with print settings; `options` go to every property."""
    extra: dict[str, Any] = {"options": options} if options else {}
    return {
        **_purpose_fields(extra),
        **_size_fields(extra),
        **_step_fields(extra),
        **_printer_fields(extra),
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


def _size_fields(extra: dict[str, Any]) -> dict[str, Any]:
    """How large and how high it becomes."""
    return {
        "size_mm": _length("size_mm", extra, "Longest side in millimeters", 500.0, min=1.0),
        "base_mm": _length(
            "base_mm", extra, "Thickness under the lowest layer in millimeters", 10.0, min=0.04
        ),
        "thickness_mm": _length(
            "thickness_mm",
            extra,
            "Height of each step, or thickness of each slab, in millimeters",
            10.0,
            name="Step",
        ),
        "height_mm": _length(
            "height_mm", extra, "Height of a smooth relief over its base in millimeters", 50.0
        ),
        "total_mm": _length(
            "total_mm",
            extra,
            "Height of everything in millimeters: steps or height follow from it. "
            "0 lets it follow from them",
            50.0,
        ),
    }


def _step_fields(extra: dict[str, Any]) -> dict[str, Any]:
    """How layers become steps."""
    return {
        "layer_height_mm": _length(
            "layer_height_mm",
            extra,
            "The printer's layer height: all heights become multiples of it. "
            "0 leaves them as they are",
            0.6,
            step=4,
        ),
        "max_steps": control(
            ReliefSettings,
            "max_steps",
            description="Greatest number of steps, which layers then share; "
            "0 gives each layer its own",
            soft_max=32,
            **extra,
        ),
        "smallest_mm": _length(
            "smallest_mm", extra, "Narrower parts join what is beside them, in millimeters", 10.0
        ),
        "own_thickness": _props.BoolProperty(
            name="Own Thicknesses",
            description="Make steps as thick as their layers' own thickness in the list",
            default=False,
            **extra,
        ),
    }


def _length(
    field: str, extra: dict[str, Any], description: str, soft_max: float, **more: Any
) -> Any:
    """A length of ReliefSettings, at first as the preset for standard prints has it."""
    return control(
        ReliefSettings,
        field,
        default=getattr(_STANDARD, field),
        description=description,
        soft_max=soft_max,
        precision=2,
        **extra,
        **more,
    )


def _printer_fields(extra: dict[str, Any]) -> dict[str, Any]:
    """What the printer can do."""
    return {
        "nozzle_mm": control(
            PrinterSettings,
            "nozzle_mm",
            description="Width of the printer's nozzle in millimeters: narrower parts are lost",
            soft_max=1.0,
            precision=2,
            **extra,
        ),
        "first_layer_mm": control(
            PrinterSettings,
            "first_layer_mm",
            description="Height of the first printed layer in millimeters, 0 for that of the rest",
            soft_max=0.6,
            precision=2,
            **extra,
        ),
        "bed_mm": _props.FloatVectorProperty(
            name="Bed",
            description="Width, depth and height that fit the printer, in millimeters",
            size=3,
            min=1.0,
            unit="CAMERA",
            default=PrinterSettings().bed_mm,
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
