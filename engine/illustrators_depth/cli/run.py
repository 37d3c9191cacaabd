"""Runs a typer application so that a user's mistake is one sentence and exit code 2."""

from __future__ import annotations

import errno
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from ..errors import Cancelled, EngineError, InputError, is_out_of_memory
from ..io.names import printable
from .quiet import set_quiet

if TYPE_CHECKING:
    import typer

__all__ = ["run_app"]

EXIT_UNFORESEEN = 1
EXIT_USER = 2
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143

# What a disk says no with, in the words of whatever library was writing.
_DISK_ERRORS = {
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO,
    errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG,
}  # fmt: skip

_CANCELLED = "Cancelled; nothing half-written was left behind."


class _Terminated(BaseException):
    """Asked to end by SIGTERM, as schedulers and `kill` do; no `except Exception` catches it."""


def run_app(app: typer.Typer) -> None:
    """Run `app` and exit: 0 on success, 2 with one sentence on EngineError.

    Ctrl-C gives 130 and SIGTERM 143, both after tidying up. An error that nobody foresaw is one
    sentence and exit code 1; `--debug`, anywhere on the command line, shows its traceback.
    """
    _print_any_name()
    debug = take_flag("--debug")
    set_quiet(take_flag("--quiet"))
    try:
        with _tidy_end():
            app()
    except _Terminated:
        _exit_with("Ended; nothing half-written was left behind.", EXIT_TERMINATED)
    except (Cancelled, KeyboardInterrupt):
        _exit_with(_CANCELLED, EXIT_INTERRUPTED)
    except SystemExit as ended:
        if ended.code == EXIT_INTERRUPTED:  # what typer makes of Ctrl-C, without a word
            print(_CANCELLED, file=sys.stderr)
        raise
    except EngineError as error:
        if debug:
            traceback.print_exc()
        _exit_with(f"Error: {_printable_error(error)}", EXIT_USER)
    except Exception as error:
        if debug:
            traceback.print_exc()
        if is_out_of_memory(error):
            _exit_with(
                "Error: this machine has too little memory for that; scale the picture down.",
                EXIT_USER,
            )
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            where = f" at {printable(str(error.filename))}" if error.filename else ""
            _exit_with(
                f"Error: the disk refused{where} ({error.strerror}); free some space or change the "
                "permissions, and run the same command again.",
                EXIT_USER,
            )
        _exit_with(f"Error: {_unforeseen(error)}", EXIT_UNFORESEEN)


def take_flag(name: str) -> bool:
    """Whether a flag stands on the command line, before any "--"; it is taken off."""
    words = sys.argv[1:]
    options = words[: words.index("--")] if "--" in words else words
    if name not in options:
        return False
    operands = words[len(options) :]
    sys.argv[1:] = [word for word in options if word != name] + operands
    return True


def _exit_with(sentence: str, code: int) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(code)


def _unforeseen(error: Exception) -> str:
    """One sentence on a fault of this program, with what a report should hold."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    why = printable(" ".join(str(error).split()))[:200].rstrip(".")
    return (
        f"this was not foreseen ({type(error).__name__}{where}: {why}); please report this line, "
        "with what --debug adds to it when the command is run again."
    )


def _printable_error(error: EngineError) -> str:
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
