"""The manifest: one JSON line per picture that was finished, well or badly, only ever appended to.

    {"name": "fox", "input": "/pictures/fox.png", "input_sha256": "...", "settings": {...},
     "outputs": [{"path": "fox.svg", "bytes": 4711, "sha256": "..."}], "seconds": 1.9,
     "error": null, "facts": {"layers": 7, ...}, "finished": "2026-11-24T...", "id": "..."}

A line is flushed to the disk before the next picture's outputs appear. The last line of a killed
run may be torn; it is left aside. The file may come from elsewhere: nothing in it is trusted.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..errors import InputError
from .plan import file_hash
from .safe_paths import inside

__all__ = [
    "Journal",
    "Record",
    "append",
    "check_manifest",
    "describe",
    "manifest_path",
    "read_journal",
    "unaltered",
]

_MAX_LINE_BYTES = 16 << 20  # bytes of one line: some 50,000 outputs of one picture


@dataclass(frozen=True)
class Record:
    """What became of one picture.

    Attributes:
        name: of its outputs.
        input, input_sha256: the picture's path, as `portable_name` writes bytes that are no text,
            and the checksum of its bytes ("" if it was not read).
        settings: the recipe's settings.
        outputs: files relative to the output folder, "/" between folders, with size and checksum.
        seconds: from start to finish.
        error: None, or {"code": ..., "message": one sentence}.
        facts: what else is worth knowing, such as the number of layers.
        finished: UTC, ISO 8601.
        id: a random word, so that no line is ever appended twice.
    """

    name: str
    input: str
    input_sha256: str
    settings: dict[str, Any]
    outputs: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    error: dict[str, str] | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    finished: str = ""
    id: str = ""

    def paths(self) -> list[str]:
        """The outputs' relative paths."""
        return [str(output["path"]) for output in self.outputs]

    @classmethod
    def from_dict(
        cls, values: Any, out: Path, where: str, checked: set[Path] | None = None
    ) -> Record:
        """Build from a decoded line, checked: InputError when a path leads out of `out`.

        Raises TypeError or KeyError when the line is not a record.
        """
        record = cls(**values)
        kinds = (str, str, str, dict, list, (int, float), (dict, type(None)), dict, str, str)
        for value, kind in zip(vars(record).values(), kinds, strict=True):
            if not isinstance(value, kind):  # type: ignore[arg-type]
                raise TypeError
        for output in record.outputs:
            inside(out, output["path"], where, checked)
            if not isinstance(output["bytes"], int) or not isinstance(output["sha256"], str):
                raise TypeError
        if record.error is not None and not isinstance(record.error["message"], str):
            raise TypeError
        return record


@dataclass(frozen=True)
class Journal:
    """All that the manifests of a folder say.

    Attributes:
        last: the last record of each name.
        outputs: relative paths of all files that batches ever made there.
        ids: of all records.
    """

    last: dict[str, Record] = field(default_factory=dict)
    outputs: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


def manifest_path(out: Path, suffix: str = "") -> Path:
    """The manifest of a batch, or of the shard with this suffix."""
    return out / f"manifest{suffix}.jsonl"


def read_journal(out: Path) -> Journal:
    """Read every manifest in the folder; InputError when a line is damaged or leads out of it."""
    records: list[Record] = []
    checked: set[Path] = set()
    for path in sorted(out.glob("manifest*.jsonl")):
        check_manifest(path)
        records += _records(path, out, checked)
    records.sort(key=lambda record: record.finished)  # stable: within a file the order of lines
    outputs = {path for record in records for path in record.paths()}
    ids = frozenset(record.id for record in records)
    return Journal({record.name: record for record in records}, frozenset(outputs), ids)


def check_manifest(path: Path) -> None:
    """Raise InputError when something stands in a manifest's place that is no ordinary file.

    A pipe would be waited at for ever, and a link could lead the batch's lines elsewhere.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # there is none yet; a folder that cannot be entered is told of by who opens it
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "no ordinary file"
        raise InputError(
            f"{path} is {kind}, where a batch keeps its list; remove it, or choose another folder."
        )


def _records(path: Path, out: Path, checked: set[Path]) -> Iterator[Record]:
    for number, line in _lines(path):
        where = f"Line {number} of {path}"
        try:
            yield Record.from_dict(json.loads(line), out, where, checked)
        except InputError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(
                f"{where} is damaged or was not written by this program; remove that line, or "
                "choose another folder."
            ) from error


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines and their numbers; a torn last one is left out."""
    try:
        with path.open("rb") as handle:
            number = 0
            while line := handle.readline(_MAX_LINE_BYTES):
                number += 1
                if not line.endswith(b"\n"):
                    if len(line) == _MAX_LINE_BYTES:
                        raise InputError(
                            f"Line {number} of {path} is too long for a manifest; choose another "
                            "folder."
                        )
                    return
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(
            f"The manifest {path} cannot be read ({error.strerror}); check its permissions."
        ) from error


def append(path: Path, record: Record) -> None:
    """Add one line, on the disk when this returns; a torn line before it is cut off first."""
    try:
        line = json.dumps(asdict(record), ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:  # a model's path may hold bytes that are no text: JSON escapes them
        line = json.dumps(asdict(record), allow_nan=False).encode() + b"\n"
    with path.open("ab+") as handle:
        _cut_torn_line(handle)
        handle.write(line)
        handle.flush()
        os.fsync(handle.fileno())


def _cut_torn_line(handle: Any) -> None:
    end = handle.seek(0, os.SEEK_END)
    at = end
    while at > 0:
        step = min(at, 1 << 16)
        handle.seek(at - step)
        block = handle.read(step)
        if at == end and block.endswith(b"\n"):
            return
        newline = block.rfind(b"\n")
        if newline >= 0:
            handle.truncate(at - step + newline + 1)
            return
        at -= step
    handle.truncate(0)


def describe(folder: Path) -> list[dict[str, Any]]:
    """Path, size and checksum of every file below a folder, as a record lists outputs."""
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": file_hash(path),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]


def unaltered(out: Path, outputs: Iterable[dict[str, Any]]) -> bool:
    """Whether every output is there and as it was written."""
    for output in outputs:
        path = out / output["path"]
        try:
            if path.stat().st_size != output["bytes"] or file_hash(path) != output["sha256"]:
                return False
        except OSError:
            return False
    return True
