"""`illustrators-depth vectorize`: a picture as a layered SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ...io.atomic import atomic_path, check_output
from ...io.names import counted
from ...io.user_path import check_suffix
from ...product_settings import VectorizeSettings
from ...settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .. import options
from ..pipeline import make_stack
from ..report import stage_progress, stopwatch, wrote
from ..settings_options import Group, takes

__all__ = ["vectorize"]

Out = Annotated[Path | None, options.out_option("An .svg file. Default: IMAGE.svg here.")]


@takes(
    paths=Group(VectorizeSettings, "Paths"),
    decompose=options.LAYERS,
    complete=options.COMPLETE,
    depth=options.DEPTH,
    read=options.READ,
)
def vectorize(
    image: options.Source,
    out: Out = None,
    *,
    paths: VectorizeSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    depth: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Turn a picture into a layered [bold]SVG[/bold]: one named group per layer, bottom to top.

    Example: [cyan]illustrators-depth vectorize fox.png -o fox.svg[/cyan]
    """
    final = out if out is not None else Path(f"{image.stem}.svg")
    check_suffix(final, (".svg",), "a drawing")
    final = check_output(final, overwrite)
    if paths.tracer == "vtracer":  # said before the picture is predicted
        from ...tracing.vtracer_outline import check_vtracer

        check_vtracer()
    with stopwatch() as seconds, stage_progress() as progress:
        stack = make_stack(image, read, depth, decompose, complete, progress).stack
        from ...tracing import trace_stack

        drawing = trace_stack(stack, paths, progress)
        with atomic_path(final, overwrite) as temporary:
            temporary.write_text(drawing.to_svg(), encoding="utf-8")
    counts = f"{counted(len(drawing.groups), 'layer')}, {counted(drawing.path_count, 'path')}"
    wrote(final, f"{counts}, {stack.width} x {stack.height}, {seconds[0]:.1f} s")
