"""The depth threshold of a scene and how it is shown; see `threshold` and `threshold_overlay`."""

from __future__ import annotations

import bpy
from bpy.props import EnumProperty, FloatProperty, FloatVectorProperty

from ..context import redraw_image_editors

__all__ = ["ATTACHED", "CLASSES"]


class ILLDEPTH_PG_edit(bpy.types.PropertyGroup):
    """Controls of editing by depth."""

    threshold: FloatProperty(
        name="Threshold",
        description="Depth that divides near from far, 0 at the farthest pixel, 1 at the nearest",
        min=0.0,
        max=1.0,
        default=0.5,
        subtype="FACTOR",
        update=redraw_image_editors,
    )
    preview: EnumProperty(
        name="Preview",
        description="Tint in the Image Editor what lies nearer than the threshold",
        items=(
            ("OFF", "Off", "No tint"),
            ("PIXELS", "Pixels", "Every pixel by its own depth: what Split at Threshold divides"),
            ("LAYERS", "Layers", "Whole layers: what would become the foreground"),
        ),
        default="OFF",
        update=redraw_image_editors,
    )
    tint: FloatVectorProperty(
        name="Tint",
        description="Color of the preview and how much it covers",
        subtype="COLOR_GAMMA",
        size=4,
        min=0.0,
        max=1.0,
        default=(0.0, 0.75, 1.0, 0.6),
        update=redraw_image_editors,
    )


CLASSES = (ILLDEPTH_PG_edit,)
ATTACHED = ((bpy.types.Scene, "illdepth_edit", ILLDEPTH_PG_edit),)
