"""The one job under way in this Blender session, a prediction or an export, and what it is for.

It outlives undo, renames, scene switches and the removal of the picture, so it remembers datablocks
by their session number and looks them up when it needs them, never by pointer or name.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, Protocol

import bpy
from bpy.app.handlers import persistent

from illustrators_depth.errors import Cancelled, InputError
from illustrators_depth.types import DepthMap
from illustrators_depth.worker import Job

from ..addon_data import addon_data
from ..editing import live_update
from ..log import LOGGER
from ..redraw import redraw
from ..storage import layer_session
from ..threads import run_in_thread
from ..translations import reported, translatable, translated
from . import prediction
from . import worker as engine_worker

__all__ = [
    "Running",
    "Sends",
    "Task",
    "abandon",
    "begin",
    "current",
    "end",
    "register",
    "show",
    "take",
    "unregister",
]


class Sends(Protocol):
    """Sends a job's data to the worker in steps, none of which holds up the window."""

    def step(self) -> Job | None:
        """Go on if what was waited for is done; the job once everything is on its way."""

    def drop(self) -> None:
        """It is not to be sent after all."""


class Task:
    """A job in the worker with its way there and back.

    `job` is only announced while its data is still on its way to the worker.
    """

    name = translatable("Task")
    canceling = translatable("Canceling")
    left = translatable("{stage}, {seconds:.0f} s left")
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

    def __init__(self, kind: str, sends: Sends | None) -> None:
        self._sends = sends
        self.job = Job(0, kind, stage="reading")
        self.collecting: Future[Any] | None = None
        self.timer: Any = None

    def check(self) -> None:
        """Raise InputError when the job has lost its purpose."""

    def collect(self) -> Any:
        """What the finished job has found or made; no bpy, it runs in a thread."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Ask the worker to stop; `step` says when it has."""
        if self._sends is not None:
            self._sends.drop()
            self._sends = None
            self.job.fail(Cancelled())
        engine_worker.worker().cancel(self.job)

    def step(self) -> bool:
        """Go on where nothing has to be waited for; whether the job has ended, one way or another.

        Raises EngineError, and stops the job, when it has lost its purpose or cannot be sent.
        """
        engine_worker.worker().poll()
        if not self.job.finished:
            try:
                self.check()
                if self._sends is not None:
                    job = self._sends.step()
                    if job is not None:
                        self.job, self._sends = job, None
            except Exception:  # also no memory, a full disk: its files go, and the worker stops
                self.cancel()
                raise
        if not self.job.finished:
            return False
        if self.job.error is not None:
            return True
        if self.collecting is None:
            self.collecting = run_in_thread(self.collect)
        return self.collecting.done()

    def outcome(self) -> Any:
        """What `collect` gave, once `step` has said that the job has ended.

        Raises the job's error.
        """
        if self.collecting is None:
            return self.collect()
        return self.collecting.result()

    def text(self) -> str:
        """What it is doing, in a few words for the progress bar."""
        if self.job.cancel_deadline is not None:
            return translated(self.canceling)
        stage = "keeping" if self.job.finished else self.job.stage
        shown = translated(stage.capitalize())
        if self.job.eta is None:
            return shown
        return translated(self.left).format(stage=shown, seconds=self.job.eta)


class Running(Task):
    """A prediction, with the picture and the scene it was started for."""

    name = translatable("Prediction")

    def __init__(self, scene: bpy.types.Scene, image: bpy.types.Image, wait: bool) -> None:
        self.image_uid, self.image_name = image.session_uid, image.name
        self.scene_uid = scene.session_uid
        self._settings = settings = prediction.scene_settings(scene)
        self._sending = None if wait else prediction.Sending(self.image, settings)
        super().__init__("layers", self._sending)
        if wait:
            self.job = prediction.start(image, settings)
        LOGGER.info("%s (%d x %d): %s", image.name, *image.size, settings)

    def image(self) -> bpy.types.Image:
        """The picture, whatever it is called by now; InputError when it was removed."""
        image: bpy.types.Image | None = _by_uid(bpy.data.images, self.image_uid)
        if image is None:
            raise InputError(
                f"The image {self.image_name!r} was removed while its depth was predicted; open it "
                "and predict again."
            )
        return image

    def check(self) -> None:
        self.image()

    def collect(self) -> prediction.Collected:
        return prediction.collect(self.job)

    def store(self) -> tuple[bpy.types.Image, DepthMap]:
        """Keep the result with the picture and choose it in the scene that asked for it.

        Raises the job's error, or InputError when the picture is gone.
        """
        try:
            image = self.image()
        except InputError:
            if self.collecting is None:
                self.job.release()
            raise
        depth = prediction.keep(image, self.outcome())
        LOGGER.info("%s: done, seconds %s", image.name, self.job.result["seconds"])
        scene = _by_uid(bpy.data.scenes, self.scene_uid)
        if scene is not None:
            addon_data(scene).image = image
        if self._sending is not None and self._sending.read is not None:
            layer_session.prepare(image, *self._sending.read, self._settings[1:])
        return image, depth


_current: Task | None = None
# What was under way when another file was opened, until it has ended.
_given_up: Task | None = None
_LOOK = 0.1  # seconds between two looks at it


def current() -> Task | None:
    """What is under way, if anything is."""
    return _current


def begin(scene: bpy.types.Scene, image: bpy.types.Image, wait: bool = False) -> Running:
    """Send a picture to the worker with the scene's settings; `step` goes on with it.

    With `wait` the picture is sent before this returns, for callers that wait for the job anyway.
    Raises InputError when the picture cannot be predicted.
    """
    live_update.tell("")
    task = Running(scene, image, wait)
    take(task)
    return task


def take(task: Task) -> None:
    """Make a task the one that is under way."""
    global _current
    _current = task


def show() -> None:
    """Bring the panels' progress bar up to date, in every window."""
    manager: Any = bpy.context.window_manager
    state, begun = addon_data(manager), _current
    shown = (False, 0.0, "") if begun is None else (True, begun.job.fraction, begun.text())
    if (state.running, state.fraction, state.text) == shown:
        return
    state.running, state.fraction, state.text = shown
    redraw("VIEW_3D", "IMAGE_EDITOR")


def end(running: Task) -> None:
    """It is over, one way or another: take its timer and its progress bar away, and forget it."""
    global _current
    if running.timer is not None:
        manager: Any = bpy.context.window_manager
        manager.event_timer_remove(running.timer)
        running.timer = None
    if _current is running:
        _current = None
        show()


def abandon() -> None:
    """Stop what is under way: Blender drops the modal operator, or is about to."""
    if _current is not None:
        _current.cancel()
        end(_current)


@persistent
def _before_loading(*_: Any) -> None:
    """Another file is opened, in which what is under way has no place."""
    global _given_up
    _given_up = _current
    abandon()


@persistent
def _after_loading(*_: Any) -> None:
    if _given_up is None:
        return
    LOGGER.info("%s canceled: another file was opened", _given_up.name)
    live_update.tell(
        reported("{task} canceled: another file was opened", task=reported(_given_up.name))
    )
    if not bpy.app.timers.is_registered(_await_the_end):
        bpy.app.timers.register(_await_the_end, persistent=True)


def _await_the_end() -> float | None:
    """A timer: nobody else asks how the given-up job ends, or whether its worker must be killed."""
    global _given_up
    if _given_up is not None and not _given_up.job.finished:
        engine_worker.worker().poll()
        return _LOOK
    if _given_up is not None and _given_up.collecting is None:
        _given_up.job.release()  # the result came first
    _given_up = None
    return None


def register() -> None:
    bpy.app.handlers.load_pre.append(_before_loading)
    bpy.app.handlers.load_post.append(_after_loading)


def unregister() -> None:
    """The add-on is switched off."""
    global _given_up
    abandon()
    _given_up = None
    if bpy.app.timers.is_registered(_await_the_end):
        bpy.app.timers.unregister(_await_the_end)
    for handlers, handler in (
        (bpy.app.handlers.load_pre, _before_loading),
        (bpy.app.handlers.load_post, _after_loading),
    ):
        if handler in handlers:
            handlers.remove(handler)


def _by_uid(collection: Any, uid: int) -> Any:
    return next((item for item in collection if item.session_uid == uid), None)
