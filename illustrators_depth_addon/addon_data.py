"""Reaches the add-on's property groups, which Blender's type stubs cannot know."""

from __future__ import annotations

from typing import Any

__all__ = ["addon_data"]


def addon_data(owner: Any) -> Any:
    """The add-on's properties on a scene, image, collection, object or window manager."""
    return owner.illdepth
