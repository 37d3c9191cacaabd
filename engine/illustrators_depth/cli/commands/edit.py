"""`illustrators-depth edit`: changes to saved layers, as a list of operations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from ...edit_usage import OPERATIONS
from ...errors import InputError
from ...io.names import counted
from ...io.user_path import user_path
from ...settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings
from .. import options
from ..pipeline import make_stack, spare_source
from ..report import stage_progress, stopwatch, wrote
from ..settings_options import takes

__all__ = ["edit"]

Source = Annotated[
    Path,
    typer.Argument(metavar="STACK.idl", help="Saved layers, or a picture to layer first."),
]
Out = Annotated[
    Path | None,
    options.out_option(
        "What `layers` writes: .idl, .psd, .ora, .exr, .svg, .png, .json or a folder. "
        "Default: STACK-edited.idl here."
    ),
]
Operations = Annotated[
    list[str] | None,
    typer.Option("--op", metavar="TEXT", help="One operation; repeat for more, done in order."),
]
Script = Annotated[
    Path | None,
    typer.Option(help="A text file with one operation a line (# starts a comment), done first."),
]
DepthFile = Annotated[
    Path | None,
    typer.Option("--depth", help="The picture's depth map, for split by=threshold."),
]

_OPERATIONS_HELP = "\n\n".join(f"  [cyan]{escape(usage)}[/cyan]" for usage in OPERATIONS.values())


@takes(decompose=options.NUMBER, settings=options.MODEL, read=options.SPLIT)
def edit(
    stack: Source,
    out: Out = None,
    op: Operations = None,
    script: Script = None,
    depth: DepthFile = None,
    *,
    decompose: DecomposeSettings,
    settings: DepthSettings,
    read: ReadSettings,
    overwrite: options.Overwrite = False,
) -> None:
    from ...export.stack_writer import check_stack_output, write_stack

    final = out if out is not None else Path(f"{stack.stem}-edited.idl")
    final = check_stack_output(final, overwrite)
    spare_source(stack, final)
    operations = [*_lines(script), *(op or [])]
    if not operations:
        raise InputError("There is nothing to do; give an operation with --op or --script.")
    with stopwatch() as seconds, stage_progress() as progress:
        layered = make_stack(stack, read, settings, decompose, CompleteSettings(), progress)
        values = layered.depth
        if depth is not None:
            from ...io.depth_file import read_depth

            values = read_depth(depth)
        from ...editing.script import apply_operations

        edited = apply_operations(layered.stack, operations, values)
        write_stack(edited, final, overwrite, layered.depth, progress)
    done = f"{counted(len(edited), 'layer')}, {counted(len(operations), 'operation')}"
    wrote(final, f"{done}, {seconds[0]:.1f} s")


edit.__doc__ = f"""Change [bold]layers[/bold]: merge, split, reorder, hide, recolour, insert ...

Layers are named by number, 1 at the bottom (see: illustrators-depth info STACK.idl), or by name.

{_OPERATIONS_HELP}

Example: [cyan]illustrators-depth edit fox.idl --op "merge 2 3 name=body" --op "hide shadow"
-o fox2.idl[/cyan]

Example: [cyan]illustrators-depth edit fox.idl --op "insert moon.png at=2 x=300 y=80 scale=0.5"
-o fox.psd[/cyan]
"""


def _lines(script: Path | None) -> list[str]:
    if script is None:
        return []
    try:
        text = user_path(script).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"The script {script} cannot be read ({error.strerror}); check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"The script {script} is not text; name a file with one operation a line."
        ) from error
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
