"""What a batch says of its pictures, as plain text: it also serves where rich is not installed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.names import counted, printable
from .manifest import Record

if TYPE_CHECKING:  # a command's help needs no pixels, which running a batch does
    from .run import Outcome

__all__ = ["duration", "failure", "picture_line", "summary_lines"]

_WIDTH = 100


def duration(seconds: float) -> str:
    """Seconds for people: "8 s", "3 min 20 s", "2 h 05 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def picture_line(record: Record, done: int, total: int, elapsed_s: float) -> str:
    """A picture that was made, for a log: its place, layers, files, and the time that is left."""
    facts = record.facts
    names = ", ".join(dict.fromkeys(path.partition("/")[0] for path in record.paths()))
    remaining = f", {duration(elapsed_s / done * (total - done))} left" if done < total else ""
    layers = f"{counted(facts['layers'], 'layer')} by {facts['predictor']} on {facts['device']}"
    return (
        f"[{done}/{total}] {_picture(record)}: {layers} -> {names} "
        f"({record.seconds:.1f} s{remaining})"
    )


def failure(record: Record) -> str:
    """Why a picture failed, in one sentence that names it."""
    message = record.error["message"].splitlines()[0] if record.error is not None else ""
    picture = _picture(record)
    return message if picture in message else f"{picture}: {message}"


def _picture(record: Record) -> str:
    return printable(Path(record.input).name)


def summary_lines(outcome: Outcome, seconds: float) -> list[str]:
    """What was made, and a table of what failed."""
    failed = outcome.failed
    successes = len(outcome.records) - len(failed)
    counts = [f"{successes} made", f"{outcome.skipped} done before", f"{len(failed)} failed"]
    lines = []
    if failed:
        lines += [*_table(failed), ""]
    lines.append(f"{', '.join(counts)}, {duration(seconds)}; see {outcome.manifest}")
    return lines


def _table(failed: Sequence[Record]) -> list[str]:
    wide = min(max(len(r.name) for r in failed), 40)
    lines = [f"{'failed':<{wide}}  why", f"{'-' * wide}  {'-' * 30}"]
    for record in sorted(failed, key=lambda r: r.name):
        assert record.error is not None
        why = textwrap.wrap(record.error["message"].splitlines()[0], _WIDTH - wide) or [""]
        lines.append(f"{record.name:<{wide}}  {why[0]}")
        lines += [f"{'':<{wide}}  {more}" for more in why[1:]]
    return lines
