"""Runs a typer application so that a user's mistake is one sentence and exit code 2."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from ..errors import Cancelled, EngineError, InputError, is_out_of_memory
from ..io.names import printable

if TYPE_CHECKING:
    import typer

__all__ = ["run_app"]

EXIT_USER = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

_CANCELLED = "Cancelled; nothing half-written was left behind."


class _Terminated(BaseException):
    """Asked to end by SIGTERM, as schedulers and `kill` do; nobody on the way catches it."""


def run_app(app: typer.Typer) -> None:
    """Run `app` and exit: 0 on success, 2 with one sentence on EngineError.

    Ctrl-C gives 130 and SIGTERM 143, both after tidying up.
    """
    _print_any_name()
    try:
        with _tidy_end():
            app()
    except _Terminated:
        print("Ended; nothing half-written was left behind.", file=sys.stderr)
        sys.exit(EXIT_TERMINATED)
    except (Cancelled, KeyboardInterrupt):
        print(_CANCELLED, file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as ended:
        if ended.code == EXIT_INTERRUPTED:  # what typer makes of Ctrl-C, without a word
            print(_CANCELLED, file=sys.stderr)
        raise
    except EngineError as error:
        print(f"Error: {_shown(error)}", file=sys.stderr)
        sys.exit(EXIT_USER)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        print(
            "Error: this machine has too little memory for that; scale the picture down.",
            file=sys.stderr,
        )
        sys.exit(EXIT_USER)


def _shown(error: EngineError) -> str:
    """An error's text for a terminal; only an engine that died has more lines to show."""
    lines = [str(error)] if isinstance(error, InputError) else str(error).split("\n")
    return "\n".join(printable(line) for line in lines)


def _print_any_name() -> None:
    """Let names that the terminal's encoding lacks be printed escaped; work done is no failure."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def _tidy_end() -> Iterator[None]:
    """Have SIGTERM unwind like Ctrl-C, so that temporary files are removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
