"""Runs tasks in worker processes on this machine; one that dies takes only its picture along."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import EngineError, UnavailableError, WorkerError
from ..worker import Job, WorkerClient
from .plan import Recipe, Task, Watch
from .process import new_client

__all__ = ["Finished", "LocalWorkers"]

_POLL_INTERVAL = 0.01  # seconds between two looks at the workers


@dataclass(frozen=True)
class Finished:
    """A task that ended: its folder of files, and the worker's answer or the error."""

    task: Task
    files: Path
    seconds: float
    answer: dict[str, Any] | None = None
    error: EngineError | None = None


@dataclass
class _Running:
    job: Job
    task: Task
    files: Path
    start: float
    late: bool = False


@dataclass(frozen=True)
class LocalWorkers:
    """How tasks are run here.

    Attributes:
        jobs: processes at a time.
        timeout: seconds that one picture may take; 0 for no limit.
        new_client: makes the client of one process; Blender brings its own.
    """

    jobs: int
    timeout: float = 0.0
    new_client: Callable[[], WorkerClient] = new_client

    def run(
        self, tasks: Sequence[Task], recipe: Recipe, new_folder: Callable[[], Path], watch: Watch
    ) -> Iterator[Finished]:
        """Yield every task as it ends, in the order they end.

        Raises UnavailableError when no process can be started at all.
        """
        waiting = deque(tasks)
        clients = [self.new_client() for _ in range(min(self.jobs, len(tasks)))]
        running: dict[int, _Running] = {}
        greeted = False
        done = 0
        try:
            while waiting or running:
                for number, client in enumerate(clients):
                    if number not in running and waiting:
                        task, files = waiting.popleft(), new_folder()
                        params = task.params(recipe) | {"folder": str(files)}
                        try:
                            job = client.submit(recipe.job, params)
                        except WorkerError as error:  # it died just then
                            done += 1
                            yield Finished(task, files, 0.0, error=error)
                            continue
                        running[number] = _Running(job, task, files, time.monotonic())
                for number, current in list(running.items()):
                    clients[number].poll()
                    greeted = greeted or clients[number].hello is not None
                    self._check_timeout(clients[number], current)
                    if current.job.finished:
                        del running[number]
                        done += 1
                        result = self._result(current)
                        if not greeted and isinstance(result.error, WorkerError):
                            raise UnavailableError(str(result.error))
                        yield result
                parts = sum(current.job.fraction for current in running.values())
                watch((done + parts) / max(len(tasks), 1))
                time.sleep(_POLL_INTERVAL)
        finally:
            for client in clients:
                client.close(grace=0.0 if running else 2.0)

    def _check_timeout(self, client: WorkerClient, current: _Running) -> None:
        if client.hello is None:  # the time of a process that still starts is not the picture's
            current.start = time.monotonic()
        if self.timeout and not current.late and time.monotonic() - current.start > self.timeout:
            current.late = True
            client.cancel(current.job)

    def _result(self, current: _Running) -> Finished:
        seconds = time.monotonic() - current.start
        error = current.job.error
        if error is None:
            return Finished(current.task, current.files, seconds, current.job.result)
        if current.late:
            error = WorkerError(
                f"{current.task.source.name} took longer than {self.timeout:g} seconds and was "
                "stopped; scale it down, or allow more with --timeout."
            )
        elif isinstance(error, WorkerError):
            # Its last words, when it died, follow on lines of their own.
            error = WorkerError(f"{current.task.source.name}: {error}")
        return Finished(current.task, current.files, seconds, error=error)
