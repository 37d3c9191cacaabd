"""The options that several commands share; each mirrors one field of a settings dataclass."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings

__all__ = [
    "ALPHA",
    "BINNING",
    "COMPLETE",
    "METHOD",
    "Alpha",
    "AlphaKind",
    "Binning",
    "BinningKind",
    "Complete",
    "CompleteKind",
    "Denoise",
    "Detail",
    "Device",
    "Feather",
    "LayerCount",
    "MaxLayers",
    "MaxPixels",
    "MergeColor",
    "Method",
    "MethodKind",
    "MinRegion",
    "Model",
    "NetworkSize",
    "Overwrite",
    "Picture",
    "Thresholds",
    "complete_settings",
    "decompose_settings",
    "depth_settings",
    "read_settings",
]


class AlphaKind(StrEnum):
    auto = "auto"
    straight = "straight"
    premultiplied = "premultiplied"


class MethodKind(StrEnum):
    auto = "auto"
    clusters = "clusters"
    bins = "bins"


class BinningKind(StrEnum):
    optimal = "optimal"
    quantile = "quantile"
    uniform = "uniform"


class CompleteKind(StrEnum):
    contour = "contour"
    smooth = "smooth"
    nearest = "nearest"
    none = "none"


# The defaults of the choices, as the dataclasses have them.
ALPHA = AlphaKind(ReadSettings.alpha)
METHOD = MethodKind(DecomposeSettings.method)
BINNING = BinningKind(DecomposeSettings.binning)
COMPLETE = CompleteKind(CompleteSettings.method)

_READING = "Reading the picture"
_DEPTH = "Depth"
_LAYERS = "Layers"

Picture = Annotated[
    Path,
    typer.Argument(metavar="IMAGE", help="A picture: PNG, JPEG, WebP, TIFF, EXR, BMP, GIF."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")]

Alpha = Annotated[
    AlphaKind,
    typer.Option(help="How alpha is stored; auto asks the file.", rich_help_panel=_READING),
]
MaxPixels = Annotated[
    int, typer.Option(help="Refuse larger pictures before decoding.", rich_help_panel=_READING)
]

Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="compact (ships in the box), heuristic (no network), a checkpoint's path, or the path "
        "of a depth map you already have (.npy, .exr, .tif, .png).",
        rich_help_panel=_DEPTH,
    ),
]
Device = Annotated[
    str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.", rich_help_panel=_DEPTH)
]
NetworkSize = Annotated[
    int,
    typer.Option(
        "--network-size",
        help="Longest side the network works at, in pixels; 0 lets the model choose.",
        rich_help_panel=_DEPTH,
    ),
]
Denoise = Annotated[
    float,
    typer.Option(
        help="Blur against paper and canvas texture, 0 (off) to 1.", rich_help_panel=_DEPTH
    ),
]

LayerCount = Annotated[
    int,
    typer.Option("--layers", "-n", help="How many; 0 asks the picture.", rich_help_panel=_LAYERS),
]
MaxLayers = Annotated[
    int, typer.Option(help="At most this many when automatic.", rich_help_panel=_LAYERS)
]
Method = Annotated[
    MethodKind,
    typer.Option(
        help="clusters for flat art, bins for painterly pictures.", rich_help_panel=_LAYERS
    ),
]
Thresholds = Annotated[
    str,
    typer.Option(
        metavar="T,T,...",
        help="Cut the depth at these values, rising, between 0 (far) and 1 (near).",
        rich_help_panel=_LAYERS,
    ),
]
Binning = Annotated[BinningKind, typer.Option(help="How bins are spaced.", rich_help_panel=_LAYERS)]
Detail = Annotated[
    float,
    typer.Option(help="0 to 1: how readily a further layer is opened.", rich_help_panel=_LAYERS),
]
MergeColor = Annotated[
    float,
    typer.Option(
        help="Layers next to each other in depth and closer in colour than this merge (0..1).",
        rich_help_panel=_LAYERS,
    ),
]
MinRegion = Annotated[
    float,
    typer.Option(
        help="Smaller specks are absorbed: pixels of a 1024x1024 picture.",
        rich_help_panel=_LAYERS,
    ),
]
Complete = Annotated[
    CompleteKind,
    typer.Option(help="How a layer continues under those above.", rich_help_panel=_LAYERS),
]
Feather = Annotated[
    float, typer.Option(help="Width of the soft edge, in pixels.", rich_help_panel=_LAYERS)
]


def read_settings(alpha: AlphaKind, max_pixels: int) -> ReadSettings:
    """Checked ReadSettings from the options of the same names."""
    settings = ReadSettings(max_pixels, alpha.value)
    settings.check()
    return settings


def depth_settings(model: str, device: str, size: int, denoise: float) -> DepthSettings:
    """Checked DepthSettings from the options of the same names."""
    settings = DepthSettings(model, device, size, denoise)
    settings.check()
    return settings


def decompose_settings(
    method: MethodKind,
    layers: int,
    max_layers: int,
    thresholds: str,
    binning: BinningKind,
    detail: float,
    merge_color: float,
    min_region: float,
    denoise: float,
) -> DecomposeSettings:
    """Checked DecomposeSettings from the options of the same names."""
    try:
        cuts = tuple(float(t) for t in thresholds.replace(" ", ",").split(",") if t)
    except ValueError as error:
        raise InputError(
            f"--thresholds takes numbers between 0 and 1, such as 0.2,0.5,0.8; not {thresholds!r}."
        ) from error
    settings = DecomposeSettings(
        method=method.value,
        layers=layers,
        max_layers=max_layers,
        thresholds=cuts,
        binning=binning.value,
        detail=detail,
        merge_color=merge_color,
        min_region=min_region,
        denoise=denoise,
    )
    settings.check()
    return settings


def complete_settings(complete: CompleteKind, feather: float) -> CompleteSettings:
    """Checked CompleteSettings from the options of the same names."""
    settings = CompleteSettings(complete.value, feather)
    settings.check()
    return settings


def plate(text: str) -> tuple[float, ...]:
    """The sides of "220x220" (or "220"), mm; empty for none. InputError for anything else."""
    try:
        sides = tuple(float(part) for part in text.lower().split("x")) if text.strip() else ()
    except ValueError as error:
        raise InputError(f"--plate takes WIDTHxHEIGHT in mm, as 220x220; not {text!r}.") from error
    return sides * 2 if len(sides) == 1 else sides
