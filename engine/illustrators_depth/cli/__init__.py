"""The `illustrators-depth` command: one file per verb, collected in `app`."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Entry point; a user's mistake prints one sentence and exits with code 2."""
    try:
        from .app import app
        from .run import run_app
    except KeyboardInterrupt:  # Ctrl-C while the program is still being loaded
        import sys

        print("Cancelled; nothing half-written was left behind.", file=sys.stderr)
        sys.exit(130)
    run_app(app)
