"""The one worker process of this Blender session, started when first needed."""

from __future__ import annotations

import atexit
import sys

from illustrators_depth.worker import WorkerClient

from ..settings.preferences import engine_python
from ..threads import run_in_thread

__all__ = ["EngineWorker"]


class EngineWorker:
    """The client of the engine's process, on the interpreter that the preferences name."""

    def __init__(self) -> None:
        self._client: WorkerClient | None = None

    def client(self) -> WorkerClient:
        """The client at hand, or a new one."""
        if self._client is None:
            external = engine_python()
            # An external Python has an engine of its own; Blender's must be told where ours is.
            self._client = WorkerClient(external, ()) if external else WorkerClient(sys.executable)
            atexit.register(self.close)
        return self._client

    def sweep(self) -> None:
        """In a thread, delete the files of Blenders of this user that were killed at work."""
        from illustrators_depth.worker import array_files

        run_in_thread(array_files.sweep)

    def close(self) -> None:
        """End the process, if there is one; the next call of `client` starts a new one."""
        if self._client is not None:
            self._client.close()
            self._client = None
            atexit.unregister(self.close)
