"""`illustrators-depth-training data ...`: build and inspect data sets made from vector art."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

__all__ = ["app"]

app = typer.Typer(
    name="data",
    help="Ground truth from vector art: build data sets, list sources.",
    no_args_is_help=True,
)


class _Rate(ProgressColumn):
    """Drawings per second, over the recent past."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "-/s")


@app.command("build")
def build_command(
    config: Annotated[Path, typer.Argument(help="YAML file with the sources and the rules.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the shards.")],
    size: Annotated[int, typer.Option(help="Pixels of the square window.", min=16, max=4096)] = 256,
    height: Annotated[
        int | None, typer.Option(help="Pixels of the window's height, if it is not square.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes (default: all cores).")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, instead of local processes.")
    ] = None,
    keep_parts: Annotated[bool, typer.Option(help="Keep the intermediate blocks.")] = False,
) -> None:
    """Build a data set, or go on with one that was interrupted."""
    from ..data.build import build
    from ..data.config import load_config

    settings = load_config(config)
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=60) as bar:
        task = bar.add_task("Rendering", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        summary = build(
            settings,
            out,
            width=size,
            height=height,
            workers=workers,
            scheduler=scheduler,
            keep_parts=keep_parts,
            progress=show,
        )
    counts = ", ".join(f"{number} {split}" for split, number in summary.counts.items())
    print(f"{out}: {counts}")
