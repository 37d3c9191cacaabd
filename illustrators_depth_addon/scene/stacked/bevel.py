"""The bevel of stacked layers: a live modifier between the sheet's thickness and its shading.

Layers without a bevel have no such modifier: even with no width it is the slowest of all.
"""

from __future__ import annotations

import math
from typing import Any

import bpy

from ..units import to_units
from .spacing import THICKNESS

__all__ = ["BEVEL", "set_bevel"]

BEVEL = "Bevel"
_MIN_EDGE_ANGLE = math.radians(60.0)  # edges of caps and sharp corners


def set_bevel(item: bpy.types.Object, mm: float) -> None:
    """Bevel the edges of a layer object, `mm` wide; 0 takes the modifier away."""
    bevel: Any = item.modifiers.get(BEVEL)
    if mm <= 0.0:
        if bevel is not None:
            item.modifiers.remove(bevel)
        return
    if bevel is None:
        bevel = item.modifiers.new(BEVEL, "BEVEL")
        bevel.limit_method = "ANGLE"
        bevel.angle_limit = _MIN_EDGE_ANGLE
        bevel.segments = 1
        # Outlines are dense: kept from overlapping anywhere, the bevel would vanish everywhere.
        bevel.use_clamp_overlap = False
        bevel.loop_slide = False
        names = [m.name for m in item.modifiers]
        if THICKNESS in names:
            item.modifiers.move(len(names) - 1, names.index(THICKNESS) + 1)
    bevel.width = to_units(mm)
