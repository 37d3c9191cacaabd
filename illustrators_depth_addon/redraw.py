"""Asks Blender to draw editors again. An update callback, so no class may live in this module
(see `callbacks`)."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["redraw", "redraw_image_editors"]


def redraw(*kinds: str) -> None:
    """Draw all editors of these types again, in every window."""
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type in kinds:
                area.tag_redraw()


def redraw_image_editors(_owner: Any, _context: Any) -> None:
    redraw("IMAGE_EDITOR")
