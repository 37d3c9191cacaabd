"""`illustrators-depth relief`: a picture as solid geometry in millimetres."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from ..product_settings import PrinterSettings, check_plate
from ..settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
)
from . import options
from . import relief_options as own
from .pipeline import make_stack, spare_source
from .report import say, stage_progress, stopwatch, wrote

if TYPE_CHECKING:
    from ..printing import PrintReport
    from ..types import Mesh

__all__ = ["relief"]

# Lines that a check prints by itself.
_MAX_FINDINGS = 8

Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help=".stl, .3mf (print, coloured), .glb (textured), .obj, .ply; .png (16-bit height map "
        "for CNC); or a folder for one STL per layer. Default: IMAGE-relief.stl here.",
    ),
]


def relief(
    context: typer.Context,
    image: Source,
    out: Out = None,
    preset: own.PresetName = None,
    mode: own.Mode = own.MODE,
    size_mm: own.SizeMm = ReliefSettings.size_mm,
    fit: own.Fit = own.FIT,
    thickness_mm: own.ThicknessMm = ReliefSettings.thickness_mm,
    gap_mm: own.GapMm = ReliefSettings.gap_mm,
    base_mm: own.BaseMm = ReliefSettings.base_mm,
    height_mm: own.HeightMm = ReliefSettings.height_mm,
    total_mm: own.TotalMm = ReliefSettings.total_mm,
    layer_mm: own.LayerMm = "",
    max_steps: own.MaxSteps = ReliefSettings.max_steps,
    smallest_mm: own.SmallestMm = ReliefSettings.smallest_mm,
    split: own.Split = ReliefSettings.split,
    smoothing: own.Smoothing = ReliefSettings.smoothing,
    simplify: own.Simplify = ReliefSettings.simplify,
    max_vertices: own.MaxVertices = ReliefSettings.max_vertices,
    layer_height_mm: own.LayerHeightMm = ReliefSettings.layer_height_mm,
    check: own.Check = True,
    swaps: own.Swaps = None,
    preview: own.Preview = None,
    filaments: own.Filaments = "",
    nozzle_mm: own.NozzleMm = PrinterSettings.nozzle_mm,
    first_layer_mm: own.FirstLayerMm = PrinterSettings.first_layer_mm,
    min_base_mm: own.MinBaseMm = PrinterSettings.min_base_mm,
    bed_mm: own.BedMm = own.BED,
    plate: own.Plate = "",
    layers: options.LayerCount = DecomposeSettings.layers,
    max_layers: options.MaxLayers = DecomposeSettings.max_layers,
    method: options.Method = options.METHOD,
    thresholds: options.Thresholds = "",
    binning: options.Binning = options.BINNING,
    detail: options.Detail = DecomposeSettings.detail,
    merge_color: options.MergeColor = DecomposeSettings.merge_color,
    min_region: options.MinRegion = DecomposeSettings.min_region,
    complete: options.Complete = options.COMPLETE,
    feather: options.Feather = CompleteSettings.feather,
    model: options.Model = DepthSettings.model,
    device: options.Device = DepthSettings.device,
    network_size: options.NetworkSize = DepthSettings.size,
    denoise: options.Denoise = DepthSettings.denoise,
    alpha: options.Alpha = options.ALPHA,
    max_pixels: options.MaxPixels = ReadSettings.max_pixels,
    overwrite: options.Overwrite = False,
) -> None:
    """Turn a picture into a [bold]relief[/bold]: closed, printable solids in millimetres.

    Example: [cyan]illustrators-depth relief fox.png -o fox.stl --size-mm 150[/cyan]

    Example: [cyan]illustrators-depth relief fox.png -o fox.3mf --preset standard[/cyan]
    """
    from ..export.relief_writer import (
        PRINT_SUFFIXES,
        check_relief_output,
        relief_for_output,
        relief_suffix,
        write_relief,
    )

    final = out if out is not None else Path(f"{image.stem}-relief.stl")
    final = check_relief_output(final, overwrite)
    spare_source(image, final)
    read = options.read_settings(alpha, max_pixels)
    settings = options.depth_settings(model, device, network_size, denoise)
    cuts = options.decompose_settings(
        method, layers, max_layers, thresholds, binning, detail, merge_color, min_region, denoise
    )
    filled = options.complete_settings(complete, feather)
    shape = own.relief_settings(
        context,
        preset,
        {
            "mode": mode.value,
            "size_mm": size_mm,
            "fit": fit.value,
            "thickness_mm": thickness_mm,
            "gap_mm": gap_mm,
            "base_mm": base_mm,
            "height_mm": height_mm,
            "total_mm": total_mm,
            "layer_mm": layer_mm,
            "max_steps": max_steps,
            "smallest_mm": smallest_mm,
            "split": split,
            "smoothing": smoothing,
            "simplify": simplify,
            "max_vertices": max_vertices,
            "layer_height_mm": layer_height_mm,
            "first_layer_mm": first_layer_mm,
        },
    )
    plate_mm = options.plate(plate)
    check_plate(plate_mm)
    kind = relief_suffix(final)
    if plate_mm and kind:
        raise InputError(
            f"--plate makes one file per piece; name a folder instead of {final.name} (a name "
            "without an ending)."
        )
    if plate_mm and shape.mode == "auto":
        shape = replace(shape, mode="terraced")
    shape = relief_for_output(shape, final)
    if plate_mm:
        shape = replace(shape, split=False)  # a piece has all steps
    asked = own.is_typed(context, "check")
    check = check and (asked or kind in ("", *PRINT_SUFFIXES))
    printer = own.printer_settings(nozzle_mm, first_layer_mm, min_base_mm, bed_mm, filaments)
    if plate_mm:  # pieces fit by themselves
        printer = replace(printer, bed_mm=(1e5, 1e5, printer.bed_mm[2]))
    if preview is not None:
        preview = own.check_preview(preview, final, shape, overwrite)
    if swaps is not None:
        from ..export.heightmap import sidecar_path
        from ..printing.color_swaps import check_swaps_output

        swaps = check_swaps_output(swaps, overwrite)
        if shape.mode != "terraced":
            raise InputError(f"--swaps needs --mode terraced, not {shape.mode}.")
        if kind == ".png" and swaps == sidecar_path(final):
            raise InputError(
                f"{swaps} is where the numbers of the height map {final.name} go; choose another "
                "name for --swaps."
            )
    with stopwatch() as seconds, stage_progress() as progress:
        made = make_stack(image, read, settings, cuts, filled, progress)
        mesh = None
        if check or kind != ".png":  # a height map needs no mesh
            from ..geometry.cut_plates import cut_for_plate
            from ..geometry.relief import relief as build
            from ..printing import check_print

            progress("relief", 0.0)
            mesh = build(made.stack, shape, made.depth)
            progress("relief", 1.0)
        if check and mesh is not None:
            separately = not kind and shape.mode == "stacked"
            report = check_print(made.stack, mesh, shape, printer, separately=separately)
            _tell(report, asked)
        if mesh is not None and plate_mm:
            mesh = cut_for_plate(mesh, plate_mm)
        write_relief(made.stack, shape, final, overwrite, made.image, made.depth, mesh, printer)
    wrote(final, f"{_facts(final, mesh)}, {seconds[0]:.1f} s")
    if preview is not None:
        from ..printing.preview import write_print_preview

        wrote(write_print_preview(made.stack, shape, printer, preview, overwrite), "preview")
    if swaps is not None:
        from ..io.names import counted
        from ..printing.color_swaps import color_swaps, write_swaps

        found = color_swaps(made.stack, shape, printer)
        note = f"{counted(len(found), 'filament')} in turn"
        wrote(write_swaps(found, swaps, shape, overwrite, printer), note)


def _facts(path: Path, mesh: Mesh | None) -> str:
    """Size and count of what was written, for the closing line."""
    if mesh is None:
        from ..export.heightmap import read_sidecar

        facts = read_sidecar(path)
        return (
            f"{facts['width_px']} x {facts['height_px']} pixels, {facts['width_mm']:.4g} x "
            f"{facts['height_mm']:.4g} x {facts['white_mm']:.4g} mm"
        )
    x, y, z = mesh.size_mm
    parts = f"{len(mesh.parts)} parts, " if len(mesh.parts) > 1 else ""
    return f"{x:.4g} x {y:.4g} x {z:.4g} mm, {parts}{len(mesh.faces)} triangles"


def _tell(report: PrintReport, asked: bool) -> None:
    """Print the report; InputError when it was asked for and the relief cannot be printed.

    Unasked, only what is worth a warning is printed, and the relief is written all the same.
    """
    if not asked:
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
