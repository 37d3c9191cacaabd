"""Paths as people type them, and the endings that they may have."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError

__all__ = ["check_suffix", "user_path"]


def user_path(path: str | os.PathLike[str], what: str = "path") -> Path:
    """A path with `~` and `~user` expanded, where there is such a home.

    A file may be called "~draft.png": a name that is nobody's home is taken as it is. Raises
    InputError, which calls the argument `what`, for anything that is no path or an empty text.
    """
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise InputError(f"{what} must be a path (text or pathlib.Path), not {path!r:.60}.")
    if path == "":  # as a path it would be the current folder, which nobody has named
        raise InputError(f"The {what} is empty; name a file or a folder.")
    plain = Path(path)
    try:
        return plain.expanduser()
    except RuntimeError:  # no such user, or a system without homes
        return plain


def check_suffix(path: str | os.PathLike[str], suffixes: Sequence[str], what: str) -> str:
    """The ending of a file to write, lower case; InputError when it is none of `suffixes`.

    what: is written, with its article, for the sentence: "a mesh".
    """
    suffix = Path(path).suffix.lower()
    if suffix not in suffixes:
        choice = "choose one of these endings" if len(suffixes) > 1 else "choose that ending"
        raise InputError(
            f"{Path(path).name}: {what} is written as {', '.join(suffixes)}; {choice}."
        )
    return suffix
