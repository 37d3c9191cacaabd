"""Properties of an image datablock: results of a prediction, and the items of its layer list."""

from __future__ import annotations

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    FloatProperty,
    FloatVectorProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from illustrators_depth.settings import ReadSettings, ReliefSettings

from ..settings.controls import control
from .callbacks import (
    layer_activated,
    layer_grouped,
    layer_locked,
    layer_recolored,
    layer_renamed,
    layer_shown,
    layer_spaced,
)

__all__ = ["ATTACHED", "CLASSES"]

_RELIEF = ReliefSettings()


class ILLDEPTH_PG_layer(bpy.types.PropertyGroup):
    """One item of the layer list. Name, color and visibility mirror the stack; the rest is ours.

    The items run from the bottom layer up, as the stack does; `layer_list` keeps them so.
    """

    name: StringProperty(
        name="Name",
        description="Name of the layer and of its object",
        update=layer_renamed,
    )
    uid: IntProperty(name="Identity", description="What the layer is known by, whatever its name")
    split_from: IntProperty(name="Split From", description="Identity of the layer it was part of")
    shown: BoolProperty(
        name="Show",
        description="Show the layer; without it, what continues below it is revealed",
        default=True,
        update=layer_shown,
    )
    locked: BoolProperty(
        name="Lock",
        description="Keep edits from changing the layer, and its object from being selected",
        update=layer_locked,
    )
    selected: BoolProperty(
        name="Select", description="Let Merge, Hide and Delete work on this layer too"
    )
    color: FloatVectorProperty(
        name="Color",
        description="Mean color of the layer; its shading stays when you change it",
        subtype="COLOR_GAMMA",
        min=0.0,
        max=1.0,
        update=layer_recolored,
    )
    group: StringProperty(
        name="Group",
        description="Group of layers that this one is in, such as balloon or balloon/basket; "
        "empty for none",
        update=layer_grouped,
    )
    confidence: FloatProperty(
        name="Confidence",
        description="How clearly the picture shows the layer's place in the order, from 0 to 1; "
        "-1 where that is not known",
        default=-1.0,
        min=-1.0,
        max=1.0,
    )
    trusted: BoolProperty(
        name="Checked", description="You have looked at the layer's place, and it is right"
    )
    own_thickness: BoolProperty(
        name="Own Thickness",
        description="Give this layer another thickness than the stack's",
        update=layer_spaced,
    )
    thickness_mm: FloatProperty(
        name="Thickness",
        description="Thickness of this layer in millimeters",
        min=0.01,
        soft_max=20.0,
        default=_RELIEF.thickness_mm,
        update=layer_spaced,
        subtype="DISTANCE_CAMERA",
    )
    own_gap: BoolProperty(
        name="Own Gap",
        description="Give this layer another distance to the one below than the stack's",
        update=layer_spaced,
    )
    gap_mm: FloatProperty(
        name="Gap",
        description="Clear distance to the layer below in millimeters",
        min=0.0,
        soft_max=50.0,
        default=_RELIEF.gap_mm,
        update=layer_spaced,
        subtype="DISTANCE_CAMERA",
    )


class ILLDEPTH_PG_image(bpy.types.PropertyGroup):
    """The cached result of a picture, on its image datablock; see `storage`."""

    depth: PointerProperty(type=bpy.types.Image, name="Depth")
    depth_low: FloatProperty(name="Depth at 0")
    depth_high: FloatProperty(name="Depth at 1")
    depth_key: StringProperty(name="Depth Checksum")
    predictor: StringProperty(name="Predictor")
    device: StringProperty(name="Device")
    stack_key: StringProperty(name="Layers")
    file_key: StringProperty(name="Packed File")
    layers_file: StringProperty(
        name="Layers From",
        description="File that the layers were read from, empty where they were predicted",
        subtype="FILE_PATH",
    )
    layers_split: control(ReadSettings, "split", labels={"auto": "Automatic"})
    layers_note: StringProperty(name="What Could Not Be Kept")
    is_result: BoolProperty(name="Made by Illustrator's Depth")
    layers: CollectionProperty(type=ILLDEPTH_PG_layer, name="Layers")
    active_layer: IntProperty(
        name="Active Layer",
        description="The line of the layer list that buttons work on; its objects are selected",
        update=layer_activated,
    )


CLASSES = (
    ILLDEPTH_PG_layer,
    ILLDEPTH_PG_image,
)
ATTACHED = ((bpy.types.Image, "illdepth", ILLDEPTH_PG_image),)
