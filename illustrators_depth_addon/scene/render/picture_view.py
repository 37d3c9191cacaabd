"""A scene that shows and renders a picture as it is: at its size, without tone mapping."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["own_colors", "own_size"]


def own_colors(scene: bpy.types.Scene) -> None:
    """Show the picture's own colors: no tone mapping, no look, no exposure."""
    view: Any = scene.view_settings
    view.view_transform, view.look = "Standard", "None"
    view.exposure, view.gamma = 0.0, 1.0


def own_size(scene: bpy.types.Scene, width: int, height: int) -> None:
    """Render so many square pixels."""
    render: Any = scene.render
    render.resolution_x, render.resolution_y = width, height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
