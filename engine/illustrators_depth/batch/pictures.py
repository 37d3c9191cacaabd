"""From patterns to pictures, and from pictures to the names of their outputs."""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from ..errors import InputError
from ..io.user_path import user_path

__all__ = ["PICTURE_SUFFIXES", "find_pictures", "name_outputs"]

# What a folder or a wildcard takes; a file that is named is always tried.
PICTURE_SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".exr", ".bmp", ".gif", ".avif", ".jp2",
    ".tga", ".psd", ".qoi",
))  # fmt: skip


def find_pictures(patterns: Sequence[str], ours: Iterable[Path] = ()) -> list[Path]:
    """All pictures that the patterns name, absolute, each once, in order.

    A folder stands for the pictures directly in it, a wildcard (`*`, `?`, `[...]`, and `**` for
    folders at any depth) for the pictures it matches; hidden files and `ours` (what batches made)
    are left aside. Any other pattern is a file, which need not exist: its own failure later.

    Raises InputError when a folder or a wildcard holds no picture.
    """
    if not patterns:
        raise InputError("There are no pictures; name files, folders or patterns.")
    found: dict[str, Path] = {}
    made = {_normal(path) for path in ours}
    for pattern in patterns:
        path = user_path(pattern)
        if _is(path.is_dir):
            matches = [p for p in sorted(path.iterdir()) if _suits(p, PICTURE_SUFFIXES, made)]
            if not matches:
                raise InputError(f"The folder {path} holds no pictures; check the path.")
        elif not glob.has_magic(pattern) or _is(path.exists):
            matches = [path]
        else:
            suffixes = PICTURE_SUFFIXES | {path.suffix.lower()}
            hits = (Path(p) for p in sorted(glob.glob(str(path), recursive=True)))  # noqa: PTH207
            matches = [p for p in hits if _suits(p, suffixes, made)]
            if not matches:
                raise InputError(f"The pattern {pattern!r} matches no picture; check it.")
        for match in matches:
            found.setdefault(_normal(match), Path(os.path.abspath(match)))  # noqa: PTH100
    return list(found.values())


def _is(question: Callable[[], bool]) -> bool:
    """The answer, and False for a name that no file system can hold."""
    try:
        return question()
    except (OSError, ValueError):
        return False


def _suits(path: Path, suffixes: Collection[str], made: Collection[str]) -> bool:
    if path.suffix.lower() not in suffixes or path.name.startswith("."):
        return False
    return path.is_file() and _normal(path) not in made


def _normal(path: Path) -> str:
    """One spelling per file, without following links: two links are two pictures."""
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100


def name_outputs(
    sources: Sequence[Path], outputs: Callable[[str], Sequence[str]]
) -> dict[Path, str]:
    """A name for every picture's outputs: its own, made longer where two would share a file.

    `fox.png` gives "fox". Where there is a `fox.jpg` too, *both* get longer: "fox-png" and
    "fox-jpg"; and `a/fox.png` with `b/fox.png` give "a_fox-png" and "b_fox-png". So a name never
    depends on the order, and no name ever comes to mean another picture.

    outputs: the files and folders that a name leads to. Upper and lower case count as equal.
    """
    level = dict.fromkeys(sources, 0)
    while True:
        names = {source: _name(source, level[source]) for source in sources}
        users: dict[str, list[Path]] = defaultdict(list)
        for source, name in names.items():
            for output in outputs(name):
                users[output.casefold()].append(source)
        shared = {source for group in users.values() if len(group) > 1 for source in group}
        longer = [s for s in shared if level[s] <= len(s.parts)]
        if not longer:
            break
        for source in longer:
            level[source] += 1
    if shared:
        one = min(shared)
        raise InputError(f"The outputs of {one} would meet another picture's; rename it.")
    return names


def _name(source: Path, level: int) -> str:
    if level == 0:
        return source.stem
    own = f"{source.stem}-{source.suffix.lstrip('.')}" if source.suffix else source.stem
    folders = [p.strip(":/\\") for p in source.parts[:-1]]
    return "_".join([*folders[len(folders) - (level - 1) :], own] if level > 1 else [own])
