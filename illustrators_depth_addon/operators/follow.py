"""Following a job in the worker from Blender's window: progress, Esc, and what comes of it."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import Cancelled

from ..session import jobs
from ..session.jobs import Task
from ..translations import reported
from .common import reports_errors

__all__ = ["CLASSES", "FollowsTask"]

_INTERVAL = 0.05  # seconds between two looks at the worker


class FollowsTask:
    """What modal operators share that follow a task; `finished` says what to do with its result."""

    _task: Task | None = None

    def follow(self, context: bpy.types.Context, task: Task) -> set[Any]:
        """Start to follow; the operator's `invoke` returns this."""
        self._task = task
        manager: Any = context.window_manager
        task.timer = manager.event_timer_add(_INTERVAL, window=context.window)
        manager.modal_handler_add(self)
        jobs.show()
        return {"RUNNING_MODAL"}

    def finished(self, task: Task) -> set[Any]:
        """Take the result, or let its error be raised."""
        raise NotImplementedError

    @reports_errors
    def modal(self, _context: bpy.types.Context, event: bpy.types.Event) -> set[Any]:
        task = self._task
        if task is None:  # it failed before in a way that did not end the operator
            return {"CANCELLED"}
        if event.type == "ESC" and event.value == "PRESS":
            task.cancel()
            return {"RUNNING_MODAL"}
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        over = True
        try:
            over = task.step()
        finally:  # one that has lost its purpose ends as well
            if over:
                jobs.end(task)
                self._task = None  # Blender keeps finished operators, and so all it has read
        if not over:
            jobs.show()
            return {"PASS_THROUGH"}
        if isinstance(task.job.error, Cancelled):
            self.report({"INFO"}, reported("{task} canceled", task=reported(task.name)))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        return self.finished(task)

    def cancel(self, _context: bpy.types.Context) -> None:
        """Blender ends the operator, for example because another file is opened."""
        if self._task is not None:
            self._task.cancel()
            jobs.end(self._task)


class ILLDEPTH_OT_follow(FollowsTask, bpy.types.Operator):
    """Follow the export that is under way until its file is there"""

    bl_idname = "illdepth.follow"
    bl_label = "Follow Export"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        return jobs.current() is not None

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        task = jobs.current()
        return {"CANCELLED"} if task is None else self.follow(context, task)

    def finished(self, task: Task) -> set[Any]:
        self.report({"INFO"}, str(task.outcome()))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_follow,)
