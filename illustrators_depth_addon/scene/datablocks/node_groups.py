"""Makes the add-on's geometry-nodes groups, and finds them again: one of each in a file."""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["new_modifier_group", "shared_group"]


def shared_group(name: str) -> Any:
    """The group of this name that the file has, None if there is none."""
    group = bpy.data.node_groups.get(name)
    return group if group is not None and group.bl_idname == "GeometryNodeTree" else None


def new_modifier_group(name: str) -> Any:
    """An empty group for a modifier: geometry in, geometry out."""
    group: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    group.is_modifier = True
    for direction in ("INPUT", "OUTPUT"):
        group.interface.new_socket(
            name="Geometry", in_out=direction, socket_type="NodeSocketGeometry"
        )
    return group
