"""Handlers that Blender calls when a file is opened or saved, or the scene is updated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .context import show_problem
from .editing import layers as layer_edits
from .editing import live_update, object_sync
from .scene.images import packing
from .session import SESSION, preload
from .storage.saved_file import is_whole
from .translations import reported

__all__ = ["register", "unregister"]


@persistent
def _before_loading(*_: Any) -> None:
    SESSION.jobs.before_loading()


@persistent
def _after_loading(*_: Any) -> None:
    SESSION.forget_file()
    layer_edits.sync_unfinished()
    SESSION.jobs.after_loading()
    _subscribe()


@persistent
def _after_update(scene: Any, depsgraph: Any) -> None:
    object_sync.objects_updated(scene, depsgraph)


def _subscribe() -> None:
    """Let objects and rows of the layer list follow each other, see `object_sync`.

    Only in a window: a script that works in the background calls what it needs itself.
    """
    if not bpy.app.background:
        object_sync.subscribe()


@persistent
def _before_saving(*_: Any) -> None:
    # Encoding needs disk and memory; where it fails, the file has the layers from before the edit.
    unsaved = SESSION.layer_files.flush(SESSION.layers.load)
    if unsaved:
        show_problem(
            reported(
                "The last edit of the layers of {name} is not in the file; free disk space or "
                "memory and save again",
                name=", ".join(unsaved),
            )
        )


@persistent
def _after_saving(path: str = "", *_: Any) -> None:
    saved_path = path or bpy.data.filepath
    if not is_whole(Path(saved_path)):
        show_problem(
            reported(
                "{file} was cut short in saving: is the disk full? Free some space and save again",
                file=Path(saved_path).name,
            )
        )


_HANDLERS = (
    ("load_pre", _before_loading),
    ("load_post", _after_loading),
    ("save_pre", _before_saving),
    ("save_post", _after_saving),
)


def register() -> None:
    """Add all handlers; that of scene updates only where there is a window."""
    for event, handler in _HANDLERS:
        getattr(bpy.app.handlers, event).append(handler)
    if not bpy.app.background:
        bpy.app.handlers.depsgraph_update_post.append(_after_update)
    _subscribe()
    packing.register()


def unregister() -> None:
    """Take away all handlers, and timers that other modules have started."""
    packing.unregister()
    object_sync.unsubscribe()
    for event, handler in (*_HANDLERS, ("depsgraph_update_post", _after_update)):
        listed = getattr(bpy.app.handlers, event)
        if handler in listed:
            listed.remove(handler)
    for timer in (live_update.update_when_rested, preload.step):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
