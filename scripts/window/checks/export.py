"""An export from the file selector, done by the worker while the window lives."""

from __future__ import annotations

from typing import Any

import bpy

from ..steps import Steps, in_3d_view, operators, output_folder, wait_until
from .common import is_idle, passed

__all__ = ["export_by_the_worker"]


def export_by_the_worker() -> Steps:
    path = output_folder() / "parrot.stl"
    in_3d_view(
        lambda: operators().export_print(
            "INVOKE_DEFAULT", image="parrot.png", filepath=str(path), kind="STL"
        )
    )
    yield from wait_until(lambda: file_selector() is not None, "the file selector")
    for _ in range(5):
        yield  # it is drawn, and has listed its folder
    window, area = file_selector()
    for value in ("PRESS", "RELEASE"):
        x, y = area.x + area.width // 2, area.y + area.height // 2
        window.event_simulate(type="RET", value=value, x=x, y=y)
    yield from wait_until(lambda: file_selector() is None, "the file selector to close", 60)
    yield from wait_until(lambda: path.exists(), "the file", 200)
    yield from wait_until(is_idle, "the export")
    assert path.stat().st_size > 1000
    path.unlink()
    passed("an export from the file selector is done by the worker while the window lives")


def file_selector() -> Any:
    """Window and area of the open file selector, None when there is none."""
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type == "FILE_BROWSER":
                return window, area
    return None
