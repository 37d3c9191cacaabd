"""Properties of collections and objects: which build a collection is, which layer an object."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, IntProperty, PointerProperty, StringProperty

__all__ = ["ATTACHED", "CLASSES"]


class ILLDEPTH_PG_collection(bpy.types.PropertyGroup):
    """What a build's collection shows, and of which picture."""

    kind: StringProperty(name="Kind")
    image: PointerProperty(type=bpy.types.Image, name="Picture")
    given_name: StringProperty(name="Name Given")
    name_tail: StringProperty(name="Name without the Picture's")


class ILLDEPTH_PG_object(bpy.types.PropertyGroup):
    """Which layer an object is."""

    layer: IntProperty(name="Layer", default=-1)
    layer_name: StringProperty(name="Layer Name")
    layer_uid: IntProperty(name="Layer Identity")
    given_name: StringProperty(name="Name Given")
    name_tail: StringProperty(name="Name without the Picture's")
    shape_key: StringProperty(name="Outline Built")
    picture_key: StringProperty(name="Texture Built")
    hidden_layer: BoolProperty(name="Hidden with Its Layer")
    locked_layer: BoolProperty(name="Locked with Its Layer")


CLASSES = (
    ILLDEPTH_PG_collection,
    ILLDEPTH_PG_object,
)
ATTACHED = (
    (bpy.types.Collection, "illdepth", ILLDEPTH_PG_collection),
    (bpy.types.Object, "illdepth", ILLDEPTH_PG_object),
)
