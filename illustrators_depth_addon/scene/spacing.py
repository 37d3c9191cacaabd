"""Thickness of the layers of a stacked build and the gaps between them, live.

The modifiers and the property "gap" are the truth once a build is made; the sliders of the panel
write into them, and so may the user's own drivers and keyframes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import bpy

from ..addon_data import addon_data
from .builds import GAP
from .custom_properties import drive
from .units import to_units

__all__ = [
    "THICKNESS",
    "clear_gap",
    "lock_objects",
    "set_gap",
    "set_thickness",
    "stack_up",
]

THICKNESS = "Thickness"


def set_thickness(item: bpy.types.Object, mm: float) -> None:
    """Thickness of one layer object, where it still has its modifier."""
    solidify: Any = item.modifiers.get(THICKNESS)
    if solidify is not None:
        solidify.thickness = to_units(mm)


def set_gap(owner: bpy.types.Object, gap: float) -> None:
    """The gap of a whole build (on its root) or of one layer (on its object), in Blender units."""
    data: Any = owner
    fresh = data.get(GAP) is None
    data[GAP] = gap
    if fresh:
        data.id_properties_ui(GAP).update(
            min=0.0,
            soft_max=0.5,
            step=0.1,
            precision=3,
            subtype="DISTANCE",
            default=gap,
            description="Clear distance between a layer and the one below it",
        )
    owner.update_tag()


def clear_gap(item: bpy.types.Object) -> None:
    """Let a layer keep the distance that its whole build has."""
    if item.get(GAP) is not None:
        del item[GAP]


def stack_up(items: Sequence[bpy.types.Object], root: bpy.types.Object) -> None:
    """Stand each object on the nearest one below it that is not hidden with its layer."""
    below: bpy.types.Object | None = None
    for item in items:
        _stand_on(item, below, root)
        if not addon_data(item).hidden_layer:
            below = item


def lock_objects(items: Sequence[bpy.types.Object], locked: Collection[int]) -> None:
    """Make objects of locked layers unselectable, and only those of others selectable again."""
    for item in items:
        data = addon_data(item)
        lock = data.layer_uid in locked
        if data.locked_layer != lock:
            data.locked_layer = item.hide_select = lock


def _stand_on(
    item: bpy.types.Object, below: bpy.types.Object | None, root: bpy.types.Object
) -> None:
    """Drive the height of a layer by the one below: its height, its thickness, and the gap."""
    gap_owner = item if item.get(GAP) is not None else root
    if _stands_on(item, below, gap_owner):
        return
    if below is None:
        item.driver_remove("delta_location", 2)
        item.delta_location[2] = 0.0
        return
    drive(
        item,
        ("delta_location", 2),
        "below + thick + gap",
        below=(below, "delta_location[2]"),
        thick=(below, f'modifiers["{THICKNESS}"].thickness'),
        gap=(gap_owner, f'["{GAP}"]'),
    )


def _stands_on(
    item: bpy.types.Object, below: bpy.types.Object | None, gap_owner: bpy.types.Object
) -> bool:
    """Whether the driver says so already; making one anew has Blender rebuild its whole graph."""
    data: Any = item.animation_data
    curves = data.drivers if data is not None else ()
    curve = next(
        (c for c in curves if c.data_path == "delta_location" and c.array_index == 2), None
    )
    if curve is None or below is None:
        return curve is None and below is None
    targets = {v.name: v.targets[0].id for v in curve.driver.variables}
    return targets == {"below": below, "thick": below, "gap": gap_owner}
