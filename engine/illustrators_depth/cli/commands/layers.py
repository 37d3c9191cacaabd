"""`illustrators-depth layers`: a picture's layers as PNGs, or as one file for another program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...io.names import counted
from ...settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .. import options
from ..pipeline import make_stack, open_layers, predict_inside_each, spare_source
from ..report import say, stage_progress, stopwatch, wrote
from ..settings_options import takes

__all__ = ["layers"]

Out = Annotated[
    Path | None,
    options.out_option(
        "A folder for full-frame RGBA PNGs; or a file: .idl (to edit further), .psd, .ora, "
        ".exr (multi-layer, with depth), .svg, .png (16-bit depth), .json (the list). "
        "Default: the folder IMAGE-layers here."
    ),
]
Inside = Annotated[
    list[str] | None,
    typer.Option(
        "--inside",
        metavar="LAYER",
        help="Of a file of layers: take this one apart by the network, into a group of its name; "
        "a number, 1 at the bottom, or a name; repeat for more.",
    ),
]


@takes(decompose=options.LAYERS, complete=options.COMPLETE, depth=options.DEPTH, read=options.READ)
def layers(
    image: options.Source,
    out: Out = None,
    inside: Inside = None,
    *,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    depth: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Split a picture into its [bold]layers[/bold], bottom to top, each continued under the next.

    Example: [cyan]illustrators-depth layers fox.png -o fox-layers --layers 8[/cyan]

    Example: [cyan]illustrators-depth layers fox.png -o fox.psd[/cyan]

    Example: [cyan]illustrators-depth layers valley.svg --inside trees -o valley.psd[/cyan]
    """
    from ...export.layers.layer_images import layer_file_names
    from ...export.stack_writer import check_stack_output, write_stack

    final = out if out is not None else Path(f"{image.stem}-layers")
    final = check_stack_output(final, overwrite)
    spare_source(image, final)
    with stopwatch() as seconds, stage_progress() as progress:
        if inside:
            layered = open_layers(image, read, progress)
            stack = predict_inside_each(layered.stack, inside, depth, decompose, complete, progress)
        else:
            layered = make_stack(image, read, depth, decompose, complete, progress)
            stack = layered.stack
        write_stack(stack, final, overwrite, layered.depth, progress)
    wrote(
        final, f"{counted(len(stack), 'layer')}, {stack.width} x {stack.height}, {seconds[0]:.1f} s"
    )
    if final.is_dir():
        for name in layer_file_names(stack).values():
            say(f"  {name}")
