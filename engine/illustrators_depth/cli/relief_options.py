"""The options of `illustrators-depth relief`; each mirrors one field of a settings dataclass."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import InputError
from ..print_presets import PRESETS
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings

__all__ = ["BED", "FIT", "MODE", "check_preview", "is_typed", "printer_settings", "relief_settings"]

_RELIEF, _PRINT = "Relief", "Printing"


class ModeKind(StrEnum):
    auto = "auto"
    stacked = "stacked"
    terraced = "terraced"
    heightfield = "heightfield"
    flat = "flat"


class FitKind(StrEnum):
    drawing = "drawing"
    picture = "picture"


PresetKind = StrEnum("PresetKind", [(name, name) for name in PRESETS])  # type: ignore[misc]

MODE = ModeKind(ReliefSettings.mode)
FIT = FitKind(ReliefSettings.fit)
BED = ",".join(f"{side:g}" for side in PrinterSettings.bed_mm)

Mode = Annotated[
    ModeKind,
    typer.Option(
        help="stacked: one slab per layer; terraced: one solid with steps; heightfield: one solid "
        "over the smooth depth; flat: all colours side by side, printed face down; auto: terraced "
        "for .stl, .3mf and .png, else stacked.",
        rich_help_panel=_RELIEF,
    ),
]
SizeMm = Annotated[
    float, typer.Option(help="Longest side, mm; see --fit.", rich_help_panel=_RELIEF)
]
Fit = Annotated[
    FitKind,
    typer.Option(
        help="What measures --size-mm: the drawing itself, or the whole picture around it.",
        rich_help_panel=_RELIEF,
    ),
]
ThicknessMm = Annotated[
    float, typer.Option(help="Thickness of a slab or a step, mm.", rich_help_panel=_RELIEF)
]
GapMm = Annotated[
    float, typer.Option(help="stacked: air between slabs, mm.", rich_help_panel=_RELIEF)
]
BaseMm = Annotated[
    float,
    typer.Option(help="terraced, heightfield: base under it, mm.", rich_help_panel=_RELIEF),
]
HeightMm = Annotated[
    float, typer.Option(help="heightfield: height over the base, mm.", rich_help_panel=_RELIEF)
]
TotalMm = Annotated[
    float,
    typer.Option(
        help="Height of everything, mm; thickness or height follow. 0: from the parts.",
        rich_help_panel=_RELIEF,
    ),
]
LayerMm = Annotated[
    str,
    typer.Option(
        metavar="T,T,...",
        help="Thickness of each layer, bottom to top, mm; 0 in it means --thickness-mm.",
        rich_help_panel=_RELIEF,
    ),
]
MaxSteps = Annotated[
    int,
    typer.Option(
        help="terraced: at most so many steps, neighbours in the stack share one; 0: one each.",
        rich_help_panel=_RELIEF,
    ),
]
SmallestMm = Annotated[
    float,
    typer.Option(
        help="terraced: narrower parts join what is beside them, mm; 0 keeps all.",
        rich_help_panel=_RELIEF,
    ),
]
Split = Annotated[
    bool,
    typer.Option(
        "--split",
        help="terraced: one closed part per step. Always so for .3mf and for a folder.",
        rich_help_panel=_RELIEF,
    ),
]
Smoothing = Annotated[
    float,
    typer.Option(help="0 (pixel staircase) to 1 (smooth outlines).", rich_help_panel=_RELIEF),
]
Simplify = Annotated[
    float, typer.Option(help="Tolerance of outlines, in pixels.", rich_help_panel=_RELIEF)
]
MaxVertices = Annotated[
    int,
    typer.Option(
        help="heightfield: vertices on top, at most; 0: by the size.", rich_help_panel=_RELIEF
    ),
]
PresetName = Annotated[
    PresetKind | None,
    typer.Option(
        "--preset",
        help="Values for a purpose; options given beside it win.",
        rich_help_panel=_PRINT,
    ),
]
LayerHeightMm = Annotated[
    float,
    typer.Option(
        help="The printer's layer height: all heights become multiples of it. 0: as they are.",
        rich_help_panel=_PRINT,
    ),
]
Check = Annotated[
    bool,
    typer.Option(
        "--check/--no-check",
        help="Measure the result and report what speaks against printing it; done by itself for "
        ".stl, .3mf and folders. Asked for by name it writes nothing that cannot be printed.",
        rich_help_panel=_PRINT,
    ),
]
Swaps = Annotated[
    Path | None,
    typer.Option(
        "--swaps",
        help="terraced: also write when to change filament: .txt, .csv or .json.",
        rich_help_panel=_PRINT,
    ),
]
Filaments = Annotated[
    str,
    typer.Option(
        metavar="COLOR,...",
        help="Filaments at hand, #rrggbb or name=#rrggbb, or a CSV file of them (name, color, "
        "transmission_mm); each step takes the nearest.",
        rich_help_panel=_PRINT,
    ),
]
NozzleMm = Annotated[
    float, typer.Option(help="Width of the printer's nozzle, mm.", rich_help_panel=_PRINT)
]
FirstLayerMm = Annotated[
    float,
    typer.Option(
        help="Height of the first printed layer; 0: as the others.", rich_help_panel=_PRINT
    ),
]
MinBaseMm = Annotated[
    float, typer.Option(help="Warn of a base thinner than this, mm.", rich_help_panel=_PRINT)
]
BedMm = Annotated[
    str,
    typer.Option(metavar="X,Y,Z", help="What fits the printer, mm.", rich_help_panel=_PRINT),
]

Preview = Annotated[
    Path | None,
    typer.Option(
        "--preview",
        help="terraced: also a picture of it in its filaments, shining through: .png.",
        rich_help_panel=_PRINT,
    ),
]
Plate = Annotated[
    str,
    typer.Option(
        metavar="WxH",
        help="What the printer holds, mm: a larger relief becomes a folder of pieces with keys.",
        rich_help_panel=_PRINT,
    ),
]


def relief_settings(
    context: typer.Context, preset: PresetName, values: Mapping[str, Any]
) -> ReliefSettings:
    """Checked ReliefSettings from the options of the same names; a preset where none is given.

    Args:
        context: knows which options were given.
        preset: the option --preset.
        values: by field name; "layer_mm" as text.
    """
    chosen = dict(values)
    for name, value in PRESETS[preset.value].values.items() if preset is not None else ():
        if not is_typed(context, name):
            chosen[name] = value
    chosen["layer_mm"] = numbers("--layer-mm", chosen["layer_mm"])
    return ReliefSettings.from_dict(chosen)


def is_typed(context: typer.Context, name: str) -> bool:
    """Whether a person gave the option of this name, rather than leaving it to its default."""
    # By name: typer has a click of its own in newer versions.
    source = context.get_parameter_source(name)
    return source is not None and not source.name.startswith("DEFAULT")


def printer_settings(
    nozzle_mm: float, first_layer_mm: float, min_base_mm: float, bed_mm: str, filaments: str
) -> PrinterSettings:
    """Checked PrinterSettings from the options of the same names."""
    if filaments.lower().endswith(".csv"):
        from ..printing.filaments import read_filaments

        colors = read_filaments(filaments)
    else:
        colors = tuple(text.strip() for text in filaments.split(",") if text.strip())
    bed = numbers("--bed-mm", bed_mm)
    settings = PrinterSettings(nozzle_mm, first_layer_mm, min_base_mm, bed, colors)
    settings.check()
    return settings


def numbers(option: str, text: str) -> tuple[float, ...]:
    """Comma-separated numbers; InputError names the option."""
    try:
        return tuple(float(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError as error:
        raise InputError(f"{option} takes numbers such as 0.4,0.8,0.4; not {text!r}.") from error


def check_preview(preview: Path, final: Path, shape: ReliefSettings, overwrite: bool) -> Path:
    """Say early whether --preview can be written there; return its path."""
    from ..io.atomic import check_output

    if shape.mode != "terraced":
        raise InputError(f"--preview needs --mode terraced, not {shape.mode}.")
    if preview.suffix.lower() != ".png" or preview == final:
        raise InputError(f"--preview writes a .png of its own, not {preview.name}.")
    return check_output(preview, overwrite)
