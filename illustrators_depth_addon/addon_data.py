"""Reaches what the add-on keeps on datablocks: property groups, and bytes in custom properties."""

from __future__ import annotations

from typing import Any

__all__ = ["addon_data", "set_bytes"]


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
