"""`illustrators-depth papercut`: a picture as sheets for a knife or a laser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ...io.names import counted
from ...product_settings import PapercutSettings
from ...settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .. import options
from ..pipeline import make_stack, spare_source
from ..report import say, stage_progress, stopwatch, wrote
from ..settings_options import Group, takes

__all__ = ["papercut"]

Out = Annotated[
    Path | None,
    options.out_option(
        "A folder for one SVG per sheet, or all in one .svg, .dxf or .pdf. "
        "Default: IMAGE-sheets here."
    ),
]


@takes(
    settings=Group(PapercutSettings, "Sheets"),
    decompose=options.NUMBER,
    depth=options.MODEL,
    read=options.SPLIT,
)
def papercut(
    image: options.Source,
    out: Out = None,
    *,
    settings: PapercutSettings,
    decompose: DecomposeSettings,
    depth: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    """Turn a picture into [bold]sheets to cut[/bold]: one drawing per layer, in millimetres.

    Each sheet is one piece with a frame; red lines are cut, blue lines scored.

    Example: [cyan]illustrators-depth papercut fox.png -o sheets --layers 6 --kerf-mm 0.15[/cyan]

    Example: [cyan]illustrators-depth papercut fox.png -o fox.dxf --plate 300x200[/cyan]
    """
    from ...papercut.write import check_papercut_output

    final = out if out is not None else Path(f"{image.stem}-sheets")
    final = check_papercut_output(final, overwrite)
    spare_source(image, final)
    with stopwatch() as seconds, stage_progress() as progress:
        layered = make_stack(image, read, depth, decompose, CompleteSettings(), progress)
        from ...papercut import papercut as cut
        from ...papercut import write_papercut

        sheets = cut(layered.stack, settings, progress)
        files = write_papercut(sheets, final, overwrite)
    size = f"{sheets[0].width_mm:g} x {sheets[0].height_mm:g} mm"
    wrote(final, f"{counted(len(sheets), 'sheet')}, {size}, {seconds[0]:.1f} s")
    for file in files if len(files) > 1 else ():
        say(f"  {file.name}")
