"""Sliders on a build's root and the drivers that follow them.

Custom properties and plain arithmetic: a file keeps working without the add-on, and Blender does
not ask whether scripts may run.
"""

from __future__ import annotations

from typing import Any

import bpy

__all__ = ["add_angle", "add_length", "add_share", "drive"]


def add_length(
    owner: bpy.types.ID, name: str, value: float, description: str, least: float = 0.0
) -> None:
    """Give `owner` a property in Blender units, shown in the scene's unit; `least` bounds it."""
    _add(
        owner,
        name,
        value,
        min=least,
        soft_max=10.0,
        step=0.1,
        precision=3,
        subtype="DISTANCE",
        description=description,
    )


def add_share(owner: bpy.types.ID, name: str, value: float, description: str) -> None:
    """Give `owner` a property from 0 to 1."""
    _add(owner, name, value, min=0.0, max=1.0, subtype="FACTOR", description=description)


def add_angle(owner: bpy.types.ID, name: str, value: float, description: str, most: float) -> None:
    """Give `owner` an angle from 0 to `most`, kept in radians and shown in degrees."""
    _add(owner, name, value, min=0.0, max=most, subtype="ANGLE", description=description)


def _add(owner: bpy.types.ID, name: str, value: float, **look: Any) -> None:
    holder: Any = owner
    holder[name] = float(value)
    holder.id_properties_ui(name).update(default=float(value), **look)


def drive(
    owner: Any,
    target: tuple[str, int],
    expression: str,
    **variables: tuple[bpy.types.ID, str],
) -> None:
    """Drive a property by an expression, replacing the driver that is there if it is another one.

    A new driver has Blender rebuild its whole graph.

    Args:
        owner: what holds the property.
        target: its path and index, -1 for a single value.
        expression: plain arithmetic over the variables' names.
        variables: name to datablock and data path.
    """
    path, index = target
    if _is_driven(owner, target, expression, variables):
        return
    owner.driver_remove(path, index)
    driver: Any = owner.driver_add(path, index).driver
    driver.type = "SCRIPTED"
    for name, (holder, data_path) in variables.items():
        variable = driver.variables.new()
        variable.name = name
        variable.targets[0].id = holder
        variable.targets[0].data_path = data_path
    driver.expression = expression


def _is_driven(
    owner: Any,
    target: tuple[str, int],
    expression: str,
    variables: dict[str, tuple[bpy.types.ID, str]],
) -> bool:
    """Whether the property has this driver already."""
    path, index = target
    data = owner.animation_data
    curve = data.drivers.find(path, index=max(0, index)) if data is not None else None
    if curve is None or curve.driver.expression != expression:
        return False
    present = {v.name: (v.targets[0].id, v.targets[0].data_path) for v in curve.driver.variables}
    return bool(present == variables)
