"""Sends a job's data to the worker: a thread writes it into a folder, then the request goes out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Generic, TypeVar

from illustrators_depth.errors import WorkerError
from illustrators_depth.worker import Job as Request
from illustrators_depth.worker import WorkerClient

from ..threads import run_in_thread
from .worker import EngineWorker

__all__ = ["FolderSender"]

Written = TypeVar("Written")


class FolderSender(Generic[Written]):
    """A job's way to the worker through files.

    Args:
        worker: the engine's process.
        write: writes the data into a folder of the worker's, in a thread and so without bpy; what
            it returns is handed to `submit`.
        submit: makes the request once everything is written.
    """

    def __init__(
        self,
        worker: EngineWorker,
        write: Callable[[Path], Written],
        submit: Callable[[WorkerClient, Written], Request],
    ) -> None:
        self._worker, self._submit = worker, submit
        self._folder = worker.client().new_folder()
        self._written: Future[Written] = run_in_thread(write, self._folder)

    def step(self) -> Request | None:
        """The request once the data is written; raises what writing raised."""
        if not self._written.done():
            return None
        # The parent is the worker's own; the folder itself also goes when writing fails.
        if not self._folder.parent.exists():
            raise WorkerError("The engine was closed; try again.")
        return self._submit(self._worker.client(), self._written.result())

    def drop(self) -> None:
        """Delete what was written, as soon as the thread is done with it."""
        folder = self._folder
        self._written.add_done_callback(lambda _: shutil.rmtree(folder, ignore_errors=True))
