"""`illustrators-depth layers`: a picture's layers as PNGs or as one .idl file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..export.layer_images import layer_file_names, write_layers
from ..io.atomic import check_output, check_output_folder
from ..io.stack_file import save_stack
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from . import options
from .pipeline import make_stack
from .report import say, stage_progress, stopwatch, wrote

__all__ = ["layers"]

Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="A folder for full-frame RGBA PNGs, or a file ending in .idl. "
        "Default: the folder IMAGE-layers here.",
    ),
]


def layers(
    image: Source,
    out: Out = None,
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
    """Split a picture into its [bold]layers[/bold], bottom to top, each continued under the next.

    Example: [cyan]illustrators-depth layers fox.png -o fox-layers --layers 8[/cyan]
    """
    final = out if out is not None else Path(f"{image.stem}-layers")
    is_file = final.suffix.lower() == ".idl"
    final = (check_output if is_file else check_output_folder)(final, overwrite)
    read = options.read_settings(alpha, max_pixels)
    settings = options.depth_settings(model, device, network_size, denoise)
    cuts = options.decompose_settings(
        method, layers, max_layers, thresholds, binning, detail, merge_color, min_region, denoise
    )
    filled = options.complete_settings(complete, feather)
    with stopwatch() as seconds, stage_progress() as progress:
        stack = make_stack(image, read, settings, cuts, filled, progress).stack
        if is_file:
            save_stack(stack, final, overwrite, progress)
        else:
            write_layers(stack, final, overwrite, progress)
    wrote(final, f"{len(stack)} layers, {stack.width} x {stack.height}, {seconds[0]:.1f} s")
    if not is_file:
        for name in layer_file_names(stack).values():
            say(f"  {name}")
