"""`illustrators-depth-training data ...`: build and inspect data sets made from vector art."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
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
    help="Ground truth from vector art: build data sets, list sources, report.",
    no_args_is_help=True,
)


class _Rate(ProgressColumn):
    """Drawings per second, over the recent past."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "-/s")


@app.command("build")
def build_command(
    config: Annotated[Path, typer.Argument(help="YAML file with the sources, or: corpus.")],
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
    only: Annotated[
        str | None, typer.Option(help="Build one split alone: train, val, unseen or test.")
    ] = None,
    full_shapes: Annotated[
        bool, typer.Option(help="Keep every layer's full shape as well, hidden parts included.")
    ] = False,
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
            only=only,
            full_shapes=full_shapes,
            progress=show,
        )
    counts = ", ".join(f"{number} {split}" for split, number in summary.counts.items())
    print(f"{out}: {counts}")


@app.command("sources")
def sources_command(
    config: Annotated[Path, typer.Argument(help="YAML file with the sources, or: corpus.")],
) -> None:
    """List the sources of a configuration: drawings, what is set aside, licence, author.

    Packages that are not in the cache are fetched.
    """
    from rich.table import Table

    from ..data.config import load_config
    from ..data.selection.plan import make_plan
    from ..data.selection.reserved import load_reserved

    settings = load_config(config)
    extra = Path(settings.reserved) if settings.reserved else None
    plan = make_plan(settings, load_reserved(extra))
    table = Table("source", "drawings", "reserved", "over cap", "to build", "role", "licence", "by")
    totals = [0, 0, 0, 0]
    for source in plan.sources:
        label = source.spec.label
        aside = plan.set_aside[label]
        numbers = [
            plan.listed[label],
            aside["reserved"] + aside["reserved-twin"],
            aside["over-cap"],
        ]
        numbers.append(numbers[0] - numbers[1] - numbers[2])
        totals = [a + b for a, b in zip(totals, numbers, strict=True)]
        shown = [f"{n:,}" for n in numbers]
        table.add_row(label, *shown, source.spec.role, source.licence, source.author)
    table.add_section()
    table.add_row("all", *(f"{n:,}" for n in totals), "", "", "")
    console = Console()
    # In a pipe there is no terminal to fit into: one line per source.
    console = console if console.is_terminal else Console(width=240)
    console.print(table)


@app.command("report")
def report_command(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished build.")],
    seed: Annotated[int, typer.Option(help="Chooses the pictures on the contact sheets.")] = 0,
) -> None:
    """Write report.html and ATTRIBUTION.md of a finished build again."""
    from ..data.report import write_report

    print(write_report(folder, seed))


@app.command("pack")
def pack_command(
    data: Annotated[Path, typer.Argument(help="Built data set.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    travel: Annotated[
        bool,
        typer.Option("--travel", help="Small enough to send: index maps and colours, no pictures."),
    ] = False,
    regions: Annotated[
        bool, typer.Option(help="Segment the pictures, too: training then need not.")
    ] = True,
    workers: Annotated[int | None, typer.Option(help="Processes (default: all cores).")] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(help="Only this split; may be given several times (default: all)."),
    ] = None,
) -> None:
    """Put a data set into one file that training maps into memory, or into one to send."""
    from ..packed import pack_corpus, pack_travel

    folder, path = data.expanduser(), out.expanduser()
    with _bar("Packing") as show:
        if travel:
            count = pack_travel(folder, path, show, split or ())
        else:
            count = pack_corpus(folder, path, workers, regions, show, split or ())
    print(f"{out}: {count} drawings, {path.stat().st_size / 1e6:.1f} MB")


@app.command("unpack")
def unpack_command(
    pack: Annotated[Path, typer.Argument(help="A file that `data pack --travel` wrote.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The packed corpus to write.")],
    regions: Annotated[bool, typer.Option(help="Store the regions of every picture.")] = True,
    workers: Annotated[int | None, typer.Option(help="Processes (default: all cores).")] = None,
) -> None:
    """Draw a travel pack's drawings again, into a packed corpus."""
    from ..packed import unpack_travel

    path = out.expanduser()
    with _bar("Drawing") as show:
        count = unpack_travel(pack.expanduser(), path, workers, regions, show)
    print(f"{out}: {count} drawings, {path.stat().st_size / 1e6:.1f} MB")


@contextlib.contextmanager
def _bar(description: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, and what moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=60) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
