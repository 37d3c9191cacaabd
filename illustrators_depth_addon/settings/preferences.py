"""What the user chose in the add-on's preferences."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["engine_python", "model_file", "preferences"]

# The add-on's own package, whatever the extension platform has put before its name.
_ADDON = (__package__ or "").rpartition(".")[0]


def preferences() -> Any:
    """This add-on's preferences, None when it was registered by hand and not enabled."""
    settings: Any = bpy.context.preferences
    addon = settings.addons.get(_ADDON)
    return addon.preferences if addon is not None else None


def engine_python() -> str | None:
    """The external interpreter that the user chose, None for Blender's own."""
    user_preferences = preferences()
    if (
        user_preferences is None
        or user_preferences.engine == "BUNDLED"
        or not user_preferences.python
    ):
        return None
    return bpy.path.abspath(user_preferences.python)


def model_file() -> str:
    """The model file that scenes without one use, "" when none is named."""
    user_preferences = preferences()
    return (
        ""
        if user_preferences is None or not user_preferences.model_file
        else bpy.path.abspath(user_preferences.model_file)
    )
