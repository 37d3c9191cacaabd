"""`illustrators-depth relief`: a picture as solid geometry in millimetres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError
from ...product_settings import PrinterSettings, check_plate
from ...progress import Progress
from ...settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
)
from .. import options
from .. import relief_options as own
from ..pipeline import make_stack, spare_source
from ..report import say, stage_progress, stopwatch, wrote
from ..settings_options import Group, is_typed, sides, takes

if TYPE_CHECKING:
    from ...pipeline import LayeredPicture
    from ...types import LayerStack, Mesh

__all__ = ["relief"]

# Lines that a check prints by itself.
_MAX_FINDINGS = 8

Out = Annotated[
    Path | None,
    options.out_option(
        ".stl, .3mf (print, coloured), .glb (textured), .obj, .ply; .png (16-bit height map "
        "for CNC); or a folder for one STL per layer. Default: IMAGE-relief.stl here."
    ),
]


@takes(
    shape=Group(ReliefSettings, "Relief"),
    printer=Group(PrinterSettings, "Printing"),
    decompose=options.LAYERS,
    complete=options.COMPLETE,
    depth=options.DEPTH,
    read=options.READ,
)
def relief(
    context: typer.Context,
    image: options.Source,
    out: Out = None,
    preset: own.PresetName = None,
    check: own.Check = True,
    swaps: own.Swaps = None,
    preview: own.Preview = None,
    plate: own.Plate = "",
    *,
    shape: ReliefSettings,
    printer: PrinterSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    depth: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Turn a picture into a [bold]relief[/bold]: closed, printable solids in millimetres.

    Example: [cyan]illustrators-depth relief fox.png -o fox.stl --size-mm 150[/cyan]

    Example: [cyan]illustrators-depth relief fox.png -o fox.3mf --preset standard[/cyan]
    """
    from ...export.relief_writer import (
        PRINT_SUFFIXES,
        check_relief_output,
        relief_suffix,
        write_relief,
    )

    final = out if out is not None else Path(f"{image.stem}-relief.stl")
    final = check_relief_output(final, overwrite)
    spare_source(image, final)
    shape, plate_mm = _shape(own.with_preset(context, preset, shape), plate, final)
    kind = relief_suffix(final)
    requested = is_typed(context, "check")
    check = check and (requested or kind in ("", *PRINT_SUFFIXES))
    if plate_mm:  # pieces fit by themselves
        printer = replace(printer, bed_mm=(1e5, 1e5, printer.bed_mm[2]))
    extras = own.ExtraFiles.checked(preview, swaps, final, shape, overwrite)
    with stopwatch() as seconds, stage_progress() as progress:
        layered = make_stack(image, read, depth, decompose, complete, progress)
        mesh = None
        if check or kind != ".png":  # a height map needs no mesh
            mesh = _solid(layered, shape, progress)
        if check and mesh is not None:
            separately = not kind and shape.mode == "stacked"
            _check(layered.stack, mesh, shape, printer, separately, requested)
        if mesh is not None and plate_mm:
            from ...geometry.cut_plates import cut_for_plate

            mesh = cut_for_plate(mesh, plate_mm)
        write_relief(
            layered.stack, shape, final, overwrite, layered.image, layered.depth, mesh, printer
        )
    wrote(final, f"{_facts(final, mesh)}, {seconds[0]:.1f} s")
    extras.write(layered.stack, shape, printer, overwrite)


def _shape(
    shape: ReliefSettings, plate: str, final: Path
) -> tuple[ReliefSettings, tuple[float, ...]]:
    """The settings as the output wants them, and the plate's sides in mm, empty for none."""
    from ...export.relief_writer import relief_for_output, relief_suffix

    plate_mm = sides("--plate", plate)
    check_plate(plate_mm)
    if plate_mm and relief_suffix(final):
        raise InputError(
            f"--plate makes one file per piece; name a folder instead of {final.name} (a name "
            "without an ending)."
        )
    if plate_mm and shape.mode == "auto":
        shape = replace(shape, mode="terraced")
    shape = relief_for_output(shape, final)
    return (replace(shape, split=False) if plate_mm else shape), plate_mm  # a piece has all steps


def _solid(layered: LayeredPicture, shape: ReliefSettings, progress: Progress) -> Mesh:
    """The relief as a mesh."""
    from ...geometry.relief import relief as build

    progress("relief", 0.0)
    mesh = build(layered.stack, shape, layered.depth)
    progress("relief", 1.0)
    return mesh


def _facts(path: Path, mesh: Mesh | None) -> str:
    """Size and count of what was written, for the closing line."""
    if mesh is None:
        from ...export.heightmap import read_sidecar

        facts = read_sidecar(path)
        return (
            f"{facts['width_px']} x {facts['height_px']} pixels, {facts['width_mm']:.4g} x "
            f"{facts['height_mm']:.4g} x {facts['white_mm']:.4g} mm"
        )
    x, y, z = mesh.size_mm
    parts = f"{len(mesh.parts)} parts, " if len(mesh.parts) > 1 else ""
    return f"{x:.4g} x {y:.4g} x {z:.4g} mm, {parts}{len(mesh.faces)} triangles"


def _check(
    stack: LayerStack,
    mesh: Mesh,
    shape: ReliefSettings,
    printer: PrinterSettings,
    separately: bool,
    requested: bool,
) -> None:
    """Measure the relief and print what was found.

    Unasked, only what is worth a warning is printed, and the relief is written all the same.

    Raises InputError when the check was asked for and the relief cannot be printed.
    """
    from ...printing import check_print

    report = check_print(stack, mesh, shape, printer, separately=separately)
    if not requested:
        for finding in (*report.errors, *report.warnings)[:_MAX_FINDINGS]:
            say(f"{finding.severity}: {finding.text}")
        return
    for line in report.lines():
        say(line)
    if report.errors:
        raise InputError(
            "The check found errors (see above), so nothing was written; mend them or leave out "
            "--check."
        )
