"""A timer of Blender's that is started and stopped, and never registered twice."""

from __future__ import annotations

from collections.abc import Callable

import bpy

__all__ = ["Timer"]


class Timer:
    """Calls `step` after some seconds, and again after those it returns; None ends it.

    Timers never run in the background. `persistent` ones survive the opening of another file.
    """

    def __init__(self, step: Callable[[], float | None], persistent: bool = False) -> None:
        # Blender knows a timer by this very object, and a bound method is a new one every time.
        self._step, self._persistent = step, persistent

    def start(self, seconds: float = 0.0) -> None:
        """Start it, unless it runs already."""
        if not bpy.app.timers.is_registered(self._step):
            bpy.app.timers.register(self._step, first_interval=seconds, persistent=self._persistent)

    def stop(self) -> None:
        if bpy.app.timers.is_registered(self._step):
            bpy.app.timers.unregister(self._step)
