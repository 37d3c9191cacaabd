"""When to change filament so that a one-nozzle printer prints the relief in colour."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..errors import InputError
from ..geometry.terrace_levels import relief_steps, step_heights
from ..io.atomic import atomic_path, check_output
from ..io.names import counted
from ..io.user_path import check_suffix
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings
from ..types import LayerStack
from .check import first_layer_height, layer_height
from .filaments import assign_filaments

__all__ = ["SWAP_SUFFIXES", "ColorSwap", "color_swaps", "swaps_text", "write_swaps"]

SWAP_SUFFIXES = (".txt", ".csv", ".json")


@dataclass(frozen=True)
class ColorSwap:
    """One filament, and from where to where it prints.

    Attributes:
        number: the filament's, from 1: its place in `PrinterSettings.filaments`, or else in order
            of first use; the same as the extruder in a 3MF.
        filament: its name, or its colour where it has none.
        color: "#rrggbb" of the filament.
        bottom_mm, top_mm: heights between which it prints.
        first_layer, last_layer: printer layers, the first on the bed is 1. Change to this filament
            before `first_layer` is printed.
        steps: names of the layers that it shows.
    """

    number: int
    filament: str
    color: str
    bottom_mm: float
    top_mm: float
    first_layer: int
    last_layer: int
    steps: tuple[str, ...]


def color_swaps(
    stack: LayerStack, settings: ReliefSettings, printer: PrinterSettings | None = None
) -> tuple[ColorSwap, ...]:
    """The filaments of a "terraced" relief, bottom to top; the first is loaded at the start.

    Steps that follow one another in the same filament are one entry. Layer numbers go by the
    settings' `layer_height_mm` (0.2 if it is 0) and the printer's first layer.

    Raises InputError for another mode: only steps have one colour at each height.
    """
    if settings.mode != "terraced":
        raise InputError(
            f"A colour-swap list needs mode terraced, where every height has one colour, not "
            f"{settings.mode}."
        )
    printer = printer or PrinterSettings()
    settings.check()
    printer.check()
    steps = relief_steps(stack, settings).steps
    heights = step_heights(stack, steps, settings)
    filaments, choice = assign_filaments(
        [step.color for step in steps], printer.filaments, heights.thicknesses
    )
    swaps: list[ColorSwap] = []
    for k, (step, chosen) in enumerate(zip(steps, choice, strict=True)):
        filament = filaments[chosen]
        bottom, top = heights.bottoms[k], heights.tops[k]
        last = _layer_count_below(top, settings, printer)
        if swaps and swaps[-1].number == filament.number:
            before = swaps.pop()
            bottom, names = before.bottom_mm, (*before.steps, step.name)
        else:
            names = (step.name,)
        first = _layer_count_below(bottom, settings, printer) + 1
        what = (filament.number, filament.name, filament.color)
        swaps.append(ColorSwap(*what, bottom, top, first, last, names))
    return tuple(swaps)


def swaps_text(
    swaps: Sequence[ColorSwap], settings: ReliefSettings, printer: PrinterSettings | None = None
) -> str:
    """The list as plain text, to be kept beside the printer; heights are those it prints."""
    first = first_layer_height(settings, printer or PrinterSettings())
    usual = layer_height(settings)

    def printed(layers: int) -> float:
        return round(first + (layers - 1) * usual, 6) if layers > 0 else 0.0

    starts = "" if first == usual else f" over a first one of {first:g} mm"
    lines = [
        f"Colour swaps for layers of {usual:g} mm{starts}, "
        f"{counted(swaps[-1].last_layer, 'layer')}, {printed(swaps[-1].last_layer):g} mm in all.",
        "",
    ]
    for k, swap in enumerate(swaps):
        named = swap.color if swap.filament == swap.color else f"{swap.filament} ({swap.color})"
        named = f"filament {swap.number}, {named}"
        height = f"{printed(swap.first_layer - 1):g} mm"
        when = (
            "Start with" if k == 0
            else f"Before layer {swap.first_layer} (at {height}) change to"
        )  # fmt: skip
        lines.append(f"{when} {named}: {', '.join(swap.steps)}")
    return "\n".join(lines) + "\n"


def write_swaps(
    swaps: Sequence[ColorSwap],
    path: str | Path,
    settings: ReliefSettings,
    overwrite: bool = False,
    printer: PrinterSettings | None = None,
) -> Path:
    """Write the list as the ending says: .txt, .csv (one line per filament) or .json; atomically.

    Raises InputError for another ending, and as `atomic_path` does.
    """
    final = check_swaps_output(path, overwrite)
    suffix = final.suffix.lower()
    if suffix == ".txt":
        text = swaps_text(swaps, settings, printer)
    elif suffix == ".csv":
        out = io.StringIO()
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow([each.name for each in fields(ColorSwap)])
        for swap in swaps:
            *plain, steps = asdict(swap).values()
            rows.writerow([*plain, " + ".join(steps)])
        text = out.getvalue()
    else:
        listing = {
            "format": "illustrators-depth-color-swaps",
            "version": 1,
            "layer_height_mm": layer_height(settings),
            "first_layer_mm": first_layer_height(settings, printer or PrinterSettings()),
            "swaps": [asdict(swap) for swap in swaps],
        }
        text = json.dumps(listing, indent=2) + "\n"
    with atomic_path(final, overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return final


def check_swaps_output(path: str | Path, overwrite: bool = False) -> Path:
    """Say early whether the list may be written to `path`; return it.

    Raises InputError for an ending that is none of SWAP_SUFFIXES, and as `check_output` does.
    """
    check_suffix(path, SWAP_SUFFIXES, "a colour-swap list")
    return check_output(path, overwrite)


def _layer_count_below(height: float, settings: ReliefSettings, printer: PrinterSettings) -> int:
    """How many printer layers lie wholly below a height, half a layer more or less."""
    usual = layer_height(settings)
    first = first_layer_height(settings, printer)
    if height < first / 2.0:
        return 0
    return 1 + max(0, math.floor((height - first) / usual + 0.5))
