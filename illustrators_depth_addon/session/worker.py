"""The one worker process of this Blender session, started when first needed."""

from __future__ import annotations

import atexit
import sys

from illustrators_depth.worker import WorkerClient

from ..preferences import engine_python
from ..threads import run_in_thread

__all__ = ["close", "sweep", "worker"]

_worker: WorkerClient | None = None


def worker() -> WorkerClient:
    """The client, on the interpreter that the preferences name."""
    global _worker
    if _worker is None:
        external = engine_python()
        # An external Python has an engine of its own; Blender's own must be told where ours is.
        _worker = WorkerClient(external, ()) if external else WorkerClient(sys.executable)
        atexit.register(close)
    return _worker


def sweep() -> None:
    """In a thread, delete the files of Blenders of this user that were killed at work."""
    from illustrators_depth.worker import array_files

    run_in_thread(array_files.sweep)


def close() -> None:
    """End the process, if there is one; the next call of `worker` starts a new one."""
    global _worker
    if _worker is not None:
        _worker.close()
        _worker = None
        atexit.unregister(close)
