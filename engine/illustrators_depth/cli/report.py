"""What commands say while they work (on stderr) and when they are done (on stdout)."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from ..errors import InputError
from ..io.names import human_size, printable
from ..progress import Progress as ProgressCall
from ..progress import no_progress
from .quiet import is_quiet

__all__ = [
    "answer",
    "data_on_stdout",
    "error_console",
    "say",
    "stage_progress",
    "stopwatch",
    "wrote",
]

_out = Console(highlight=False, soft_wrap=True)
error_console = Console(stderr=True)
# The file whose bytes go to standard output, where nothing else may go meanwhile.
_files_on_stdout: list[Path] = []


def answer(text: str) -> None:
    """Print what the command was asked for, also under `--quiet`."""
    _print(escape("\n".join(printable(line) for line in text.split("\n"))))


def say(text: str) -> None:
    """Print one line on stdout; markup characters in it are printed as they are."""
    if not is_quiet():
        answer(text)


@contextmanager
def data_on_stdout(path: Path) -> Iterator[None]:
    """Say on stderr what is said inside: standard output is for this file's bytes."""
    _files_on_stdout.append(path)
    try:
        yield
    finally:
        _files_on_stdout.remove(path)


def _print(marked: str) -> None:
    if _files_on_stdout:
        error_console.print(marked, highlight=False, soft_wrap=True)
        return
    try:
        _out.print(marked)
    except OSError as error:
        if error.errno == errno.EPIPE:  # who reads has had enough: click ends quietly
            raise
        raise InputError(
            f"Standard output cannot be written ({error.strerror}); send it elsewhere."
        ) from error


def wrote(path: Path, note: str = "") -> None:
    """Say that a file or a folder was written, with its size."""
    if is_quiet():
        return
    size = (
        sum(f.stat().st_size for f in path.iterdir() if f.is_file())
        if path.is_dir()
        else path.stat().st_size
    )
    extra = f"  {note}" if note else ""
    name = "to standard output" if path in _files_on_stdout else printable(str(path))
    _print(f"[green]wrote[/green] {escape(name)}  {human_size(size)}{escape(extra)}")


@contextmanager
def stage_progress() -> Iterator[ProgressCall]:
    """Yield a progress call that draws one bar per stage, only on a terminal."""
    if is_quiet() or not error_console.is_terminal:
        yield no_progress
        return
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=error_console, transient=True) as bars:

        def call(stage: str, fraction: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=fraction)

        yield call


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Yield a list that holds the elapsed seconds once the block is done."""
    start = time.perf_counter()
    elapsed: list[float] = []
    yield elapsed
    elapsed.append(time.perf_counter() - start)
