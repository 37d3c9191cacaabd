"""Renders the scene's frames into one MP4, and puts the scene's output settings back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import UnavailableError
from illustrators_depth.io.atomic import atomic_path

__all__ = ["OutputSettings", "render_video", "set_up_video"]

# Blender's quality presets for FFmpeg: visually lossless for flat art, and small.
_RATE_FACTOR = "HIGH"


class OutputSettings:
    """The output settings of a scene as they were, to be put back once."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._name = scene.name
        render: Any = scene.render
        names = ("filepath", "use_file_extension", "resolution_x", "resolution_y")
        self._render = {name: getattr(render, name) for name in names}
        image = render.image_settings
        # The kind of medium decides on the formats (Blender 5.0), so it comes first.
        kinds = ("media_type", "file_format", "color_mode")
        self._image = {name: getattr(image, name) for name in kinds if hasattr(image, name)}

    def __call__(self) -> None:
        scene = bpy.data.scenes.get(self._name)
        if scene is None:
            return
        for name, value in self._image.items():
            setattr(scene.render.image_settings, name, value)
        for name, value in self._render.items():
            setattr(scene.render, name, value)


def set_up_video(scene: bpy.types.Scene, path: Path) -> OutputSettings:
    """Let the scene render into an H.264 MP4 at `path`; call what is returned to undo it."""
    restore = OutputSettings(scene)
    render: Any = scene.render
    image = render.image_settings
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format, image.color_mode = "FFMPEG", "RGB"
    render.ffmpeg.format, render.ffmpeg.codec = "MPEG4", "H264"
    render.ffmpeg.constant_rate_factor = _RATE_FACTOR
    render.filepath, render.use_file_extension = str(path), False
    # H.264 halves the resolution of colors: sides must be even.
    render.resolution_x += render.resolution_x % 2
    render.resolution_y += render.resolution_y % 2
    return restore


@contextmanager
def _as_video(scene: bpy.types.Scene, path: Path) -> Iterator[None]:
    restore = set_up_video(scene, path)
    try:
        yield
    finally:
        restore()


def render_video(scene: bpy.types.Scene, path: Path, overwrite: bool = False) -> Path:
    """Render all frames of the scene into an MP4 that appears whole or not at all, waiting.

    Raises InputError when `path` exists and `overwrite` is off, UnavailableError when Blender wrote
    nothing.
    """
    with atomic_path(path, overwrite) as partial, _as_video(scene, partial):
        bpy.ops.render.render(animation=True, scene=scene.name)
        if not partial.is_file() or partial.stat().st_size == 0:
            raise UnavailableError(f"Blender rendered nothing into {path}; check its output above.")
    return path
