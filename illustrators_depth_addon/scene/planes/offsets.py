"""How far each layer of planes or of a pop-up card stands from the first: offsets that add up."""

from __future__ import annotations

from typing import Any

import bpy

from ..datablocks.custom_properties import drive
from .root import OFFSET

__all__ = ["EXTRA", "add_up_offsets"]

# Of a layer: room that is kept free beside it, on top of the offset.
EXTRA = "extra_offset"


def add_up_offsets(
    item: bpy.types.Object,
    name: str,
    root: bpy.types.Object,
    neighbor: bpy.types.Object | None,
    extra_of: bpy.types.Object | None,
) -> None:
    """Drive a layer's distance by its neighbor's, the root's offset and the extra room.

    Plain arithmetic: Blender evaluates it without Python, so no "auto-run scripts" warning.

    Args:
        item: the layer's object.
        name: its property that holds the distance.
        root: of the build; it has the property OFFSET.
        neighbor: the layer that the distance is counted on from; None for the first, at 0.
        extra_of: whose EXTRA counts: of the two layers, the one that the room belongs to.
    """
    path = f'["{name}"]'
    if neighbor is None or extra_of is None:
        item.driver_remove(path)
        properties: Any = item
        properties[name] = 0.0
        return
    drive(
        item,
        (path, -1),
        "neighbor + offset + extra",
        neighbor=(neighbor, path),
        offset=(root, f'["{OFFSET}"]'),
        extra=(extra_of, f'["{EXTRA}"]'),
    )
