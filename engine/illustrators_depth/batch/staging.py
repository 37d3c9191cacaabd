"""Outputs on their way into the output folder, so that a kill at any moment leaves whole files.

A picture's files are made in a private folder inside the output folder. When all are there, the
record of them is written beside them: from then on the picture counts as done. If its batch is
killed before it has moved the files into place and entered the record in the manifest, the next one
does so (`recover`). A private folder without a record is thrown away.

    OUT/PRIVATE_PREFIX+suffix/PICTURE/files/...     one picture's files, as they will lie in OUT
    OUT/PRIVATE_PREFIX+suffix/PICTURE/record.json   {"record": Record, "stale": paths to remove}
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import uuid
from dataclasses import asdict
from pathlib import Path

from ..errors import InputError
from .lock import FolderLock
from .manifest import Record, append, read_journal
from .pictures import PRIVATE_PREFIX
from .safe_paths import inside

__all__ = ["Staging", "recover"]

_FILES, _RECORD = "files", "record.json"


class Staging:
    """The private folder of one running batch (or of one shard); locked against a second one.

    Args:
        out: the output folder, which exists.
        suffix: tells the shards of one output folder apart.

    Raises InputError when another batch holds the private folder, or it is a link.
    """

    def __init__(self, out: Path, suffix: str = "") -> None:
        self.out = out
        self.folder = out / f"{PRIVATE_PREFIX}{suffix}"
        if self.folder.is_symlink():
            raise InputError(f"{self.folder} is a link to elsewhere; remove it.")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._lock = FolderLock(self.folder)

    def new(self) -> Path:
        """An empty folder for one picture's files; goes to `commit` or `discard`."""
        folder = self.folder / uuid.uuid4().hex / _FILES
        folder.parent.mkdir(mode=0o700)
        folder.mkdir()
        return folder

    def commit(self, files: Path, record: Record, manifest: Path, stale: list[str]) -> None:
        """Move a picture's files into place and enter its record.

        Args:
            files: the folder from `new`, with all files that the record lists.
            record: of the picture.
            manifest: the file that the record is appended to.
            stale: outputs of an earlier run, relative to the output folder, which are removed.

        Raises InputError when an output's place is taken by something that cannot be replaced.
        """
        for path in record.paths():  # once the record is written there is no way back
            target = inside(self.out, path, "The batch")
            if target.is_dir():
                raise InputError(f"{target} is a folder where a file is to be written; rename it.")
        note = files.parent / _RECORD
        partial = note.with_suffix(".part")
        with partial.open("w", encoding="utf-8") as handle:
            json.dump({"record": asdict(record), "stale": stale}, handle)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(note)
        _finish(self.out, files.parent, record, manifest, stale)

    def enter(self, record: Record, manifest: Path) -> None:
        """Enter a picture that failed. Raises InputError when the manifest cannot be written."""
        try:
            append(manifest, record)
        except OSError as error:
            raise InputError(
                f"The manifest {manifest} cannot be written ({error.strerror}); free some space, "
                "then go on with --resume."
            ) from error

    def discard(self, files: Path) -> None:
        """Throw away the files of a picture that failed; `files` is the folder from `new`."""
        shutil.rmtree(files.parent, ignore_errors=True)

    def close(self) -> None:
        """Remove the private folder; what is left in it was not finished."""
        self._lock.release()
        shutil.rmtree(self.folder, ignore_errors=True)


def recover(out: Path, manifest: Path) -> int:
    """Finish or throw away what killed batches left in the folder.

    Returns the number of pictures that were finished.

    Folders that a running batch holds are left alone. Raises InputError when a left-over record
    leads out of the folder.
    """
    saved = 0
    for folder in sorted(out.glob(f"{PRIVATE_PREFIX}*")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        try:
            lock = FolderLock(folder)
        except InputError:
            continue
        try:
            entered = read_journal(out).ids
            for task in sorted(folder.iterdir()):
                if task.is_symlink() or not task.is_dir():
                    continue
                note = _read_note(out, task)
                if note is not None:
                    record, stale = note
                    _finish(out, task, record, None if record.id in entered else manifest, stale)
                    saved += 1
        finally:
            lock.release()
        shutil.rmtree(folder, ignore_errors=True)
    return saved


def _read_note(out: Path, task: Path) -> tuple[Record, list[str]] | None:
    """The record of a finished picture, and its stale outputs; None when it was not finished.

    Raises InputError when one of its paths leads out of the output folder.
    """
    note = task / _RECORD
    if not note.is_file():
        return None
    try:
        values = json.loads(note.read_text(encoding="utf-8"))
        record = Record.from_dict(values["record"], out, str(note))
        stale = [path for path in values["stale"] if inside(out, path, str(note))]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        return None
    return record, stale


def _finish(out: Path, task: Path, record: Record, manifest: Path | None, stale: list[str]) -> None:
    """Move the files that are not in place yet, enter the record, remove `task`, its folder.

    May be called again after it was interrupted. Without a manifest the record is there already.
    """
    for path in record.paths():
        source, target = task / _FILES / path, out / path
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
    for path in stale:
        with contextlib.suppress(OSError):
            (out / path).unlink()
    if manifest is not None:
        append(manifest, record)
    shutil.rmtree(task, ignore_errors=True)
