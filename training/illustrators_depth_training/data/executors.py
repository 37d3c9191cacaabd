"""Runs blocks on all local cores or on a Dask cluster; results arrive as they are ready."""

from __future__ import annotations

import concurrent.futures
import concurrent.futures.process
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from illustrators_depth.errors import InputError, UnavailableError

__all__ = ["run_local", "run_on_cluster"]

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def run_local(
    function: Callable[[_Task], _Result],
    tasks: Iterable[tuple[int, Callable[[], _Task]]],
    workers: int | None = None,
) -> Iterator[tuple[int, _Result]]:
    """Yield (number, result) of every task, computed in `workers` processes (all cores by default).

    Tasks come as callables, so that only those about to run hold their bytes in memory.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        for number, make in tasks:
            yield number, function(make())
        return
    # spawn: a fork would copy threads and file handles of a parent that may have loaded anything
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        workers, mp_context=context, initializer=_ignore_interrupts
    ) as pool:
        waiting: dict[concurrent.futures.Future[_Result], int] = {}
        source = iter(tasks)
        try:
            while True:
                for number, make in islice(source, 2 * workers - len(waiting)):
                    waiting[pool.submit(function, make())] = number
                if not waiting:
                    return
                done, _ = concurrent.futures.wait(
                    waiting, return_when=concurrent.futures.FIRST_COMPLETED
                )
                for future in done:
                    yield waiting.pop(future), future.result()
        except concurrent.futures.process.BrokenProcessPool:
            raise UnavailableError(
                "A worker process died, perhaps for want of memory; run the same command again "
                "(with fewer --workers), it goes on where it was."
            ) from None
        finally:
            for future in waiting:
                future.cancel()


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends the pool in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def run_on_cluster(
    function: Callable[[_Task], _Result],
    tasks: Iterable[tuple[int, Callable[[], _Task]]],
    scheduler: str,
) -> Iterator[tuple[int, _Result]]:
    """Yield (number, result) of every task, computed by the workers of a Dask scheduler.

    The workers need this package and node, but no disk in common with this machine.
    """
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise UnavailableError(
            "--scheduler needs Dask; install `illustrators-depth-training[cluster]`."
        ) from None
    try:
        client: Any = Client(scheduler, timeout="20s")
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {scheduler} ({error}); check the address."
        ) from None
    with client:
        slots = max(sum(client.nthreads().values()), 1)
        source = iter(tasks)
        numbers: dict[str, int] = {}
        finished = as_completed([])

        def submit(count: int) -> None:
            for number, make in islice(source, count):
                future = client.submit(function, make(), pure=False)
                numbers[future.key] = number
                finished.add(future)

        submit(2 * slots)
        for future in finished:
            yield numbers.pop(future.key), future.result()
            submit(1)
