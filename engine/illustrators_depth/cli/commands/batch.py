"""`illustrators-depth batch`: a folder of pictures to products, overnight, resumable."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...batch import failure, picture_line
from ...batch.products import PRODUCTS, choose_products
from ...errors import Cancelled, InputError
from .. import options
from ..quiet import is_quiet
from ..report import error_console, say

if TYPE_CHECKING:
    from ...batch import Record
    from ...batch.run import Workers

__all__ = ["batch"]

_SETTINGS = "Settings, instead of the preset's"
_WHERE = "Where it runs"

Patterns = Annotated[
    list[str],
    typer.Argument(
        metavar="PATTERNS...",
        help="Pictures, folders (the pictures right in them) and patterns such as 'art/**/*.png'.",
    ),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Output folder.")]
ProductNames = Annotated[
    str,
    typer.Option(
        "--products",
        "-p",
        help="What to make of each, comma-separated: "
        + "; ".join(f"{name} ({row.help})" for name, row in PRODUCTS.items())
        + ".",
    ),
]
PresetFile = Annotated[
    Path | None,
    typer.Option("--preset", help="A .toml or .json file of settings, one table per verb."),
]
# What is given here takes the place of the preset's.
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "-m",
        help="compact, heuristic, or a model's path.",
        rich_help_panel=_SETTINGS,
    ),
]
Device = Annotated[
    str | None,
    typer.Option(
        help="Where the network runs: auto, cpu, cuda, cuda:N, mps.", rich_help_panel=_SETTINGS
    ),
]
LayerCount = Annotated[
    int | None,
    typer.Option(
        "--layers",
        "-n",
        help="Number of layers; 0 chooses it from the picture.",
        rich_help_panel=_SETTINGS,
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        help="Of SVG drawings: a layer of each of the groups, paths or strokes; or auto.",
        rich_help_panel=_SETTINGS,
    ),
]
Mode = Annotated[
    str | None,
    typer.Option(
        help="Relief: auto, stacked, terraced, heightfield or flat.", rich_help_panel=_SETTINGS
    ),
]
SizeMm = Annotated[
    float | None, typer.Option(help="Relief: longest side, mm.", rich_help_panel=_SETTINGS)
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with an earlier batch: leave out what is done.")
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs", "-j", min=0, help="Processes at a time; 0: one per core.", rich_help_panel=_WHERE
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        help="Seconds that one picture may take on this machine (3600 if not given); 0: no limit.",
        rich_help_panel=_WHERE,
    ),
]
# Seconds that one picture may take, unless told otherwise.
_TIMEOUT = 3600.0
Scheduler = Annotated[
    str | None,
    typer.Option(
        help="Address of a Dask scheduler to run on instead, such as tcp://host:8786.",
        rich_help_panel=_WHERE,
    ),
]
PartOption = Annotated[
    str,
    typer.Option(
        metavar="I/N",
        help="Only this machine's share: every N-th picture, from number I on.",
        rich_help_panel=_WHERE,
    ),
]


def batch(
    patterns: Patterns,
    out: Out,
    products: ProductNames = "depth,layers,svg",
    preset: PresetFile = None,
    model: Model = None,
    device: Device = None,
    layers: LayerCount = None,
    split: Split = None,
    mode: Mode = None,
    size_mm: SizeMm = None,
    resume: Resume = False,
    overwrite: options.Overwrite = False,
    jobs: Jobs = 0,
    timeout: Timeout = None,
    scheduler: Scheduler = None,
    part: PartOption = "1/1",
) -> None:
    """Turn [bold]many pictures[/bold] into products, several at a time; writes a manifest.

    A picture that fails is named at the end (exit code 1) and stops nothing.

    Example: [cyan]illustrators-depth batch art -o out -p svg,psd --resume[/cyan]

    Example: [cyan]illustrators-depth batch 'art/**/*.png' -o out -p stl --preset print.toml[/cyan]
    """
    from ...batch import (
        Options,
        Preset,
        Shard,
        load_preset,
        make_recipe,
        run_batch,
        summary_lines,
    )

    product_names = choose_products(products)
    settings = load_preset(preset) if preset is not None else Preset()
    settings = settings.changed("read", split=split)
    settings = settings.changed("depth", model=model, device=device)
    settings = settings.changed("decompose", layers=layers)
    settings = settings.changed("relief", mode=mode, size_mm=size_mm)
    recipe = make_recipe(product_names, settings)
    workers = _workers(scheduler, jobs, timeout)
    batch_options = Options(resume, overwrite, Shard.parse(part))
    start = time.monotonic()
    try:
        with _Bar() as bar:
            outcome = run_batch(patterns, out, recipe, workers, batch_options, bar)
    except KeyboardInterrupt:
        raise Cancelled from None  # typer would end without a word
    for line in summary_lines(outcome, time.monotonic() - start):
        say(line)
    if outcome.failed:
        raise typer.Exit(1)


def _workers(scheduler: str | None, jobs: int, timeout: float | None) -> Workers:
    """Processes on this machine, or those of a cluster."""
    if scheduler is None:
        from ...batch import LocalWorkers

        return LocalWorkers(jobs or _cores(), _TIMEOUT if timeout is None else timeout)
    if jobs or timeout is not None:
        raise InputError(
            f"--{'jobs' if jobs else 'timeout'} is for pictures on this machine, and --scheduler "
            "runs them on a cluster, which has its own number of workers and its own limits; leave "
            "one of the two out."
        )
    from ...batch.cluster import ClusterWorkers

    return ClusterWorkers(scheduler)


def _cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


class _Bar:
    """A progress bar on a terminal, a line per picture in a log; failures as they happen."""

    def __init__(self) -> None:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=error_console,
            disable=is_quiet() or not error_console.is_terminal,
            speed_estimate_period=600.0,
        )
        self._total, self._done, self._start = 0, 0, time.monotonic()

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def begin(self, total: int, skipped: int) -> None:
        self._total, self._start = total, time.monotonic()
        if skipped:
            say(f"{skipped} of {total + skipped} pictures are done already")
        self._task = self._progress.add_task("Pictures", total=total)

    def progress(self, fraction: float) -> None:
        self._progress.update(self._task, completed=round(fraction * self._total, 2))

    def picture(self, record: Record) -> None:
        self._done += 1
        if record.error is not None:
            self._progress.console.print(
                f"failed: {failure(record)}", markup=False, highlight=False, soft_wrap=True
            )
        elif not error_console.is_terminal:
            elapsed_s = time.monotonic() - self._start
            say(picture_line(record, self._done, self._total, elapsed_s))
