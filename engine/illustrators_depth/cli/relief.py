"""`illustrators-depth relief`: a picture as solid geometry in millimetres."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..export.mesh_file import check_mesh_suffix, write_mesh
from ..io.atomic import check_output
from ..settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
)
from . import options
from .pipeline import make_stack
from .report import stage_progress, stopwatch, wrote

__all__ = ["relief"]

_RELIEF = "Relief"


class ModeKind(StrEnum):
    stacked = "stacked"
    terraced = "terraced"
    heightfield = "heightfield"


class FitKind(StrEnum):
    drawing = "drawing"
    picture = "picture"


_MODE = ModeKind(ReliefSettings.mode)
_FIT = FitKind(ReliefSettings.fit)


Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help=".stl, .3mf (print), .glb (textured), .obj or .ply. Default: IMAGE-relief.stl here.",
    ),
]
Mode = Annotated[
    ModeKind,
    typer.Option(
        help="stacked: one slab per layer; terraced: one solid with steps; heightfield: one solid "
        "over the smooth depth.",
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
Smoothing = Annotated[
    float,
    typer.Option(help="0 (pixel staircase) to 1 (smooth outlines).", rich_help_panel=_RELIEF),
]
Simplify = Annotated[
    float, typer.Option(help="Tolerance of outlines, in pixels.", rich_help_panel=_RELIEF)
]
MaxVertices = Annotated[
    int, typer.Option(help="heightfield: vertices on top, at most.", rich_help_panel=_RELIEF)
]


def relief(
    image: Source,
    out: Out = None,
    mode: Mode = _MODE,
    size_mm: SizeMm = ReliefSettings.size_mm,
    fit: Fit = _FIT,
    thickness_mm: ThicknessMm = ReliefSettings.thickness_mm,
    gap_mm: GapMm = ReliefSettings.gap_mm,
    base_mm: BaseMm = ReliefSettings.base_mm,
    height_mm: HeightMm = ReliefSettings.height_mm,
    smoothing: Smoothing = ReliefSettings.smoothing,
    simplify: Simplify = ReliefSettings.simplify,
    max_vertices: MaxVertices = ReliefSettings.max_vertices,
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

    Example: [cyan]illustrators-depth relief fox.png -o fox.stl --mode terraced --size-mm 150[/cyan]
    """
    final = out if out is not None else Path(f"{image.stem}-relief.stl")
    check_mesh_suffix(final)
    final = check_output(final, overwrite)
    read = options.read_settings(alpha, max_pixels)
    settings = options.depth_settings(model, device, network_size, denoise)
    cuts = options.decompose_settings(
        method, layers, max_layers, thresholds, binning, detail, merge_color, min_region, denoise
    )
    filled = options.complete_settings(complete, feather)
    shape = ReliefSettings(
        mode=mode.value,
        size_mm=size_mm,
        fit=fit.value,
        thickness_mm=thickness_mm,
        gap_mm=gap_mm,
        base_mm=base_mm,
        height_mm=height_mm,
        smoothing=smoothing,
        simplify=simplify,
        max_vertices=max_vertices,
    )
    shape.check()
    with stopwatch() as seconds, stage_progress() as progress:
        made = make_stack(image, read, settings, cuts, filled, progress)
        from ..geometry.relief import relief as build

        progress("relief", 0.0)
        mesh = build(made.stack, shape, made.depth)
        progress("relief", 1.0)
        write_mesh(mesh, final, overwrite, made.image, made.stack)
    x, y, z = mesh.size_mm
    parts = f"{len(mesh.parts)} parts, " if len(mesh.parts) > 1 else ""
    wrote(
        final,
        f"{x:.4g} x {y:.4g} x {z:.4g} mm, {parts}{len(mesh.faces)} triangles, {seconds[0]:.1f} s",
    )
