"""Following a job in the worker from Blender's window: progress, Esc, and what comes of it."""

from __future__ import annotations

from typing import Any

import bpy

from ...session import SESSION
from ...session.jobs import WorkerJob
from ...translations import reported
from ..common import reports_errors

__all__ = ["CLASSES", "JobOperator"]

_POLL_S = 0.05  # seconds between two looks at the worker


class ModalJobOperator:
    """A modal operator that follows a job: progress, Esc, and `handle_result` at its end."""

    _job: WorkerJob | None = None

    def follow(self, context: bpy.types.Context, job: WorkerJob) -> set[Any]:
        """Start to follow; the operator's `invoke` returns this."""
        self._job = job
        manager: Any = context.window_manager
        job.timer = manager.event_timer_add(_POLL_S, window=context.window)
        manager.modal_handler_add(self)
        operators: Any = bpy.ops
        for window in manager.windows:
            if window != context.window:
                with context.temp_override(window=window):
                    operators.illdepth.escape("INVOKE_DEFAULT")
        SESSION.jobs.show()
        return {"RUNNING_MODAL"}

    def handle_result(self, job: WorkerJob) -> set[Any]:
        """Take the result, or let its error be raised."""
        raise NotImplementedError

    @reports_errors
    def modal(self, _context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        job = self._job
        if job is None:  # it failed before in a way that did not end the operator
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            job.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        has_ended = True
        try:
            has_ended = job.poll()
        finally:  # one that has lost its purpose ends as well
            if has_ended:
                SESSION.jobs.end(job)
                self._job = None  # Blender keeps finished operators, and so all it has read
        if not has_ended:
            SESSION.jobs.show()
            return {"PASS_THROUGH"}
        if job.canceled:
            self.report({"INFO"}, reported("{task} canceled", task=reported(job.name)))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        return self.handle_result(job)

    def cancel(self, _context: bpy.types.Context) -> None:
        """Blender ends the operator, for example because another file is opened."""
        if self._job is not None:
            self._job.cancel()
            SESSION.jobs.end(self._job)


class JobOperator(ModalJobOperator):
    """What operators share that start a job: followed in a window, waited for elsewhere.

    Scripts want its result when the call returns, and background mode runs no modal operators.
    """

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if SESSION.jobs.current is not None:
            cls.poll_message_set("A job is running; Esc cancels it")  # type: ignore[attr-defined]
            return False
        return True

    def new_job(self, context: bpy.types.Context) -> WorkerJob:
        """The job, not begun yet."""
        raise NotImplementedError

    def use_result(self, job: WorkerJob, result: Any) -> set[Any]:
        """Do what is to follow once the result is there."""
        raise NotImplementedError

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        job = self.new_job(context)
        SESSION.jobs.begin(job)
        manager: Any = context.window_manager
        manager.progress_begin(0.0, 1.0)
        try:
            result = job.wait(lambda job: manager.progress_update(job.fraction))
        finally:
            manager.progress_end()
            SESSION.jobs.end(job)
        return self.use_result(job, result)

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        job = self.new_job(context)
        SESSION.jobs.begin(job)
        return self.follow(context, job)

    def handle_result(self, job: WorkerJob) -> set[Any]:
        return self.use_result(job, job.result())


class ILLDEPTH_OT_escape(bpy.types.Operator):
    """Cancel the running job from another window than the one it was started in"""

    bl_idname = "illdepth.escape"
    bl_label = "Cancel by Esc"
    bl_options = {"INTERNAL"}

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        if SESSION.jobs.current is None:
            return {"CANCELLED"}
        self._job = SESSION.jobs.current
        manager: Any = context.window_manager
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, _context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        if SESSION.jobs.current is not self._job:
            return {"FINISHED", "PASS_THROUGH"}
        if event.type == "ESC" and event.value == "PRESS":
            self._job.cancel()
            return {"RUNNING_MODAL"}
        return {"PASS_THROUGH"}


class ILLDEPTH_OT_follow(ModalJobOperator, bpy.types.Operator):
    """Follow the export that is under way until its file is there"""

    bl_idname = "illdepth.follow"
    bl_label = "Follow Export"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return SESSION.jobs.current is not None

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        job = SESSION.jobs.current
        return {"CANCELLED"} if job is None else self.follow(context, job)

    def handle_result(self, job: WorkerJob) -> set[Any]:
        self.report({"INFO"}, str(job.result()))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_follow, ILLDEPTH_OT_escape)
