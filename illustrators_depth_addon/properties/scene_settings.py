"""The scene's settings: one field per control of the panel.

Lengths of paper have the subtype that Blender shows in mm, whatever the scene's units; labels,
ranges and defaults are those of the engine's settings dataclasses (`settings.controls`);
`settings.scene` turns the group into one.
"""

from __future__ import annotations

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    PointerProperty,
    StringProperty,
)

from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReliefSettings,
)

from ..addon_data import BLEND_RELATIVE
from ..context import is_picture
from ..scene.displacement.build import DisplacementOptions
from ..settings.controls import control
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

_DEPTH = DepthSettings()


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
            (
                "heuristic",
                "Heuristic",
                "No network: containment, area and junctions of flat regions",
            ),
            ("FILE", "File", "A checkpoint, or a depth map that you already have"),
        ),
        default=_DEPTH.model,
    )
    model_path: StringProperty(
        name="Model File",
        description="An .onnx model, a torch checkpoint, or a depth map of the picture's size",
        subtype="FILE_PATH",
        options={"ANIMATABLE", *BLEND_RELATIVE},
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
    denoise: control(DepthSettings, "denoise")
    method: control(
        DecomposeSettings,
        "method",
        labels={"auto": "Automatic", "clusters": "Color Clusters", "bins": "Depth Bins"},
        update=controls_changed,
    )
    layers: control(
        DecomposeSettings,
        "layers",
        description="Number of layers, 0 chooses it from the picture. What you did to layers stays "
        "with those that are found again; locked ones stay as they are",
        soft_max=32,
        update=controls_changed,
    )
    automatic_layers: BoolProperty(
        name="Automatic",
        description="Choose the number of layers from the picture",
        get=has_automatic_layers,
        set=set_automatic_layers,
    )
    detail: control(DecomposeSettings, "detail", update=controls_changed)
    min_region: control(
        DecomposeSettings,
        "min_region",
        soft_max=1000.0,
        update=controls_changed,
        subtype="PIXEL",
    )
    completion: control(CompleteSettings, "method", update=controls_changed)
    size_mm: control(
        ReliefSettings,
        "size_mm",
        description="Longest side of the picture in millimeters (100 mm are one Blender unit)",
        min=1.0,
        soft_max=1000.0,
        update=controls_changed,
    )
    true_size: BoolProperty(
        name="True Size",
        description="Show layers and relief as large as the print: 200 mm are 0.2 m, else 2 m",
        update=true_size_changed,
    )
    thickness_mm: control(
        ReliefSettings,
        "thickness_mm",
        description="Thickness of all layers but those with their own, in millimeters",
        soft_max=20.0,
        options=set(),  # the build takes the keyframes: see panels.animation
        update=spacing_changed,
    )
    bevel_mm: FloatProperty(
        name="Bevel",
        description="Width of the beveled edges of the layers in millimeters; 0 for none",
        min=0.0,
        soft_max=2.0,
        default=0.0,
        update=bevel_changed,
        subtype="DISTANCE_CAMERA",
    )
    gap_mm: control(
        ReliefSettings,
        "gap_mm",
        description="Clear distance between layers in millimeters; above 0 nothing flickers",
        soft_max=50.0,
        options=set(),  # the build takes the keyframes: see panels.animation
        update=spacing_changed,
    )
    height_mm: control(
        ReliefSettings,
        "height_mm",
        description="Height of a newly built displacement relief in millimeters",
        default=DisplacementOptions().height_mm,
        soft_max=100.0,
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
