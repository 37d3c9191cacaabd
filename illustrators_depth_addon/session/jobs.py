"""Jobs: slow work that is started, polled and canceled, and the slot for the one under way.

Jobs outlive undo, renames, scene switches and the removal of the picture, so they remember
datablocks by their session number and look them up when they need them, never by pointer or name.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import bpy

from illustrators_depth.errors import Cancelled
from illustrators_depth.worker import Job as Request

from ..addon_data import addon_data
from ..context import redraw, show_problem
from ..log import LOGGER
from ..threads import run_in_thread
from ..timers import Timer
from ..translations import reported, translatable, translated
from .worker import EngineWorker

__all__ = ["Job", "JobSlot", "Sender", "WorkerJob"]

_WAIT_STEP_S = 0.01  # between two looks of a caller that waits
_POLL_S = 0.1  # between two looks at a job that was given up


class Job:
    """Slow work with one life: start it, poll until it has ended, take its result; or cancel it.

    `start` and then `wait` is the same work for callers that wait. All of it is for the main
    thread; what a subclass does in threads knows no bpy.
    """

    name = translatable("Task")

    def start(self) -> None:
        """Begin; EngineError at once when that is impossible."""

    def poll(self) -> bool:
        """Go on where nothing has to be waited for; whether it has ended, one way or another.

        Raises EngineError, and cancels the job, when it has lost its purpose.
        """
        raise NotImplementedError

    def result(self) -> Any:
        """What came of it, once `poll` has said that it ended; raises its error if it failed."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Ask it to stop; `poll` says when it has."""

    def wait(self, on_progress: Callable[[Any], None] | None = None) -> Any:
        """Block until it has ended and return its result; `on_progress` gets the job now and then.

        What `on_progress` raises cancels the job.
        """
        try:
            while not self.poll():
                if on_progress is not None:
                    on_progress(self)
                time.sleep(_WAIT_STEP_S)
        except BaseException:
            self.cancel()
            raise
        return self.result()


class Sender(Protocol):
    """Sends a job's data to the worker in steps, none of which holds up the window."""

    def step(self) -> Request | None:
        """Go on if what was waited for is done; the request once everything is on its way."""

    def drop(self) -> None:
        """It is not to be sent after all."""


class WorkerJob(Job):
    """A job in the worker: its data is sent there, and its result collected.

    Attributes:
        request: what the worker was asked; only announced while its data is on its way there.
        timer: of the operator that follows it.
    """

    name = translatable("Task")
    canceling = translatable("Canceling")
    stage_with_time = translatable("{stage}, {seconds:.0f} s left")
    # What the engine's stages are called; one that is missing here stays English.
    stages = (
        translatable("Starting"),
        translatable("Reading"),
        translatable("Loading"),
        translatable("Depth"),
        translatable("Layers"),
        translatable("Checking"),
        translatable("Making the relief"),
        translatable("Vectorize"),
        translatable("Sheets"),
        translatable("Cutting"),
        translatable("Write layers"),
        translatable("Writing"),
        translatable("Keeping"),
    )

    def __init__(self, worker: EngineWorker, kind: str) -> None:
        self._worker = worker
        self._sender: Sender | None = None
        self.request = Request(0, kind, stage="reading")
        self.collecting: Future[Any] | None = None
        self.timer: Any = None

    def start(self) -> None:
        self._sender = self.send()

    def send(self) -> Sender:
        """Begin to send; EngineError when there is nothing to send."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise InputError when the job has lost its purpose."""

    def collect(self) -> Any:
        """What the finished request has brought; no bpy, it runs in a thread."""
        raise NotImplementedError

    def cancel(self) -> None:
        if self._sender is not None:
            self._sender.drop()
            self._sender = None
            self.request.fail(Cancelled())
        self._worker.client().cancel(self.request)

    def poll(self) -> bool:
        self._worker.client().poll()
        if not self.request.finished:
            try:
                self.check()
                request = self._sender.step() if self._sender is not None else None
                if request is not None:
                    self.request, self._sender = request, None
            except Exception:  # also no memory, a full disk: its files go, and the worker stops
                self.cancel()
                raise
        if not self.request.finished:
            return False
        if self.request.error is not None:
            return True
        if self.collecting is None:
            self.collecting = run_in_thread(self.collect)
        return self.collecting.done()

    def result(self) -> Any:
        return self.collect() if self.collecting is None else self.collecting.result()

    @property
    def canceled(self) -> bool:
        """Whether it was canceled."""
        return isinstance(self.request.error, Cancelled)

    @property
    def fraction(self) -> float:
        """How much is done, 0..1."""
        return self.request.fraction

    def text(self) -> str:
        """What it is doing, in a few words for the progress bar."""
        if self.request.cancel_deadline is not None:
            return translated(self.canceling)
        stage = "keeping" if self.request.finished else self.request.stage
        displayed = translated(stage.capitalize())
        if self.request.eta is None:
            return displayed
        return translated(self.stage_with_time).format(stage=displayed, seconds=self.request.eta)


class JobSlot:
    """Place for the one job that is under way.

    Attributes:
        current: it, if there is one.
        abandoned_job: what was under way when another file was opened, until it has ended.
    """

    def __init__(self, worker: EngineWorker) -> None:
        self._worker = worker
        self.current: WorkerJob | None = None
        self.abandoned_job: WorkerJob | None = None
        self._timer = Timer(self.poll_abandoned, persistent=True)

    def begin(self, job: WorkerJob) -> None:
        """Start a job and make it the one that is under way; EngineError when it cannot start."""
        show_problem("")
        job.start()
        self.current = job

    def show(self) -> None:
        """Bring the panels' progress bar up to date, in every window."""
        manager: Any = bpy.context.window_manager
        state, job = addon_data(manager), self.current
        displayed = (False, 0.0, "") if job is None else (True, job.fraction, job.text())
        if (state.running, state.fraction, state.text) == displayed:
            return
        state.running, state.fraction, state.text = displayed
        redraw("VIEW_3D", "IMAGE_EDITOR")

    def end(self, job: WorkerJob) -> None:
        """It is over, one way or another: take its timer and its progress bar away."""
        if job.timer is not None:
            manager: Any = bpy.context.window_manager
            manager.event_timer_remove(job.timer)
            job.timer = None
        if self.current is job:
            self.current = None
            self.show()

    def abandon(self) -> None:
        """Stop what is under way: Blender drops the modal operator, or is about to."""
        if self.current is not None:
            self.current.cancel()
            self.end(self.current)

    def before_loading(self) -> None:
        """Another file is opened, in which what is under way has no place."""
        self.abandoned_job = self.current
        self.abandon()

    def after_loading(self) -> None:
        """Say what was given up, and see it to its end."""
        if self.abandoned_job is None:
            return
        LOGGER.info("%s canceled: another file was opened", self.abandoned_job.name)
        name = reported(self.abandoned_job.name)
        show_problem(reported("{task} canceled: another file was opened", task=name))
        self._timer.start()

    def poll_abandoned(self) -> float | None:
        """A timer: poll the worker until an abandoned job has ended, then drop its result."""
        job = self.abandoned_job
        if job is not None and not job.request.finished:
            self._worker.client().poll()
            return _POLL_S
        if job is not None and job.collecting is None:
            job.request.release()  # the result came first
        self.abandoned_job = None
        return None

    def close(self) -> None:
        """The add-on is switched off."""
        self.abandon()
        self.abandoned_job = None
        self._timer.stop()
