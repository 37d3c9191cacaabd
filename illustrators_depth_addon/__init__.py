"""Illustrator's Depth in Blender: flat illustration in, its layers out, as geometry.

The engine (`illustrators_depth`) comes as a wheel with the extension; slow work runs in the
engine's worker process, so Blender's window stays alive.
"""

from __future__ import annotations

import bpy

from . import (
    aside,
    engine_client,
    image_cache,
    layer_bytes,
    layer_session,
    live,
    log,
    menus,
    operators,
    overlay,
    panels,
    preferences,
    properties,
    running,
    translations,
    warm_up,
)
from .scene import packing

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
    overlay.register()
    layer_bytes.register()
    packing.register()
    running.register()
    engine_client.sweep()


def unregister() -> None:
    running.unregister()
    live.close()
    warm_up.close()
    engine_client.close()
    overlay.unregister()
    operators.presets.unregister()
    menus.unregister()
    translations.unregister()
    packing.unregister()
    layer_bytes.unregister()
    image_cache.clear_memory()
    log.unregister()
    layer_session.close()
    aside.close()
    properties.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
