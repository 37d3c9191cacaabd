"""Which build a collection is, and which layer an object is."""

from __future__ import annotations

import bpy
from bpy.props import IntProperty, PointerProperty, StringProperty

__all__ = ["ATTACHED", "CLASSES"]


class ILLDEPTH_PG_collection(bpy.types.PropertyGroup):
    """What a build's collection shows, and of which picture."""

    kind: StringProperty(name="Kind")
    image: PointerProperty(type=bpy.types.Image, name="Picture")


class ILLDEPTH_PG_object(bpy.types.PropertyGroup):
    """Which layer an object is."""

    layer: IntProperty(name="Layer", default=-1)
    layer_name: StringProperty(name="Layer Name")


CLASSES = (
    ILLDEPTH_PG_collection,
    ILLDEPTH_PG_object,
)
ATTACHED = (
    (bpy.types.Collection, "illdepth", ILLDEPTH_PG_collection),
    (bpy.types.Object, "illdepth", ILLDEPTH_PG_object),
)
