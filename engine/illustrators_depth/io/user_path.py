"""Paths as people type them."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError

__all__ = ["user_path"]


def user_path(path: str | os.PathLike[str], what: str = "path") -> Path:
    """A path with `~` and `~user` expanded, where there is such a home.

    A file may be called "~draft.png": a name that is nobody's home is taken as it is. Raises
    InputError, which calls the argument `what`, for anything that is no path.
    """
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise InputError(f"{what} must be a path (text or pathlib.Path), not {path!r:.60}.")
    plain = Path(path)
    try:
        return plain.expanduser()
    except RuntimeError:  # no such user, or a system without homes
        return plain
