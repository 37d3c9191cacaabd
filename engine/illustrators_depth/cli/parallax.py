"""`illustrators-depth parallax`: a camera move among a picture's layers, as a looping film."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..product_settings import MOTIONS, ParallaxSettings
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from . import options
from .pipeline import make_stack, spare_source
from .report import say, stage_progress, stopwatch, wrote

__all__ = ["parallax"]

_MOVE, _FRAMES = "Move", "Frames"

MotionKind = StrEnum("MotionKind", [(name, name) for name in MOTIONS])  # type: ignore[misc]
MOTION = MotionKind(ParallaxSettings.motion)

Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help=".mp4, .webp, .gif, or a folder for numbered PNG frames. Default: IMAGE-move.mp4 "
        "here.",
    ),
]
Motion = Annotated[
    MotionKind,
    typer.Option(
        "--motion",
        help="orbit: a flat circle; dolly: closer and back; kenburns: across, slowly closer; "
        "breathe: near layers swell.",
        rich_help_panel=_MOVE,
    ),
]
Seconds = Annotated[float, typer.Option(help="Length of the loop.", rich_help_panel=_MOVE)]
Amount = Annotated[
    float,
    typer.Option(help="How far, as a share of the camera's distance.", rich_help_panel=_MOVE),
]
Offset = Annotated[
    float,
    typer.Option(
        help="Distance between layers, in heights of the picture; 0: by their number.",
        rich_help_panel=_MOVE,
    ),
]
Fps = Annotated[float, typer.Option(help="Frames per second.", rich_help_panel=_FRAMES)]
Height = Annotated[
    int,
    typer.Option(
        help="Height in pixels; 0: the picture's, at most 1080 (.gif: 480).",
        rich_help_panel=_FRAMES,
    ),
]
Alpha = Annotated[
    bool,
    typer.Option("--alpha", help="Keep transparency (not .mp4).", rich_help_panel=_FRAMES),
]
Background = Annotated[
    str, typer.Option(help="Behind a transparent picture.", rich_help_panel=_FRAMES)
]


def parallax(
    image: Source,
    out: Out = None,
    motion: Motion = MOTION,
    seconds: Seconds = ParallaxSettings.seconds,
    amount: Amount = ParallaxSettings.amount,
    offset: Offset = ParallaxSettings.offset,
    fps: Fps = ParallaxSettings.fps,
    height: Height = ParallaxSettings.height,
    alpha: Alpha = ParallaxSettings.alpha,
    background: Background = ParallaxSettings.background,
    layers: options.LayerCount = DecomposeSettings.layers,
    max_layers: options.MaxLayers = DecomposeSettings.max_layers,
    method: options.Method = options.METHOD,
    model: options.Model = DepthSettings.model,
    device: options.Device = DepthSettings.device,
    overwrite: options.Overwrite = False,
) -> None:
    """Move a camera among the layers of a picture: a [bold]film[/bold] that loops.

    Example: [cyan]illustrators-depth parallax fox.png -o fox.mp4[/cyan]

    Example: [cyan]illustrators-depth parallax fox.png -o fox.webp --motion dolly --alpha[/cyan]
    """
    from ..parallax.write import check_parallax_output, write_parallax

    settings = ParallaxSettings(
        motion=motion.value,
        seconds=seconds,
        fps=fps,
        amount=amount,
        offset=offset,
        height=height,
        alpha=alpha,
        background=background,
    )
    settings.check()
    final = out if out is not None else Path(f"{image.stem}-move.mp4")
    final = check_parallax_output(final, settings, overwrite)
    spare_source(image, final)
    cuts = DecomposeSettings(method=method.value, layers=layers, max_layers=max_layers)
    cuts.check()
    depth = DepthSettings(model=model, device=device)
    depth.check()
    with stopwatch() as elapsed, stage_progress() as progress:
        made = make_stack(image, ReadSettings(), depth, cuts, CompleteSettings(), progress)
        movie = write_parallax(made.stack, final, settings, overwrite, progress)
    width, rows = movie.size
    facts = f"{movie.frames} frames of {width} x {rows} pixels, {movie.codec}, {elapsed[0]:.1f} s"
    wrote(final, facts)
    if movie.codec == "MPEG-4 Part 2":
        say(
            "note: browsers do not play MPEG-4 Part 2; for H.264, pip install imageio-ffmpeg and "
            "run this again."
        )
