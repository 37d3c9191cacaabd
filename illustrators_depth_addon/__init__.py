"""Illustrator's Depth in Blender: flat illustration in, its layers out, as geometry.

The engine (`illustrators_depth`) comes as a wheel with the extension; slow work runs in the
engine's worker process, so Blender's window stays alive.
"""

from __future__ import annotations

import bpy

from . import log, menus, operators, panels, preferences, properties, threads, translations
from .editing import live_update
from .panels import threshold_overlay
from .scene import packing
from .session import jobs, preload
from .session import worker as engine_worker
from .storage import image_cache, layer_file, layer_session

__all__ = ["register", "unregister"]

_CLASSES = (
    *properties.CLASSES,
    *preferences.CLASSES,
    *operators.CLASSES,
    *panels.CLASSES,
)


def register() -> None:
    """Add classes and properties to Blender; `unregister` takes all of them away again."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    chosen = preferences.preferences()
    log.register(*[chosen.log_level] if chosen is not None else [])
    properties.register()
    translations.register()
    menus.register()
    operators.presets.register()
    threshold_overlay.register()
    layer_file.register()
    packing.register()
    jobs.register()
    engine_worker.sweep()


def unregister() -> None:
    jobs.unregister()
    live_update.close()
    preload.close()
    engine_worker.close()
    threshold_overlay.unregister()
    operators.presets.unregister()
    menus.unregister()
    translations.unregister()
    packing.unregister()
    layer_file.unregister()
    image_cache.clear_memory()
    log.unregister()
    layer_session.close()
    threads.close()
    properties.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
