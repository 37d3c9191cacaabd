"""Runs a typer application so that a user's mistake is one sentence and exit code 2."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..errors import Cancelled, EngineError, is_out_of_memory

if TYPE_CHECKING:
    import typer

__all__ = ["run_app"]

EXIT_USER = 2
EXIT_INTERRUPTED = 130


def run_app(app: typer.Typer) -> None:
    """Run `app` and exit: 0 on success, 2 with one sentence on EngineError, 130 on Ctrl-C."""
    try:
        app()
    except (Cancelled, KeyboardInterrupt):
        print("Cancelled; nothing half-written was left behind.", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except EngineError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(EXIT_USER)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        print(
            "Error: this machine has too little memory for that; scale the picture down.",
            file=sys.stderr,
        )
        sys.exit(EXIT_USER)
