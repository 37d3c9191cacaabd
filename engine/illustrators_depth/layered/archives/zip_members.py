"""Members of layered files that are zip archives, read within bounds: they come from strangers.

A path or an open archive goes in, bytes, the tree of the file's layer list and checked numbers come
out; everything that is wrong with a file is an InputError that names it.
"""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import InputError

__all__ = ["layer_list", "number_of", "open_archive", "read_member"]

MAX_LIST_BYTES = 4 << 20
_DECLARES = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]*\[")


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip archive; whatever is wrong with it becomes an InputError with the file's name."""
    try:
        with zipfile.ZipFile(path) as archive:
            if any(info.flag_bits & 0x1 for info in archive.infolist()):
                raise InputError(f"{path.name} is encrypted; save it without a password.")
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path.name} is damaged ({error}); save it again.") from error
    except (EOFError, OSError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); save it again.") from error


def layer_list(archive: zipfile.ZipFile, name: str, path: Path) -> ElementTree.Element:
    """The XML member that lists a file's layers."""
    text = read_member(archive, name, MAX_LIST_BYTES, path)
    if _DECLARES.search(text):
        raise InputError(f"{path.name}: its list of layers declares entities, which is refused.")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InputError(f"{path.name}: its list of layers is damaged ({error}).") from error


def read_member(archive: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    """The bytes of a member; InputError if it is missing or unpacks to more than `limit`."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise InputError(f"{path.name} holds no {name}; it is not a whole file.") from None
    if info.file_size > limit:
        raise InputError(
            f"{path.name}: {name} unpacks to {info.file_size} bytes, which is refused."
        )
    with archive.open(info) as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise InputError(f"{path.name}: {name} unpacks to more than it says, which is refused.")
    return data


def number_of(
    element: ElementTree.Element, name: str, default: float, most: float, file: str
) -> float:
    """A layer's attribute as a number; InputError for no number, or one beyond +-`most`."""
    text = element.get(name)
    try:
        value = default if text is None else float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= most:  # also NaN
        raise InputError(f"{file}: a layer's {name} is {text!r}, which is no number.")
    return value
