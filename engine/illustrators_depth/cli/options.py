"""The arguments and the groups of options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .settings_options import Group

__all__ = [
    "COMPLETE",
    "DEPTH",
    "LAYERS",
    "MODEL",
    "NUMBER",
    "READ",
    "SPLIT",
    "Overwrite",
    "Picture",
    "Source",
    "out_option",
]

READ = Group(ReadSettings, "Reading the picture")
SPLIT = Group(ReadSettings, "Reading the picture", only=("split",))
DEPTH = Group(DepthSettings, "Depth")
LAYERS = Group(DecomposeSettings, "Layers")
COMPLETE = Group(CompleteSettings, "Layers")

# Commands for which layers are only a step on the way have the first few of these.
MODEL = Group(DepthSettings, "Depth", only=("model", "device"))
NUMBER = Group(DecomposeSettings, "Layers", only=("layers", "max_layers", "method"))

Picture = Annotated[
    Path,
    typer.Argument(metavar="IMAGE", help="A picture: PNG, JPEG, WebP, TIFF, EXR, BMP, GIF."),
]
Source = Annotated[
    Path,
    typer.Argument(
        metavar="IMAGE",
        help="A picture, or a file that holds layers: .idl (saved before), .svg, .psd, .ora, .kra.",
    ),
]


def out_option(help: str) -> Any:
    """The option `--out` of a command; `help` says what is written, and where by default."""
    return typer.Option("--out", "-o", help=help)


Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")]
