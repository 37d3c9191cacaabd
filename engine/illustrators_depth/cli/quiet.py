"""Whether commands say what they did: `--quiet` leaves only errors, and what was asked for."""

from __future__ import annotations

__all__ = ["is_quiet", "set_quiet"]

_quiet = [False]


def set_quiet(quiet: bool) -> None:
    """Say nothing of files written, of progress and of counts from now on."""
    _quiet[0] = quiet


def is_quiet() -> bool:
    return _quiet[0]
