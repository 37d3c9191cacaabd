"""An export in the worker: what it needs is written for it, and what it made is put in place.

The worker writes beside its other files; only a complete result goes to where the user wants it,
so that nothing is left there by an export that was canceled or killed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.export.print_writer import PrintFile, check_before_print
from illustrators_depth.export.stack_writer import LayerFile
from illustrators_depth.io.atomic import atomic_folder, atomic_path
from illustrators_depth.types import DepthMap, LayerStack
from illustrators_depth.worker import submit_export, write_export

from ..translations import translatable
from .folder_sender import FolderSender
from .jobs import WorkerJob
from .state import SESSION

__all__ = ["ExportJob", "Target", "write_now"]


@dataclass(frozen=True)
class Target:
    """What is exported, and where it goes."""

    file: LayerFile | PrintFile
    path: Path
    overwrite: bool = False
    check_first: bool = False


class ExportJob(WorkerJob):
    """An export; its result is a few words on what was written."""

    name = translatable("Export")

    def __init__(
        self, image: bpy.types.Image, stack: LayerStack, depth: DepthMap, target: Target
    ) -> None:
        """Raises InputError at once when the target may not be written."""
        target.file.check(target.path, target.overwrite)
        super().__init__(SESSION.worker, "export")
        self.target = target
        self._content, self._depth = SESSION.layer_files.content(image) or stack, depth

    def send(self) -> FolderSender[dict[str, Any]]:
        write = partial(_write, content=self._content, depth=self._depth, target=self.target)
        return FolderSender(SESSION.worker, write, submit_export)

    def collect(self) -> str:
        """Put in place what the worker made; InputError when it cannot be printed."""
        folder = self.request.folder
        try:
            result = self.request.outcome()
            _raise_if_unprintable(result["errors"])
            assert folder is not None
            for part in sorted((folder / "out").iterdir()):
                _move_into_place(part, self.target.path.with_name(part.name), self.target.overwrite)
        finally:
            self.request.release()
        return f"{self.target.path.name}: {result['said']}"


def write_now(stack: LayerStack, depth: DepthMap, target: Target) -> str:
    """The same without the worker, for callers that wait; a few words on what was written.

    Raises InputError when it may not be written, or cannot be printed.
    """
    file = target.file
    if target.check_first and isinstance(file, PrintFile):
        report = check_before_print(stack, depth, file.relief, file.printer)
        _raise_if_unprintable([finding.text for finding in report.errors])
    return f"{target.path.name}: {file.write(stack, depth, target.path, target.overwrite)}"


def _raise_if_unprintable(errors: list[str]) -> None:
    if errors:
        sentences = " ".join(errors[:5])
        raise InputError(f"It cannot be printed like this; nothing was written. {sentences}")


def _write(
    folder: Path, content: bytes | LayerStack, depth: DepthMap, target: Target
) -> dict[str, Any]:
    """What the worker needs, in files, and the job's params."""
    layers = content if isinstance(content, bytes) else SESSION.layer_files.encode(content)
    return write_export(folder, layers, depth, target.file, target.path.name, target.check_first)


def _move_into_place(part: Path, path: Path, overwrite: bool) -> None:
    if part.is_dir():
        with atomic_folder(path, overwrite) as temporary:
            shutil.copytree(part, temporary, dirs_exist_ok=True)
        return
    with atomic_path(path, overwrite) as temporary:
        shutil.copyfile(part, temporary)
