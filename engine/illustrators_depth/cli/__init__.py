"""The `illustrators-depth` command: one file per verb, collected in `app`."""

from __future__ import annotations

from .run import run_app

__all__ = ["main"]


def main() -> None:
    """Entry point; a user's mistake prints one sentence and exits with code 2."""
    from .app import app

    run_app(app)
