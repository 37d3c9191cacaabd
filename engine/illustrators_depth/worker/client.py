"""The client of the worker process: plain Python, never blocks unless asked to wait.

    with WorkerClient() as worker:
        job = worker.submit("ping", {"payload": 1})
        worker.wait(job)

An interactive program calls `submit`, then `poll` from a timer until `job.finished`.
"""

from __future__ import annotations

import contextlib
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..errors import Cancelled, EngineError, WorkerError
from .array_files import make_folder, remove_folder, sweep
from .job import Job
from .process import WorkerProcess, command, engine_folder
from .protocol import PROTOCOL, error_from

__all__ = ["WorkerClient"]

_POLL_INTERVAL = 0.01  # seconds between two looks at the pipe in `wait`


class WorkerClient:
    """Owns one worker process at a time; starts it on the first request and again after a crash.

    Args:
        python: the interpreter to run the engine on.
        paths: folders the child searches first; None passes this engine's own folder on, which is
            right for `python=sys.executable`; () uses the engine installed with `python`.
        cancel_grace: seconds a worker has to answer a cancel before it is killed.
        program: the command line of another worker than the engine's (see `server.main`), given
            the private folder; `python` and `paths` then do not matter.
    """

    def __init__(
        self,
        python: str = sys.executable,
        paths: Sequence[str] | None = None,
        *,
        cancel_grace: float = 3.0,
        program: Callable[[Path], Sequence[str]] | None = None,
    ) -> None:
        self.python = python
        self.paths = (str(engine_folder()),) if paths is None else tuple(paths)
        self.cancel_grace = cancel_grace
        self.program = program or (lambda folder: command(self.python, self.paths, folder))
        self.hello: dict[str, Any] | None = None
        self._process: WorkerProcess | None = None
        self._folder: Path | None = None
        self._jobs: dict[int, Job] = {}
        self._next_id = 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """A private temporary folder for arrays to and from the worker; gone after `close`."""
        if self._folder is None:
            sweep()
            self._folder = make_folder()
        return self._folder

    def new_folder(self) -> Path:
        """A new empty folder inside `folder`, for the arrays of one job."""
        return Path(tempfile.mkdtemp(dir=self.folder))

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, None when there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.alive

    def start(self) -> None:
        """Start the process if none runs; returns at once, `hello` is filled by `poll`."""
        if self.running:
            return
        self.poll()  # jobs of a process that died meanwhile hear of it before a new one starts
        self._drop_process()
        self._process = WorkerProcess(self.program(self.folder), self.folder)

    def submit(self, kind: str, params: Mapping[str, Any] | None = None) -> Job:
        """Send a job and return its handle at once; starts the worker when none runs.

        Raises UnavailableError when the interpreter cannot be started, WorkerError when the worker
        is gone.
        """
        self.start()
        assert self._process is not None
        job = Job(self._next_id, kind)
        self._next_id += 1
        self._process.send({"id": job.id, "job": kind, "params": dict(params or {})})
        self._jobs[job.id] = job
        return job

    def poll(self) -> None:
        """Bring every job up to date with what the worker has said; never blocks."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(queue.Empty):
            while True:
                message = process.messages.get_nowait()
                if message is None:
                    self._discard_process(WorkerError(process.exit_message()))
                    return
                try:
                    self._receive(message)
                except (KeyError, TypeError, ValueError, OverflowError):
                    self._discard_process(
                        WorkerError(
                            f"The engine at {self.python} gave an answer that makes no sense; "
                            "install the same version there."
                        )
                    )
                    return
        now = time.monotonic()
        late = [j for j in self._jobs.values() if j.cancel_deadline and now > j.cancel_deadline]
        if late:
            for job in late:
                self._finish(job, Cancelled())
            self._discard_process(
                WorkerError("The engine was stopped with the job before; try again.")
            )

    def wait(
        self,
        job: Job,
        timeout: float | None = None,
        on_progress: Callable[[Job], None] | None = None,
    ) -> dict[str, Any]:
        """Block until the job has finished and return its result.

        `on_progress` is called whenever the job's stage or fraction changed; what it raises cancels
        the job. Raises the job's error, or WorkerError after `timeout` seconds (the job is then
        cancelled).
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        reported: tuple[str, float] | None = None
        try:
            while not job.finished:
                self.poll()
                if on_progress is not None and reported != (job.stage, job.fraction):
                    reported = (job.stage, job.fraction)
                    on_progress(job)
                if deadline is not None and time.monotonic() > deadline and not job.finished:
                    raise WorkerError(
                        f"The engine did not finish within {timeout:g} seconds; try again with a "
                        "smaller picture."
                    )
                if not job.finished:
                    time.sleep(_POLL_INTERVAL)
        except BaseException:
            self.cancel(job)
            raise
        return job.outcome()

    def cancel(self, job: Job) -> None:
        """Ask the worker to stop a job; `poll` kills a worker that does not answer in time."""
        if job.finished or self._process is None:
            return
        if job.cancel_deadline is None:
            job.cancel_deadline = time.monotonic() + self.cancel_grace
            with contextlib.suppress(WorkerError):  # the next poll notices a dead worker
                self._process.send({"job": "cancel", "id": job.id})

    def restart(self) -> None:
        """End the process, failing its jobs, and start a new one."""
        self._discard_process(WorkerError("The engine was restarted; try again."))
        self.start()

    def close(self, grace: float = 2.0) -> None:
        """End the process and delete the private folder; the client can be used again after."""
        if self._process is not None:
            self._process.stop(grace)
            self._discard_process(WorkerError("The engine was closed; try again."))
        if self._folder is not None:
            remove_folder(self._folder)
            self._folder = None

    def _receive(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "hello":
            if message.get("protocol") != PROTOCOL:
                self._discard_process(
                    WorkerError(
                        f"The engine at {self.python} speaks protocol {message.get('protocol')}, "
                        f"where {PROTOCOL} is needed; install the same version there."
                    )
                )
            self.hello = message
            return
        job = self._jobs.get(message.get("id", -1))
        if job is None:
            return  # an answer to a job that was given up
        if kind == "progress":
            stage, fraction, eta = str(message["stage"]), float(message["fraction"]), message["eta"]
            if not 0.0 <= fraction <= 1.0:
                raise ValueError("fraction")
            job.stage, job.fraction = stage, fraction
            job.eta = None if eta is None else float(eta)
        elif kind == "result":
            if not isinstance(message["result"], dict):
                raise TypeError("result")
            del self._jobs[job.id]
            job.succeed(message["result"])
        elif kind == "error":
            self._finish(job, error_from(str(message["code"]), str(message["message"])))

    def _finish(self, job: Job, error: EngineError) -> None:
        self._jobs.pop(job.id, None)
        job.fail(error)

    def _discard_process(self, error: EngineError) -> None:
        """Forget the process; every job still waiting for it ends with `error`."""
        self._drop_process()
        for job in list(self._jobs.values()):
            self._finish(job, Cancelled() if job.cancel_deadline else error)

    def _drop_process(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None
        self.hello = None
