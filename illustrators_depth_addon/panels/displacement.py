"""Displacement relief: build it, and its live height."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.displacement.build import HEIGHT
from ..scene.displacement.geometry_inputs import draw_input
from ..scene.displacement.height_nodes import INPUTS
from ..scene.objects.build_collection import RELIEF, find_build
from .common import sub_panels

__all__ = ["CLASSES", "draw_displacement"]


def draw_displacement(
    layout: Any, context: bpy.types.Context, settings: Any, image: bpy.types.Image
) -> None:
    """Draw settings and button of the displaced relief."""
    collection = find_build(image, RELIEF, context.scene)
    if collection is None:
        layout.prop(settings, "size_mm")
        layout.prop(settings, "height_mm")
    layout.operator(
        "illdepth.build_displacement",
        text="Build Displacement" if collection is None else "Update Displacement",
        icon="MOD_DISPLACE",
    )
    for item in collection.objects if collection is not None else ():
        modifier: Any = item.modifiers.get(HEIGHT)
        if modifier is not None and modifier.type == "NODES":
            for name, *_ in INPUTS:
                draw_input(layout, modifier, name)


CLASSES = sub_panels("displacement", "Displacement", draw_displacement)
