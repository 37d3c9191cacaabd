"""The `illustrators-depth-training` command: one file per group of commands."""

from __future__ import annotations

from illustrators_depth.cli.run import run_app

__all__ = ["main"]


def main() -> None:
    """Entry point; a user's mistake prints one sentence and exits with code 2."""
    from .app import app

    run_app(app)
