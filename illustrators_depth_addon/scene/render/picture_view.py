"""Sets a scene up to show and render a picture as it is: at its size, without tone mapping."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["set_resolution", "show_own_colors"]


def show_own_colors(scene: bpy.types.Scene) -> None:
    """Show the picture's own colors: no tone mapping, no look, no exposure."""
    view: Any = scene.view_settings
    view.view_transform, view.look = "Standard", "None"
    view.exposure, view.gamma = 0.0, 1.0


def set_resolution(scene: bpy.types.Scene, width: int, height: int) -> None:
    """Set the render's size in square pixels, at 100 %."""
    render: Any = scene.render
    render.resolution_x, render.resolution_y = width, height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
