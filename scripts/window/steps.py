"""Drives Blender's window step by step: a generator that yields whenever Blender shall go on.

Timers are the only way to let a window draw, listen and run modal operators between two lines of a
script. A step that raises ends Blender with exit code 7 and its traceback.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

__all__ = [
    "TAB",
    "Steps",
    "addon",
    "area_of",
    "click",
    "in_3d_view",
    "operators",
    "output_folder",
    "press",
    "region_of",
    "run",
    "wait_until",
]

Steps = Iterator[None]
# The sidebar's tab of the add-on.
TAB = "Illustrator's Depth"
_TICK_S = 0.2  # between two steps; under software OpenGL a redraw takes about as long


def output_folder() -> Path:
    """The folder named on the command line after "--"."""
    return Path(sys.argv[sys.argv.index("--") + 1])


def run(steps: Callable[[], Steps]) -> None:
    """Take the steps one by one once the window stands, then quit Blender."""
    remaining = steps()

    def tick() -> float | None:
        try:
            next(remaining)
        except StopIteration:
            sys.stdout.flush()
            os._exit(0)  # a clean exit would ask to save
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(7)
        return _TICK_S

    bpy.app.timers.register(tick, first_interval=2.0, persistent=True)


def wait_until(done: Callable[[], bool], what: str, ticks: int = 600) -> Steps:
    """Let Blender go on until something is so; AssertionError when it never is."""
    for _ in range(ticks):
        if done():
            return
        yield
    raise AssertionError(f"Waited in vain for: {what}")


def area_of(kind: str) -> Any:
    """The largest area of a type in the first window."""
    manager: Any = bpy.context.window_manager
    areas = [a for a in manager.windows[0].screen.areas if a.type == kind]
    return max(areas, key=lambda a: a.width * a.height)


def region_of(area: Any, kind: str) -> Any:
    return next(r for r in area.regions if r.type == kind)


def addon() -> Any:
    """The installed extension's package."""
    return next(m for n, m in sys.modules.items() if n.endswith(".illustrators_depth"))


def operators() -> Any:
    """The add-on's operators; the stubs know none of them."""
    blender: Any = bpy.ops
    return blender.illdepth


def in_3d_view(function: Callable[[], Any]) -> Any:
    """Call something as from the 3D View's main region."""
    manager: Any = bpy.context.window_manager
    area = area_of("VIEW_3D")
    with bpy.context.temp_override(
        window=manager.windows[0], area=area, region=region_of(area, "WINDOW")
    ):
        return function()


def click(x: float, y: float) -> Steps:
    """Press and release the left mouse button at a place of the window, in pixels from below."""
    manager: Any = bpy.context.window_manager
    window, place = manager.windows[0], (int(x), int(y))
    for kind, value in (("MOUSEMOVE", "NOTHING"), ("LEFTMOUSE", "PRESS"), ("LEFTMOUSE", "RELEASE")):
        window.event_simulate(type=kind, value=value, x=place[0], y=place[1])
        yield
        yield


def press(key: str, x: float, y: float) -> Steps:
    """Press and release a key with the mouse at a place of the window."""
    manager: Any = bpy.context.window_manager
    window = manager.windows[0]
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type=key, value=value, x=int(x), y=int(y))
        yield
