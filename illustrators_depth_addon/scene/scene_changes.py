"""What a build changes in the scene besides its own objects, to be said to the user."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["SceneState"]


class SceneState:
    """Resolution, camera and colors of a scene as they were when this was made."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self._scene: Any = scene
        self._before = self._read()

    def _read(self) -> dict[str, str]:
        render, view = self._scene.render, self._scene.view_settings
        camera = self._scene.camera
        return {
            "Resolution": f"{render.resolution_x} x {render.resolution_y}",
            "Camera": camera.name if camera is not None else "-",
            "View Transform": view.view_transform,
        }

    def changes(self) -> list[tuple[str, str, str]]:
        """Name, value before and value now of what is different by now."""
        now = self._read()
        return [
            (key, before, now[key]) for key, before in self._before.items() if before != now[key]
        ]
