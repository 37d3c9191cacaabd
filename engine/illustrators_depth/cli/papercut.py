"""`illustrators-depth papercut`: a picture as sheets for a knife or a laser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..io.names import counted
from ..product_settings import PapercutSettings
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from . import options
from .pipeline import make_stack, spare_source
from .report import say, stage_progress, stopwatch, wrote

__all__ = ["papercut"]

_SHEETS = "Sheets"

Source = Annotated[
    Path, typer.Argument(metavar="IMAGE", help="A picture, or layers saved before (.idl).")
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="A folder for one SVG per sheet, or all in one .svg, .dxf or .pdf. "
        "Default: IMAGE-sheets here.",
    ),
]
SizeMm = Annotated[
    float, typer.Option(help="Longest side inside the frame, mm.", rich_help_panel=_SHEETS)
]
FrameMm = Annotated[float, typer.Option(help="Width of the frame, mm.", rich_help_panel=_SHEETS)]
BridgeMm = Annotated[
    float,
    typer.Option(help="Width of bars to islands, mm; 0: loose islands.", rich_help_panel=_SHEETS),
]
Support = Annotated[
    bool,
    typer.Option(help="Sheets also hold what lies above, to rest on.", rich_help_panel=_SHEETS),
]
KerfMm = Annotated[
    float, typer.Option(help="What blade or beam takes away, mm.", rich_help_panel=_SHEETS)
]
HoleMm = Annotated[
    float, typer.Option(help="Registration holes, mm; 0: none.", rich_help_panel=_SHEETS)
]
Guides = Annotated[
    bool, typer.Option(help="Score where the sheet above goes.", rich_help_panel=_SHEETS)
]
SmallestMm2 = Annotated[
    float, typer.Option(help="Leave out smaller pieces and holes.", rich_help_panel=_SHEETS)
]
ToleranceMm = Annotated[
    float, typer.Option(help="How far a curve may stray, mm.", rich_help_panel=_SHEETS)
]

Plate = Annotated[
    str,
    typer.Option(
        metavar="WxH",
        help="What the cutter holds, mm: larger sheets become pieces with keys.",
        rich_help_panel=_SHEETS,
    ),
]


def papercut(
    image: Source,
    out: Out = None,
    size_mm: SizeMm = PapercutSettings.size_mm,
    frame_mm: FrameMm = PapercutSettings.frame_mm,
    bridge_mm: BridgeMm = PapercutSettings.bridge_mm,
    support: Support = PapercutSettings.support,
    kerf_mm: KerfMm = PapercutSettings.kerf_mm,
    hole_mm: HoleMm = PapercutSettings.hole_mm,
    guides: Guides = PapercutSettings.guides,
    smallest_mm2: SmallestMm2 = PapercutSettings.smallest_mm2,
    tolerance_mm: ToleranceMm = PapercutSettings.tolerance_mm,
    plate: Plate = "",
    layers: options.LayerCount = DecomposeSettings.layers,
    max_layers: options.MaxLayers = DecomposeSettings.max_layers,
    method: options.Method = options.METHOD,
    model: options.Model = DepthSettings.model,
    device: options.Device = DepthSettings.device,
    overwrite: options.Overwrite = False,
) -> None:
    """Turn a picture into [bold]sheets to cut[/bold]: one drawing per layer, in millimetres.

    Each sheet is one piece with a frame; red lines are cut, blue lines scored.

    Example: [cyan]illustrators-depth papercut fox.png -o sheets --layers 6 --kerf-mm 0.15[/cyan]

    Example: [cyan]illustrators-depth papercut fox.png -o fox.dxf --plate 300x200[/cyan]
    """
    from ..papercut.write import check_papercut_output

    final = out if out is not None else Path(f"{image.stem}-sheets")
    final = check_papercut_output(final, overwrite)
    spare_source(image, final)
    settings = PapercutSettings(
        size_mm, frame_mm, bridge_mm, support, kerf_mm, hole_mm, guides, smallest_mm2, tolerance_mm,
        options.plate(plate),
    )  # fmt: skip
    settings.check()
    cuts = DecomposeSettings(method=method.value, layers=layers, max_layers=max_layers)
    cuts.check()
    depth = DepthSettings(model=model, device=device)
    depth.check()
    with stopwatch() as seconds, stage_progress() as progress:
        made = make_stack(image, ReadSettings(), depth, cuts, CompleteSettings(), progress)
        from ..papercut import papercut as cut
        from ..papercut import write_papercut

        sheets = cut(made.stack, settings, progress)
        files = write_papercut(sheets, final, overwrite)
    size = f"{sheets[0].width_mm:g} x {sheets[0].height_mm:g} mm"
    wrote(final, f"{counted(len(sheets), 'sheet')}, {size}, {seconds[0]:.1f} s")
    for file in files if len(files) > 1 else ():
        say(f"  {file.name}")
