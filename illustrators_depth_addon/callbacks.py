"""Functions that properties call, kept apart from the classes that own those properties.

On Blender 4.2 a callback whose module also holds its own class forms a reference cycle that
outlives Blender's shutdown, and the `bpy` module then crashes at exit. So nothing is imported here
at the top that leads back to a registered class.
"""

from __future__ import annotations

from typing import Any

from .attached import attached

__all__ = ["engine_changed", "is_picture"]


def is_picture(_owner: Any, image: Any) -> bool:
    """Leave our own depth images, renders and viewers out of the picture menu."""
    return not attached(image).is_result and image.type not in ("RENDER_RESULT", "COMPOSITING")


def engine_changed(_owner: Any, _context: Any) -> None:
    """Another Python was chosen: the next job starts on it."""
    from . import engine_client

    engine_client.close()
