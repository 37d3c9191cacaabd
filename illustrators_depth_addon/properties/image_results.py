"""What was found out about a picture, kept on its image datablock."""

from __future__ import annotations

import bpy
from bpy.props import BoolProperty, FloatProperty, PointerProperty, StringProperty

__all__ = ["ATTACHED", "CLASSES"]


class ILLDEPTH_PG_image(bpy.types.PropertyGroup):
    """The cached result of a picture, on its image datablock; see `image_cache`."""

    depth: PointerProperty(type=bpy.types.Image, name="Depth")
    depth_low: FloatProperty(name="Depth at 0")
    depth_high: FloatProperty(name="Depth at 1")
    predictor: StringProperty(name="Predictor")
    device: StringProperty(name="Device")
    stack_key: StringProperty(name="Layers")
    is_result: BoolProperty(name="Made by Illustrator's Depth")


CLASSES = (ILLDEPTH_PG_image,)
ATTACHED = ((bpy.types.Image, "illdepth", ILLDEPTH_PG_image),)
