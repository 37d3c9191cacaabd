"""Thickness of the layers of a stacked build and the gaps between them, live.

The properties "thickness" and "gap" of a build's root are the truth once it is made: modifiers and
places follow them by drivers. A layer with a thickness or gap of its own has it in the same
property of its object. The sliders of the panel write into these, and so may the user's drivers and
keyframes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import bpy

from ...addon_data import addon_data
from ..datablocks.custom_properties import drive
from ..objects.build_collection import GAP
from ..units import to_units

__all__ = [
    "LAYER_THICKNESS",
    "THICKNESS",
    "clear_gap",
    "lock_objects",
    "set_gap",
    "set_own_thickness",
    "set_stack_thickness",
    "share_thickness",
    "stack_up",
]

# The modifier of each layer object.
THICKNESS = "Thickness"
_THICKNESS_PATH = f'modifiers["{THICKNESS}"].thickness'
# The property that the modifiers follow: of a build's root, or of a layer that has its own.
LAYER_THICKNESS = "thickness"


def set_stack_thickness(
    root: bpy.types.Object | None, items: Sequence[bpy.types.Object], thickness: float
) -> None:
    """Thickness of all of these layers, Blender units, whether they follow the root or lost it."""
    if root is not None:
        _set_length(root, LAYER_THICKNESS, thickness, "Thickness of layers without their own")
    for item in items:
        solidify: Any = item.modifiers.get(THICKNESS)
        if solidify is not None:
            solidify.thickness = thickness


def set_own_thickness(item: bpy.types.Object, mm: float) -> None:
    """Give one layer object a thickness that no longer follows the root's."""
    solidify: Any = item.modifiers.get(THICKNESS)
    if solidify is not None:
        solidify.thickness = to_units(mm)
        _set_length(item, LAYER_THICKNESS, to_units(mm), "Thickness of this layer")
        _drive_thickness(item, item)


def share_thickness(item: bpy.types.Object, root: bpy.types.Object) -> None:
    """Let a layer object's thickness follow the root's, where it still has its modifier."""
    if item.get(LAYER_THICKNESS) is not None:
        del item[LAYER_THICKNESS]
    if item.modifiers.get(THICKNESS) is not None:
        _drive_thickness(item, root)


def _drive_thickness(item: bpy.types.Object, owner: bpy.types.Object) -> None:
    curve = _thickness_driver(item)
    if curve is None or curve.driver.variables[0].targets[0].id != owner:
        source = (owner, f'["{LAYER_THICKNESS}"]')
        drive(item, (_THICKNESS_PATH, -1), "thickness", thickness=source)


def _thickness_driver(item: bpy.types.Object) -> Any:
    data: Any = item.animation_data
    curves = data.drivers if data is not None else ()
    return next((c for c in curves if c.data_path == _THICKNESS_PATH), None)


def _thickness_source(
    item: bpy.types.Object, root: bpy.types.Object
) -> tuple[bpy.types.Object, str]:
    """What decides on the thickness of a layer: Blender's graph does not see through its modifier.

    The modifier itself where the user has taken the driver off it.
    """
    if _thickness_driver(item) is None:
        return item, _THICKNESS_PATH
    owner = item if item.get(LAYER_THICKNESS) is not None else root
    return owner, f'["{LAYER_THICKNESS}"]'


def set_gap(owner: bpy.types.Object, gap: float) -> None:
    """The gap of a whole build (on its root) or of one layer (on its object), in Blender units."""
    _set_length(owner, GAP, gap, "Clear distance between a layer and the one below it")


def _set_length(owner: bpy.types.Object, name: str, value: float, description: str) -> None:
    data: Any = owner
    is_new = data.get(name) is None
    data[name] = value
    if is_new:
        data.id_properties_ui(name).update(
            min=0.0,
            soft_max=0.5,
            step=0.1,
            precision=3,
            subtype="DISTANCE",
            default=value,
            description=description,
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
        _drive_height(item, below, root)
        if not addon_data(item).hidden_layer:
            below = item


def lock_objects(items: Sequence[bpy.types.Object], locked: Collection[int]) -> None:
    """Make objects of locked layers unselectable, and only those of others selectable again."""
    for item in items:
        data = addon_data(item)
        lock = data.layer_uid in locked
        if data.locked_layer != lock:
            data.locked_layer = item.hide_select = lock


def _drive_height(
    item: bpy.types.Object, below: bpy.types.Object | None, root: bpy.types.Object
) -> None:
    """Drive the height of a layer by the one below: its height, its thickness, and the gap."""
    gap_owner = item if item.get(GAP) is not None else root
    thickness = _thickness_source(below, root) if below is not None else None
    if _is_driven_by(item, below, gap_owner, thickness):
        return
    if below is None or thickness is None:
        item.driver_remove("delta_location", 2)
        item.delta_location[2] = 0.0
        return
    drive(
        item,
        ("delta_location", 2),
        "below + thick + gap",
        below=(below, "delta_location[2]"),
        thick=thickness,
        gap=(gap_owner, f'["{GAP}"]'),
    )


def _is_driven_by(
    item: bpy.types.Object,
    below: bpy.types.Object | None,
    gap_owner: bpy.types.Object,
    thickness: tuple[bpy.types.Object, str] | None,
) -> bool:
    """Whether the layer has this driver already: a new one has Blender rebuild its whole graph."""
    data: Any = item.animation_data
    curves = data.drivers if data is not None else ()
    curve = next(
        (c for c in curves if c.data_path == "delta_location" and c.array_index == 2), None
    )
    if curve is None or below is None:
        return curve is None and below is None
    targets = {v.name: (v.targets[0].id, v.targets[0].data_path) for v in curve.driver.variables}
    return (
        targets["below"][0] == below
        and targets["gap"][0] == gap_owner
        and targets["thick"] == thickness
    )
