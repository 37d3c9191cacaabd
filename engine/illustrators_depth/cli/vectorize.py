"""`illustrators-depth vectorize`: a picture as a layered SVG."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..io.atomic import atomic_path, check_output
from ..io.names import counted
from ..product_settings import VectorizeSettings
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from . import options
from .pipeline import make_stack
from .report import stage_progress, stopwatch, wrote

__all__ = ["vectorize"]

_PATHS = "Paths"


class TracerKind(StrEnum):
    contour = "contour"
    vtracer = "vtracer"


class Mode(StrEnum):
    stacked = "stacked"
    cutout = "cutout"


_MODE = Mode(VectorizeSettings.mode)
_TRACER = TracerKind(VectorizeSettings.tracer)

Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="An .svg file. Default: IMAGE.svg here.")
]
Tracer = Annotated[
    TracerKind,
    typer.Option(
        help="contour: our own, sub-pixel; vtracer: the VTracer library.", rich_help_panel=_PATHS
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        help="How far a curve may stray from the outline, in pixels.", rich_help_panel=_PATHS
    ),
]
CornerAngle = Annotated[
    float, typer.Option(help="Sharper turns stay corners, degrees.", rich_help_panel=_PATHS)
]
Despeckle = Annotated[
    float,
    typer.Option(help="Leave out smaller shapes and holes, square pixels.", rich_help_panel=_PATHS),
]
Overlap = Annotated[
    int,
    typer.Option(
        help="Reach of a layer under those above, so that no seam shows, in pixels.",
        rich_help_panel=_PATHS,
    ),
]
Gradients = Annotated[
    bool, typer.Option(help="Fit gradients to shaded areas.", rich_help_panel=_PATHS)
]
MaxColors = Annotated[
    int, typer.Option(help="Areas of different colour per layer, at most.", rich_help_panel=_PATHS)
]
Decimals = Annotated[
    int, typer.Option(help="Digits after the point in coordinates.", rich_help_panel=_PATHS)
]
PathMode = Annotated[
    Mode,
    typer.Option(
        help="stacked: layers reach under those above; cutout: each only where it is seen, as for "
        "vinyl and inlay.",
        rich_help_panel=_PATHS,
    ),
]
WidthMm = Annotated[
    float,
    typer.Option(
        help="Width in millimetres. 0: as the picture's resolution says, else in pixels.",
        rich_help_panel=_PATHS,
    ),
]


def vectorize(
    image: Source,
    out: Out = None,
    tracer: Tracer = _TRACER,
    tolerance: Tolerance = VectorizeSettings.tolerance,
    corner_angle: CornerAngle = VectorizeSettings.corner_angle,
    despeckle: Despeckle = VectorizeSettings.despeckle,
    overlap: Overlap = VectorizeSettings.overlap,
    gradients: Gradients = VectorizeSettings.gradients,
    max_colors: MaxColors = VectorizeSettings.max_colors,
    decimals: Decimals = VectorizeSettings.decimals,
    mode: PathMode = _MODE,
    width_mm: WidthMm = VectorizeSettings.width_mm,
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
    """Turn a picture into a layered [bold]SVG[/bold]: one named group per layer, bottom to top.

    Example: [cyan]illustrators-depth vectorize fox.png -o fox.svg[/cyan]
    """
    final = out if out is not None else Path(f"{image.stem}.svg")
    if final.suffix.lower() != ".svg":
        raise InputError(f"{final.name}: a drawing is written as .svg; choose that ending.")
    final = check_output(final, overwrite)
    read = options.read_settings(alpha, max_pixels)
    settings = options.depth_settings(model, device, network_size, denoise)
    cuts = options.decompose_settings(
        method, layers, max_layers, thresholds, binning, detail, merge_color, min_region, denoise
    )
    filled = options.complete_settings(complete, feather)
    paths = VectorizeSettings(
        tracer=tracer.value,
        tolerance=tolerance,
        corner_angle=corner_angle,
        despeckle=despeckle,
        overlap=overlap,
        gradients=gradients,
        max_colors=max_colors,
        decimals=decimals,
        mode=mode.value,
        width_mm=width_mm,
    )
    paths.check()
    with stopwatch() as seconds, stage_progress() as progress:
        stack = make_stack(image, read, settings, cuts, filled, progress).stack
        from ..tracing import trace_stack

        drawing = trace_stack(stack, paths, progress)
        with atomic_path(final, overwrite) as temporary:
            temporary.write_text(drawing.to_svg(), encoding="utf-8")
    found = f"{counted(len(drawing.groups), 'layer')}, {counted(drawing.path_count, 'path')}"
    wrote(final, f"{found}, {stack.width} x {stack.height}, {seconds[0]:.1f} s")
