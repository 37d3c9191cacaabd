"""Reaches what the add-on keeps on datablocks: property groups, bytes in custom properties."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["BLEND_RELATIVE", "addon_data", "set_bytes"]

# Options of a property that holds a path and takes `//`, the folder of the .blend; Blender 5 warns
# where it is missing, earlier ones do not know it.
BLEND_RELATIVE = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (5, 0, 0) else set()


def addon_data(owner: Any) -> Any:
    """The add-on's properties on a scene, image, collection, object or window manager."""
    return owner.illdepth


def set_bytes(owner: Any, name: str, content: bytes) -> None:
    """Set a custom property to bytes.

    The property is removed first: Blender cuts bytes that are set over others at their first zero.
    """
    if name in owner:
        del owner[name]
    owner[name] = content
