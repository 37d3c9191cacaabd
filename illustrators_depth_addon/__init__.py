"""Illustrator's Depth in Blender: flat illustration in, its layers out, as geometry.

The engine (`illustrators_depth`) comes as a wheel with the extension; slow work runs in the
engine's worker process, so Blender's window stays alive.
"""

from __future__ import annotations

import bpy

from .libraries import check_libraries

check_libraries()

# ruff: noqa: E402 - what follows needs the libraries
from . import handlers, log, menus, operators, panels, preferences, properties, translations
from .operators import presets
from .panels import threshold_overlay, tools
from .session import SESSION
from .settings.preferences import preferences as user_preferences

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
    settings = user_preferences()
    log.register(*[settings.log_level] if settings is not None else [])
    properties.register()
    translations.register()
    menus.register()
    presets.register()
    threshold_overlay.register()
    tools.register()
    handlers.register()
    SESSION.worker.sweep()


def unregister() -> None:
    SESSION.close()
    handlers.unregister()
    tools.unregister()
    threshold_overlay.unregister()
    presets.unregister()
    menus.unregister()
    translations.unregister()
    log.unregister()
    properties.unregister()
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
