"""`illustrators-depth text2vector`: words to a layered SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...errors import InputError
from ...io.atomic import atomic_path, check_output
from ...io.names import counted, safe_name
from ...io.user_path import check_suffix
from ...product_settings import TextSettings
from ...settings import DecomposeSettings, DepthSettings
from .. import options
from ..report import stage_progress, stopwatch, wrote
from ..settings_options import Group, takes

__all__ = ["text2vector"]

Subject = Annotated[str, typer.Argument(metavar="TEXT", help='What to draw, such as "a fox".')]
Out = Annotated[Path | None, options.out_option("An .svg file. Default: TEXT.svg here.")]
KeepPicture = Annotated[
    Path | None, typer.Option("--picture", help="Also keep the generated picture, as .png.")
]


@takes(settings=Group(TextSettings, "Drawing"), decompose=options.NUMBER, depth=options.MODEL)
def text2vector(
    text: Subject,
    out: Out = None,
    picture: KeepPicture = None,
    *,
    settings: TextSettings,
    decompose: DecomposeSettings,
    depth: DepthSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Draw [bold]words[/bold] as a layered SVG, with a text-to-image model that you bring.

    Needs the extra text (pip install 'illustrators-depth\\[text]'). Offline unless allowed.

    Example: [cyan]illustrators-depth text2vector "a fox" -o fox.svg -g ~/models/sdxl[/cyan]
    """
    final = out if out is not None else Path(f"{safe_name(text, 'drawing')}.svg")
    check_suffix(final, (".svg",), "a drawing")
    final = check_output(final, overwrite)
    if picture is not None:
        if picture.suffix.lower() != ".png":
            raise InputError(f"{picture.name}: the picture is kept as .png; choose that ending.")
        picture = check_output(picture, overwrite)
    from ...text import text2vector as draw

    with stopwatch() as seconds, stage_progress() as progress:
        drawn = draw(text, settings, depth, decompose, progress=progress)
        with atomic_path(final, overwrite) as temporary:
            temporary.write_text(drawn.svg, encoding="utf-8")
        if picture is not None:
            from PIL import Image as PilImage

            from ...export.layers.layer_images import to_bytes

            with atomic_path(picture, overwrite) as temporary:
                PilImage.fromarray(to_bytes(drawn.image.rgba[..., :3])).save(temporary, "PNG")
    if picture is not None:
        wrote(picture)
    size = f"{drawn.stack.width} x {drawn.stack.height}"
    wrote(final, f"{counted(len(drawn.stack), 'layer')}, {size}, {seconds[0]:.1f} s")
