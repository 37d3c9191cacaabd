"""Picture -> depth and layers, in the worker process: modal in the window, waiting in scripts."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import StringProperty

from illustrators_depth.errors import Cancelled, InputError
from illustrators_depth.worker import Job

from .. import engine_client, image_cache, prediction
from ..attached import attached
from .common import active_image, find_image, reports_errors

__all__ = ["CLASSES"]

_INTERVAL = 0.05  # seconds between two looks at the worker


class ILLDEPTH_OT_predict(bpy.types.Operator):
    """Predict the depth of a picture and its layers, and keep both with the image"""

    bl_idname = "illdepth.predict"
    bl_label = "Predict Depth"
    bl_options = {"REGISTER", "UNDO"}

    image: StringProperty(
        name="Image", description="Name of the image, empty for the active one", default=""
    )

    _job: Job | None = None
    _timer: Any = None
    _session: int = 0

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if attached(context.window_manager).running:
            cls.poll_message_set("A prediction is running; Esc cancels it")
            return False
        return True

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        """Predict and wait: for scripts and background mode, where modal operators never run."""
        image = self._start(context)
        manager: Any = context.window_manager
        manager.progress_begin(0.0, 1.0)
        try:
            assert self._job is not None
            engine_client.worker().wait(
                self._job, on_progress=lambda job: manager.progress_update(job.fraction)
            )
        finally:
            manager.progress_end()
        self._store(context, image)
        return {"FINISHED"}

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        self._start(context)
        manager: Any = context.window_manager
        self._timer = manager.event_timer_add(_INTERVAL, window=context.window)
        manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    @reports_errors
    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        job = self._job
        assert job is not None
        if event.type == "ESC" and event.value == "PRESS":
            engine_client.worker().cancel(job)
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        engine_client.worker().poll()
        if not job.finished:
            self._show(context)
            return {"PASS_THROUGH"}
        self._stop(context)
        if isinstance(job.error, Cancelled):
            self.report({"INFO"}, "Prediction cancelled")
            return {"CANCELLED"}
        self._store(context, self._find())
        return {"FINISHED"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, for example because another file is opened."""
        if self._job is not None:
            engine_client.worker().cancel(self._job)
        self._stop(context)

    def _start(self, context: bpy.types.Context) -> bpy.types.Image:
        image = active_image(context, self.image)
        scene: Any = context.scene
        self._session = image.session_uid
        self._job = prediction.start(image, prediction.scene_settings(scene))
        return image

    def _find(self) -> bpy.types.Image:
        """The picture the job was started for, whatever it is called by now."""
        for image in bpy.data.images:
            if image.session_uid == self._session:
                return image
        raise InputError("The picture was removed while its depth was predicted.")

    def _store(self, context: bpy.types.Context, image: bpy.types.Image) -> None:
        assert self._job is not None
        depth = prediction.store(image, self._job)
        attached(context.scene).image = image
        layers, seconds = self._job.result["layers"], sum(self._job.result["seconds"].values())
        self.report(
            {"INFO"},
            f"{image.name}: {layers} layers, depth by {depth.predictor} on {depth.device}, "
            f"{seconds:.1f} s",
        )

    def _show(self, context: bpy.types.Context) -> None:
        job = self._job
        assert job is not None
        state = attached(context.window_manager)
        left = f", {job.eta:.0f} s left" if job.eta is not None else ""
        text = f"{job.stage.capitalize()}{left}"
        if job.cancel_deadline is not None:
            text = "Cancelling"
        if (state.running, state.fraction, state.text) != (True, job.fraction, text):
            state.running, state.fraction, state.text = True, job.fraction, text
            _redraw(context)

    def _stop(self, context: bpy.types.Context) -> None:
        state = attached(context.window_manager)
        state.running, state.fraction, state.text = False, 0.0, ""
        if self._timer is not None:
            manager: Any = context.window_manager
            manager.event_timer_remove(self._timer)
            self._timer = None
        _redraw(context)


def _redraw(context: bpy.types.Context) -> None:
    manager: Any = context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR"):
                area.tag_redraw()


class ILLDEPTH_OT_clear(bpy.types.Operator):
    """Forget the depth and the layers kept with the picture; builds in the scene stay"""

    bl_idname = "illdepth.clear"
    bl_label = "Clear Result"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not image_cache.has_depth(find_image(context)):
            cls.poll_message_set("The picture has no depth yet")
            return False
        return True

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image_cache.forget(active_image(context, ""))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_predict, ILLDEPTH_OT_clear)
