"""The scene's settings: one field per control of the panel.

Lengths of paper have the subtype that Blender shows in mm, whatever the scene's units; names,
ranges and defaults mirror the engine's settings dataclasses; `settings.scene` turns the
group into one.
"""

from __future__ import annotations

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReliefSettings,
)

from ..context import is_picture
from ..scene.displacement import DisplacementOptions
from .callbacks import (
    bevel_changed,
    controls_changed,
    has_automatic_layers,
    set_automatic_layers,
    spacing_changed,
    true_size_changed,
)

__all__ = ["ATTACHED", "CLASSES", "SHADER_ITEMS"]

SHADER_ITEMS = (
    ("PRINCIPLED", "Principled", "Lit like matte paper"),
    ("SHADELESS", "Shadeless", "The picture's own colors, whatever the light"),
    ("EMISSION", "Emission", "Shines with the picture's colors"),
)

_DEPTH, _LAYERS, _COMPLETE = DepthSettings(), DecomposeSettings(), CompleteSettings()
_RELIEF, _RAISED = ReliefSettings(), DisplacementOptions()


class ILLDEPTH_PG_settings(bpy.types.PropertyGroup):
    """Settings of the scene, one field per control of the panel."""

    image: PointerProperty(
        type=bpy.types.Image,
        name="Picture",
        description="The illustration to take apart",
        poll=is_picture,
    )
    model: EnumProperty(
        name="Model",
        description="What predicts the depth",
        items=(
            ("compact", "Compact", "The network that ships with the extension"),
            ("heuristic", "Heuristic", "No network: containment and area of flat regions"),
            ("FILE", "File", "A checkpoint, or a depth map that you already have"),
        ),
        default=_DEPTH.model,
    )
    model_path: StringProperty(
        name="Model File",
        description="An .onnx model, a torch checkpoint, or a depth map of the picture's size",
        subtype="FILE_PATH",
    )
    device: EnumProperty(
        name="Device",
        description="Where the network runs",
        items=(
            ("auto", "Automatic", "The fastest device that the engine finds"),
            ("cpu", "CPU", "The processor"),
            ("cuda", "CUDA", "An NVIDIA graphics card; needs an external Python with torch"),
            ("mps", "Metal", "An Apple graphics processor; needs an external Python with torch"),
        ),
        default=_DEPTH.device,
    )
    denoise: FloatProperty(
        name="Denoise",
        description="Blur against paper and canvas texture before anything else",
        min=0.0,
        max=1.0,
        default=_DEPTH.denoise,
        subtype="FACTOR",
    )
    method: EnumProperty(
        name="Method",
        description="How depth becomes layers",
        items=(
            ("auto", "Automatic", "By the kind of picture"),
            ("clusters", "Color Clusters", "For flat art: one layer per color area"),
            ("bins", "Depth Bins", "For painterly and photographic pictures"),
        ),
        default=_LAYERS.method,
        update=controls_changed,
    )
    layers: IntProperty(
        name="Layers",
        description="Number of layers, 0 chooses it from the picture. What you did to layers stays "
        "with those that are found again; locked ones stay as they are",
        min=0,
        max=255,
        soft_max=32,
        default=_LAYERS.layers,
        update=controls_changed,
    )
    automatic_layers: BoolProperty(
        name="Automatic",
        description="Choose the number of layers from the picture",
        get=has_automatic_layers,
        set=set_automatic_layers,
    )
    detail: FloatProperty(
        name="Detail",
        description="How readily a further layer is opened when the number is automatic",
        min=0.0,
        max=1.0,
        default=_LAYERS.detail,
        subtype="FACTOR",
        update=controls_changed,
    )
    min_region: FloatProperty(
        name="Smallest Region",
        description="Smaller parts join their neighbor, in pixels of a 1024 x 1024 picture",
        min=0.0,
        soft_max=1000.0,
        default=_LAYERS.min_region,
        update=controls_changed,
        subtype="PIXEL",
    )
    completion: EnumProperty(
        name="Hidden Parts",
        description="How a layer continues under the layers above it",
        items=(
            ("contour", "Contour", "Outlines go on as a person would draw them"),
            ("smooth", "Smooth", "The outline continues smoothly"),
            ("nearest", "Nearest", "By the nearest visible pixel"),
            ("none", "None", "Only what is seen"),
        ),
        default=_COMPLETE.method,
        update=controls_changed,
    )
    size_mm: FloatProperty(
        name="Size",
        description="Longest side of the picture in millimeters (100 mm are one Blender unit)",
        min=1.0,
        max=100_000.0,
        soft_max=1000.0,
        default=_RELIEF.size_mm,
        update=controls_changed,
        subtype="DISTANCE_CAMERA",
    )
    true_size: BoolProperty(
        name="True Size",
        description="Show layers and relief as large as the print: 200 mm are 0.2 m, else 2 m",
        update=true_size_changed,
    )
    thickness_mm: FloatProperty(
        name="Thickness",
        description="Thickness of all layers but those with their own, in millimeters",
        min=0.01,
        soft_max=20.0,
        default=_RELIEF.thickness_mm,
        options=set(),  # the build takes the keyframes: see panels.animation
        update=spacing_changed,
        subtype="DISTANCE_CAMERA",
    )
    bevel_mm: FloatProperty(
        name="Bevel",
        description="How far the edges of the layers are broken, in millimeters; 0 for none",
        min=0.0,
        soft_max=2.0,
        default=0.0,
        update=bevel_changed,
        subtype="DISTANCE_CAMERA",
    )
    gap_mm: FloatProperty(
        name="Gap",
        description="Clear distance between layers in millimeters; above 0 nothing flickers",
        min=0.0,
        soft_max=50.0,
        default=_RELIEF.gap_mm,
        options=set(),  # the build takes the keyframes: see panels.animation
        update=spacing_changed,
        subtype="DISTANCE_CAMERA",
    )
    height_mm: FloatProperty(
        name="Height",
        description="Height of a newly built displacement relief in millimeters",
        min=0.01,
        soft_max=100.0,
        default=_RAISED.height_mm,
        subtype="DISTANCE_CAMERA",
    )
    shader: EnumProperty(
        name="Shader",
        description="Material of newly built objects",
        items=SHADER_ITEMS,
        default="PRINCIPLED",
    )
    textured: BoolProperty(
        name="Picture Texture",
        description="Texture layers with the picture, else with their flat color",
        default=True,
    )


CLASSES = (ILLDEPTH_PG_settings,)
ATTACHED = ((bpy.types.Scene, "illdepth", ILLDEPTH_PG_settings),)
