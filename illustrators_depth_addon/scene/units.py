"""Scale of the scene: how many millimeters of paper one Blender unit stands for.

A print is 200 mm by default, which as true meters would be a speck beside Blender's default cube.
So the scene shows it at ten times its size: 100 mm are one Blender unit, 200 mm two. Exported STL
and 3MF files do not take part in this: the engine writes them in exact millimeters.
"""

from __future__ import annotations

__all__ = ["MM_PER_UNIT", "from_units", "to_units"]

MM_PER_UNIT = 100.0


def to_units(mm: float) -> float:
    """Millimeters of paper as Blender units."""
    return mm / MM_PER_UNIT


def from_units(length: float) -> float:
    """Blender units as millimeters of paper."""
    return length * MM_PER_UNIT
