"""Work beside Blender's window: in a thread, never with bpy, which is the main thread's alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["close", "run_in_thread"]

Given = ParamSpec("Given")
Made = TypeVar("Made")

_pool: ThreadPoolExecutor | None = None


def run_in_thread(
    work: Callable[Given, Made], *args: Given.args, **options: Given.kwargs
) -> Future[Made]:
    """Start `work` in a thread; ask `done()` from a timer and then for its `result()`."""
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(2, thread_name_prefix="illdepth")
    return _pool.submit(work, *args, **options)


def close() -> None:
    """Start nothing more; what runs ends by itself."""
    global _pool
    if _pool is not None:
        _pool.shutdown(wait=False, cancel_futures=True)
        _pool = None
