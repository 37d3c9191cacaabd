"""How a long-running verb tells its caller where it is, and hears that it should stop."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Progress", "no_progress"]

# Called with (stage, fraction 0..1); raises Cancelled to stop the work.
Progress = Callable[[str, float], None]


def no_progress(stage: str, fraction: float) -> None:
    """The Progress that tells nobody."""
