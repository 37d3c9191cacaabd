"""Work beside Blender's window: in a thread, never with bpy, which is the main thread's alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import ParamSpec, TypeVar

__all__ = ["run_in_thread"]

Parameters = ParamSpec("Parameters")
Outcome = TypeVar("Outcome")


def run_in_thread(
    work: Callable[Parameters, Outcome], *args: Parameters.args, **options: Parameters.kwargs
) -> Future[Outcome]:
    """Start `work` in a thread; ask `done()` from a timer and then for its `result()`.

    Raises RuntimeError while Python ends, when no thread starts any more.
    """
    future: Future[Outcome] = Future()

    def run() -> None:
        try:
            outcome = work(*args, **options)
        except BaseException as error:  # raised again by `result()`
            future.set_exception(error)
        else:
            future.set_result(outcome)

    future.set_running_or_notify_cancel()
    Thread(target=run, name="illdepth").start()
    return future
