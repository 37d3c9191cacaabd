"""The one prediction under way in this Blender session, and what it is for.

It outlives undo, renames, scene switches and the removal of the picture, so it remembers datablocks
by their session number and looks them up when it needs them, never by pointer or name.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import bpy

from illustrators_depth.errors import Cancelled, EngineError, InputError
from illustrators_depth.nouns import DepthMap
from illustrators_depth.worker import Job

from . import engine_client, prediction
from .aside import aside
from .attached import attached
from .log import LOGGER
from .redraw import redraw

__all__ = ["Running", "abandon", "begin", "current", "end", "show"]


class Running:
    """A job in the worker, with the picture and the scene it was started for.

    `job` is only announced while the picture is still on its way to the worker.
    """

    def __init__(self, scene: bpy.types.Scene, image: bpy.types.Image, wait: bool) -> None:
        settings = prediction.scene_settings(scene)
        self._sending = None if wait else prediction.Sending(image, settings)
        self.job = prediction.start(image, settings) if wait else Job(0, "layers", stage="reading")
        self._collecting: Future[prediction.Collected] | None = None
        self.image_uid, self.image_name = image.session_uid, image.name
        self.scene_uid = scene.session_uid
        self.timer: Any = None
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

    def cancel(self) -> None:
        """Ask the worker to stop; `step` says when it has."""
        if self._sending is not None:
            self._sending.drop()
            self._sending = None
            self.job.fail(Cancelled())
        engine_client.worker().cancel(self.job)

    def step(self) -> bool:
        """Go on where nothing has to be waited for; whether the job has ended, one way or another.

        Raises InputError, and stops the job, when the picture is gone or cannot be read.
        """
        engine_client.worker().poll()
        if not self.job.finished:
            try:
                image = self.image()
                if self._sending is not None:
                    self._send(image)
            except EngineError:
                self.cancel()
                raise
        if not self.job.finished:
            return False
        if self.job.error is not None:
            return True
        if self._collecting is None:
            self._collecting = aside(prediction.collect, self.job)
        return self._collecting.done()

    def _send(self, image: bpy.types.Image) -> None:
        assert self._sending is not None
        job = self._sending.step(image)
        if job is not None:
            self.job, self._sending = job, None

    def store(self) -> tuple[bpy.types.Image, DepthMap]:
        """Keep the result with the picture and choose it in the scene that asked for it.

        Raises the job's error, or InputError when the picture is gone.
        """
        try:
            image = self.image()
        except InputError:
            if self._collecting is None:
                self.job.release()
            raise
        if self._collecting is not None:
            found = self._collecting.result()
        else:
            found = prediction.collect(self.job)
        depth = prediction.keep(image, found)
        LOGGER.info("%s: done, seconds %s", image.name, self.job.result["seconds"])
        scene = _by_uid(bpy.data.scenes, self.scene_uid)
        if scene is not None:
            attached(scene).image = image
        return image, depth

    def text(self) -> str:
        """What it is doing, in a few words for the progress bar."""
        if self.job.cancel_deadline is not None:
            return "Canceling"
        left = f", {self.job.eta:.0f} s left" if self.job.eta is not None else ""
        stage = "keeping" if self.job.finished else self.job.stage
        return f"{stage.capitalize()}{left}"


_current: Running | None = None


def current() -> Running | None:
    """The prediction under way, if there is one."""
    return _current


def begin(scene: bpy.types.Scene, image: bpy.types.Image, wait: bool = False) -> Running:
    """Send a picture to the worker with the scene's settings; `step` goes on with it.

    With `wait` the picture is sent before this returns, for callers that wait for the job anyway.
    Raises InputError when the picture cannot be predicted.
    """
    global _current
    _current = Running(scene, image, wait)
    return _current


def show() -> None:
    """Bring the panels' progress bar up to date, in every window."""
    manager: Any = bpy.context.window_manager
    state, begun = attached(manager), _current
    shown = (False, 0.0, "") if begun is None else (True, begun.job.fraction, begun.text())
    if (state.running, state.fraction, state.text) == shown:
        return
    state.running, state.fraction, state.text = shown
    redraw("VIEW_3D", "IMAGE_EDITOR")


def end(running: Running) -> None:
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
    """The add-on is switched off: Blender drops the modal operator without telling it."""
    if _current is not None:
        _current.cancel()
        end(_current)


def _by_uid(collection: Any, uid: int) -> Any:
    return next((item for item in collection if item.session_uid == uid), None)
