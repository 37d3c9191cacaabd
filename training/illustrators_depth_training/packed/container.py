"""A file of named arrays, read by memory map; a damaged one is one sentence.

Sixteen bytes say what it is; arrays follow, each aligned; a JSON table of them, its length and the
magic bytes again end the file, so that a file that was cut short is known as such.
"""

from __future__ import annotations

import json
import lzma
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

__all__ = ["Container", "ContainerWriter", "Slot", "is_kind", "open_container"]

VERSION = 1
_MAGIC = b"IDTPACK\n"
_PREFIX = struct.Struct("<8sI4s")
_SUFFIX = struct.Struct("<Q8s")
_ALIGNMENT = 64
_COMPRESSION = {"format": lzma.FORMAT_XZ, "preset": 6}


@dataclass(frozen=True)
class Slot:
    """Where an array stands in the file; `bytes` is what it takes there."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    bytes: int
    compressed: bool = False

    def memory_map(self, path: Path, mode: Any = "r") -> NDArray[Any]:
        """The array in a file, uncompressed only."""
        if 0 in self.shape:
            return np.zeros(self.shape, self.dtype)
        return np.memmap(path, np.dtype(self.dtype), mode, self.offset, self.shape)


class ContainerWriter:
    """Writes arrays one after the other; `finish` makes the file complete."""

    def __init__(self, path: Path, kind: str) -> None:
        """Start the file `path` of a kind, four letters."""
        self._path = path
        self._slots: dict[str, Slot] = {}
        self._file: BinaryIO = path.open("wb")
        self._file.write(_PREFIX.pack(_MAGIC, VERSION, kind.encode()))

    def add(self, name: str, values: NDArray[Any], compress: bool = False) -> None:
        """Append an array."""
        values = np.ascontiguousarray(values)
        data = values.tobytes()
        if compress:
            data = lzma.compress(data, **_COMPRESSION)  # type: ignore[arg-type]
        offset = self._align()
        self._file.write(data)
        self._slots[name] = Slot(values.dtype.str, values.shape, offset, len(data), compress)

    def reserve(self, name: str, dtype: Any, shape: tuple[int, ...]) -> Slot:
        """Leave room for an array that others fill through `Slot.memory_map`."""
        offset = self._align()
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        self._file.truncate(offset + size)
        self._file.seek(offset + size)
        self._file.flush()
        slot = Slot(np.dtype(dtype).str, shape, offset, size)
        self._slots[name] = slot
        return slot

    def finish(self, **properties: Any) -> None:
        """Write the table of arrays and close the file; `properties` are kept beside it."""
        table = {name: vars(slot) for name, slot in self._slots.items()}
        text = json.dumps({**properties, "arrays": table}).encode()
        self._align()
        self._file.write(text + _SUFFIX.pack(len(text), _MAGIC))
        self._file.close()

    def close(self) -> None:
        """Close an unfinished file."""
        self._file.close()

    def _align(self) -> int:
        end = self._file.seek(0, 2)
        padding = -end % _ALIGNMENT
        self._file.write(bytes(padding))
        return end + padding


@dataclass(frozen=True)
class Container:
    """An open file: what it says of itself, and its arrays by name."""

    path: Path
    properties: dict[str, Any]
    slots: dict[str, Slot]

    def array(self, name: str) -> NDArray[Any]:
        """An array, mapped into memory, or unpacked where it is stored compressed.

        Raises InputError when the file lacks it or holds it damaged.
        """
        slot = self.slots.get(name)
        if slot is None:
            raise InputError(f"{self.path} has no {name}; pack it again.")
        if not slot.compressed:
            return slot.memory_map(self.path)
        try:
            with self.path.open("rb") as file:
                file.seek(slot.offset)
                data = lzma.decompress(file.read(slot.bytes))
            return np.frombuffer(data, np.dtype(slot.dtype)).reshape(slot.shape)
        except (lzma.LZMAError, ValueError, EOFError) as error:
            raise InputError(f"{self.path} is damaged at {name}; pack it again.") from error


def is_kind(path: Path, kind: str) -> bool:
    """Whether a file begins as one of a kind does, whatever follows; False where there is none."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        magic, _version, own = _PREFIX.unpack(file.read(_PREFIX.size).ljust(16, b"\0"))
    return bool(magic == _MAGIC and own == kind.encode())


def open_container(path: Path, kind: str, title: str) -> Container:
    """Open a file of a kind, four letters; `title` names the kind in sentences.

    Raises InputError when it cannot be read, is something else, of another version or cut short.
    """
    if path.is_dir():
        raise InputError(
            f"{path} is a folder, but a {title} is one file; `illustrators-depth-training data "
            "pack` makes it from a built data set."
        )
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            magic, version, own_kind = _PREFIX.unpack(file.read(_PREFIX.size).ljust(16, b"\0"))
            if magic != _MAGIC:
                raise InputError(f"{path} is no {title}.")
            if version != VERSION:
                raise InputError(
                    f"{path} is a {title} of version {version}, but this program reads version "
                    f"{VERSION}; pack it again."
                )
            if own_kind != kind.encode():
                raise InputError(f"{path} is no {title}, but another packed file.")
            return _table(path, file, size, title)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def _table(path: Path, file: BinaryIO, size: int, title: str) -> Container:
    cut_short = InputError(f"{path} is a {title} that was cut short; copy it or pack it again.")
    if size < _PREFIX.size + _SUFFIX.size:
        raise cut_short
    file.seek(-_SUFFIX.size, 2)
    length, magic = _SUFFIX.unpack(file.read(_SUFFIX.size))
    if magic != _MAGIC or length > size:
        raise cut_short
    file.seek(-_SUFFIX.size - length, 2)
    try:
        properties = json.loads(file.read(length))
        slots = {
            name: Slot(**{**slot, "shape": tuple(slot["shape"])})
            for name, slot in properties.pop("arrays").items()
        }
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise InputError(f"{path} is a damaged {title}; pack it again.") from error
    if any(slot.offset + slot.bytes > size for slot in slots.values()):
        raise cut_short
    return Container(path, properties, slots)
