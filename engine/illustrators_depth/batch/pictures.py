"""From patterns to pictures, and from pictures to the names of their outputs."""

from __future__ import annotations

import glob
import hashlib
import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from ..io.names import portable_name
from ..io.user_path import user_path

__all__ = ["PICTURE_SUFFIXES", "PRIVATE_PREFIX", "find_pictures", "name_outputs"]

# What a folder or a wildcard takes; a file that is named is always tried.
PICTURE_SUFFIXES = frozenset((
    ".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".exr", ".bmp", ".gif", ".avif", ".jp2",
    ".tga", ".psd", ".qoi", ".psb", ".ora", ".kra", ".svg", ".svgz",
))  # fmt: skip


# A private folder of a running batch inside its output folder.
PRIVATE_PREFIX = ".illustrators-depth-batch"

# Bytes of a name: file systems take 255, of which endings and temporary names need some.
_MAX_NAME_BYTES = 180
_HASH_DIGITS = 8


def find_pictures(patterns: Sequence[str], outputs: Iterable[Path] = ()) -> list[Path]:
    """All pictures that the patterns name, absolute, each once, in order.

    A folder stands for the pictures directly in it, a wildcard (`*`, `?`, `[...]`, and `**` for
    folders at any depth) for the pictures it matches; hidden files and `outputs` (of batches) are
    left aside. Any other pattern is a file, which need not exist: its own failure later.

    Raises InputError when a folder or a wildcard holds no picture.
    """
    if not patterns:
        raise InputError("There are no pictures; name files, folders or patterns.")
    pictures: dict[str, Path] = {}
    own_files = {_absolute(path) for path in outputs}
    for pattern in patterns:
        path = user_path(pattern)
        if _answered(path.is_dir):
            matches = [p for p in _entries(path) if _is_picture(p, PICTURE_SUFFIXES, own_files)]
            if not matches:
                raise InputError(f"The folder {path} holds no pictures; check the path.")
        elif not glob.has_magic(pattern) or _answered(path.exists):
            matches = [path]
        else:
            suffixes = PICTURE_SUFFIXES | {path.suffix.lower()}
            hits = (Path(p) for p in sorted(glob.glob(str(path), recursive=True)))  # noqa: PTH207
            matches = [p for p in hits if _is_picture(p, suffixes, own_files)]
            if not matches:
                raise InputError(f"The pattern {pattern!r} matches no picture; check it.")
        for match in matches:
            pictures.setdefault(_absolute(match), Path(os.path.abspath(match)))  # noqa: PTH100
    return list(pictures.values())


def _answered(question: Callable[[], bool]) -> bool:
    """The answer, and False for a name that no file system can hold."""
    try:
        return question()
    except (OSError, ValueError):
        return False


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(
            f"The folder {folder} cannot be read ({error.strerror}); check its permissions."
        ) from error


def _is_picture(path: Path, suffixes: Collection[str], own_files: Collection[str]) -> bool:
    if path.suffix.lower() not in suffixes or path.name.startswith("."):
        return False
    return _answered(path.is_file) and _absolute(path) not in own_files


def _absolute(path: Path) -> str:
    """One spelling per file, without following links: two links are two pictures."""
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100


def name_outputs(
    sources: Sequence[Path], outputs: Callable[[str], Sequence[str]]
) -> dict[Path, str]:
    """A name for every picture's outputs: its own, made longer where two would share a file.

    `fox.png` gives "fox". Where there is a `fox.jpg` too, *both* get longer: "fox-png" and
    "fox-jpg"; and `a/fox.png` with `b/fox.png` give "a_fox-png" and "b_fox-png". `Fox.png` beside
    `fox.png`, which no folder tells apart, get a checksum of their names. So a name never depends
    on the order, and no name ever comes to mean another picture. Names are portable (see
    `portable_name`) and short enough for any file system.

    outputs: the files and folders that a name leads to. Upper and lower case count as equal.
    """
    forms = dict.fromkeys(sources, _Form())
    while True:
        names = {source: _name(source, forms[source]) for source in sources}
        users: dict[str, list[Path]] = defaultdict(list)
        for source, name in names.items():
            for output in outputs(name):
                users[_canonical(output)].append(source)
        groups = [list(dict.fromkeys(group)) for group in users.values()]
        shared = [group for group in groups if len(group) > 1]
        longer = {
            s: form for group in shared for s in group if (form := _longer_form(s, forms, group))
        }
        if not longer:
            break
        forms |= longer
    if shared:
        one = min(shared[0])
        raise InputError(f"The outputs of {one} would meet another picture's; rename it.")
    return names


def _canonical(output: str) -> str:
    """What is the same for two names that some file system takes for one."""
    return unicodedata.normalize("NFC", output).casefold()


@dataclass(frozen=True)
class _Form:
    """How much of a picture's path its name tells.

    Attributes:
        level: 0 for the stem, 1 with the suffix, and one more for every folder.
        hashed: whether a checksum of the file's own name follows.
    """

    level: int = 0
    hashed: bool = False


def _longer_form(
    source: Path, forms: Mapping[Path, _Form], group: Collection[Path]
) -> _Form | None:
    """A longer form of a name that others in `group` have too; None when there is none."""
    form = forms[source]
    if form.level == 0:
        return _Form(1, form.hashed)
    has_neighbor = any(other != source and other.parent == source.parent for other in group)
    if has_neighbor and not form.hashed:
        return _Form(form.level, True)
    if form.level <= len(source.parts):
        return _Form(form.level + 1, form.hashed)
    return None if form.hashed else _Form(form.level, True)


def _name(source: Path, form: _Form) -> str:
    own = source.stem
    if form.level > 0 and source.suffix:
        own = f"{source.stem}-{source.suffix.lstrip('.')}"
    if form.level > 1:
        folders = [p.strip(":/\\") for p in source.parts[:-1]]
        own = "_".join([*folders[len(folders) - (form.level - 1) :], own])
    name = portable_name(own)
    if name.startswith(PRIVATE_PREFIX):  # the batch's own folder
        name = "%2E" + name[1:]
    long = len(os.fsencode(name)) > _MAX_NAME_BYTES
    if not (form.hashed or long):
        return name
    digest = hashlib.sha256(os.fsencode(source.name if form.hashed else own)).hexdigest()
    room = _MAX_NAME_BYTES - _HASH_DIGITS - 1
    return f"{_truncate(name, room)}-{digest[:_HASH_DIGITS]}"


def _truncate(name: str, size: int) -> str:
    """The beginning of a name, at most `size` bytes long as a file's name, in whole characters."""
    return os.fsencode(name)[:size].decode("utf-8", "ignore")
