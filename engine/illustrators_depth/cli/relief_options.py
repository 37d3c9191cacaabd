"""The options of `illustrators-depth relief` that are no settings: presets, checks, extra files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from ..print_presets import PRESETS
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings
from .report import wrote
from .settings_options import checked, is_typed

if TYPE_CHECKING:
    from ..types import LayerStack

__all__ = [
    "Check",
    "ExtraFiles",
    "Plate",
    "PresetName",
    "Preview",
    "Swaps",
    "with_preset",
]

_PRINT = "Printing"

PresetKind = StrEnum("PresetKind", [(name, name) for name in PRESETS])  # type: ignore[misc]

PresetName = Annotated[
    PresetKind | None,
    typer.Option(
        "--preset",
        help="Values for a purpose; options given beside it win.",
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


def with_preset(
    context: typer.Context, preset: PresetName, shape: ReliefSettings
) -> ReliefSettings:
    """The settings with a preset's values, where none was typed; `context` knows which were."""
    if preset is None:
        return shape
    values = PRESETS[preset.value].values
    return checked(replace(shape, **{n: v for n, v in values.items() if not is_typed(context, n)}))


@dataclass(frozen=True)
class ExtraFiles:
    """What is written beside the relief: a picture of the print, a list of filament changes."""

    preview: Path | None
    swaps: Path | None

    @classmethod
    def checked(
        cls,
        preview: Path | None,
        swaps: Path | None,
        final: Path,
        shape: ReliefSettings,
        overwrite: bool,
    ) -> ExtraFiles:
        """Say early whether they can be written there; raises InputError."""
        return cls(
            None if preview is None else _check_preview(preview, final, shape, overwrite),
            None if swaps is None else _check_swaps(swaps, final, shape, overwrite),
        )

    def write(
        self, stack: LayerStack, shape: ReliefSettings, printer: PrinterSettings, overwrite: bool
    ) -> None:
        """Write those that were asked for, and say so."""
        if self.preview is not None:
            from ..printing.preview import write_print_preview

            wrote(write_print_preview(stack, shape, printer, self.preview, overwrite), "preview")
        if self.swaps is not None:
            from ..io.names import counted
            from ..printing.color_swaps import color_swaps, write_swaps

            changes = color_swaps(stack, shape, printer)
            note = f"{counted(len(changes), 'filament')} in turn"
            wrote(write_swaps(changes, self.swaps, shape, overwrite, printer), note)


def _check_preview(preview: Path, final: Path, shape: ReliefSettings, overwrite: bool) -> Path:
    from ..io.atomic import check_output

    if shape.mode != "terraced":
        raise InputError(f"--preview needs --mode terraced, not {shape.mode}.")
    if preview.suffix.lower() != ".png" or preview == final:
        raise InputError(f"--preview writes a .png of its own, not {preview.name}.")
    return check_output(preview, overwrite)


def _check_swaps(swaps: Path, final: Path, shape: ReliefSettings, overwrite: bool) -> Path:
    from ..export.heightmap import sidecar_path
    from ..printing.color_swaps import check_swaps_output

    swaps = check_swaps_output(swaps, overwrite)
    if shape.mode != "terraced":
        raise InputError(f"--swaps needs --mode terraced, not {shape.mode}.")
    if final.suffix.lower() == ".png" and swaps == sidecar_path(final):
        raise InputError(
            f"{swaps} is where the numbers of the height map {final.name} go; choose another "
            "name for --swaps."
        )
    return swaps
