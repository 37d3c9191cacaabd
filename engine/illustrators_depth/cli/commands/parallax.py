"""`illustrators-depth parallax`: a camera move among a picture's layers, as a looping film."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ...io.names import counted
from ...product_settings import ParallaxSettings
from ...settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .. import options
from ..pipeline import make_stack, spare_source
from ..report import say, stage_progress, stopwatch, wrote
from ..settings_options import Group, takes

__all__ = ["parallax"]

Out = Annotated[
    Path | None,
    options.out_option(
        ".mp4, .webp, .gif, or a folder for numbered PNG frames. Default: IMAGE-move.mp4 here."
    ),
]


@takes(
    settings=Group(ParallaxSettings, "Move"),
    decompose=options.NUMBER,
    depth=options.MODEL,
    read=options.SPLIT,
)
def parallax(
    image: options.Source,
    out: Out = None,
    *,
    settings: ParallaxSettings,
    decompose: DecomposeSettings,
    depth: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Move a camera among the layers of a picture: a [bold]film[/bold] that loops.

    Example: [cyan]illustrators-depth parallax fox.png -o fox.mp4[/cyan]

    Example: [cyan]illustrators-depth parallax fox.png -o fox.webp --motion dolly --alpha[/cyan]
    """
    from ...parallax.write import check_parallax_output, write_parallax

    final = out if out is not None else Path(f"{image.stem}-move.mp4")
    final = check_parallax_output(final, settings, overwrite)
    spare_source(image, final)
    with stopwatch() as elapsed, stage_progress() as progress:
        layered = make_stack(image, read, depth, decompose, CompleteSettings(), progress)
        movie = write_parallax(layered.stack, final, settings, overwrite, progress)
    width, rows = movie.size
    frames = f"{counted(movie.frames, 'frame')} of {width} x {rows} pixels"
    wrote(final, f"{frames}, {movie.codec}, {elapsed[0]:.1f} s")
    if movie.codec == "MPEG-4 Part 2":
        say(
            "note: browsers do not play MPEG-4 Part 2; for H.264, pip install imageio-ffmpeg and "
            "run this again."
        )
