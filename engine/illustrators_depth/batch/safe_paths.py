"""Paths that come out of a file: relative ones inside their folder, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from ..errors import InputError

__all__ = ["inside"]

_FORBIDDEN = re.compile(r"[\x00-\x1f\\]|^[A-Za-z]:")


def inside(folder: Path, relative: object, where: str, checked: set[Path] | None = None) -> Path:
    """The file `relative` in `folder`; InputError, calling its source `where`, if it leads out.

    Refused are absolute paths, "..", drive letters, backslashes, control characters, and folders
    that are links to elsewhere. The file itself need not exist.
    """
    refused = InputError(
        f"{where} names {str(relative)[:80]!r}, which is not a file inside {folder}: it was not "
        "written by this program; remove it, or choose another folder."
    )
    if not isinstance(relative, str) or not relative or _FORBIDDEN.search(relative):
        raise refused
    parts_path = PurePosixPath(relative)
    if parts_path.is_absolute() or ".." in parts_path.parts or not parts_path.parts:
        raise refused
    path = folder.joinpath(*parts_path.parts)
    if checked is not None and path.parent in checked:
        return path
    try:
        is_inside = path.parent.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        is_inside = False
    if not is_inside:
        raise refused
    if checked is not None:
        checked.add(path.parent)
    return path
