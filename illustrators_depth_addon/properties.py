"""What the add-on stores in a .blend: settings on the scene, results on images, roles on builds.

Field names, ranges and defaults mirror the engine's settings dataclasses; `panel_settings` turns a
group into one. Nothing is kept outside the file's own data, so undo, copy and save just work.

The classes hold properties only. On Blender 4.2 a property group with a method, or with a callback
from its own module, forms a reference cycle that outlives Blender's shutdown, and the `bpy` module
then crashes at exit.
"""

from __future__ import annotations

from typing import Any

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

from .callbacks import is_picture
from .scene.displacement import DisplacementOptions

__all__ = ["CLASSES", "register", "unregister"]

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
            ("clusters", "Color Clusters", "For flat art: one layer per colour area"),
            ("bins", "Depth Bins", "For painterly and photographic pictures"),
        ),
        default=_LAYERS.method,
    )
    layers: IntProperty(
        name="Layers",
        description="Number of layers, 0 chooses it from the picture",
        min=0,
        max=255,
        soft_max=32,
        default=_LAYERS.layers,
    )
    detail: FloatProperty(
        name="Detail",
        description="How readily a further layer is opened when the number is automatic",
        min=0.0,
        max=1.0,
        default=_LAYERS.detail,
        subtype="FACTOR",
    )
    min_region: FloatProperty(
        name="Smallest Region",
        description="Smaller parts join their neighbour, in pixels of a 1024 x 1024 picture",
        min=0.0,
        soft_max=1000.0,
        default=_LAYERS.min_region,
    )
    completion: EnumProperty(
        name="Hidden Parts",
        description="How a layer continues under the layers above it",
        items=(
            ("smooth", "Smooth", "The outline continues smoothly"),
            ("nearest", "Nearest", "By the nearest visible pixel"),
            ("none", "None", "Only what is seen"),
        ),
        default=_COMPLETE.method,
    )
    size_mm: FloatProperty(
        name="Size",
        description="Longest side of the picture in millimetres (100 mm are one Blender unit)",
        min=1.0,
        max=100_000.0,
        soft_max=1000.0,
        default=_RELIEF.size_mm,
    )
    thickness_mm: FloatProperty(
        name="Thickness",
        description="Thickness of newly built layers in millimetres",
        min=0.01,
        soft_max=20.0,
        default=_RELIEF.thickness_mm,
    )
    gap_mm: FloatProperty(
        name="Gap",
        description="Clear distance between newly built layers in millimetres",
        min=0.0,
        soft_max=50.0,
        default=_RELIEF.gap_mm,
    )
    height_mm: FloatProperty(
        name="Height",
        description="Height of a newly built displacement relief in millimetres",
        min=0.01,
        soft_max=100.0,
        default=_RAISED.height_mm,
    )
    shader: EnumProperty(
        name="Shader",
        description="Material of newly built objects",
        items=(
            ("PRINCIPLED", "Principled", "Lit like matt paper"),
            ("SHADELESS", "Shadeless", "The picture's own colours, whatever the light"),
            ("EMISSION", "Emission", "Shines with the picture's colours"),
        ),
        default="PRINCIPLED",
    )
    textured: BoolProperty(
        name="Picture Texture",
        description="Texture layers with the picture, else with their flat colour",
        default=True,
    )


class ILLDEPTH_PG_image(bpy.types.PropertyGroup):
    """The cached result of a picture, on its image datablock; see `image_cache`."""

    depth: PointerProperty(type=bpy.types.Image, name="Depth")
    depth_low: FloatProperty(name="Depth at 0")
    depth_high: FloatProperty(name="Depth at 1")
    predictor: StringProperty(name="Predictor")
    device: StringProperty(name="Device")
    stack_key: StringProperty(name="Layers")
    is_result: BoolProperty(name="Made by Illustrator's Depth")


class ILLDEPTH_PG_collection(bpy.types.PropertyGroup):
    """What a build's collection shows, and of which picture."""

    kind: StringProperty(name="Kind")
    image: PointerProperty(type=bpy.types.Image, name="Picture")


class ILLDEPTH_PG_object(bpy.types.PropertyGroup):
    """Which layer an object is."""

    layer: IntProperty(name="Layer", default=-1)
    layer_name: StringProperty(name="Layer Name")


class ILLDEPTH_PG_progress(bpy.types.PropertyGroup):
    """Progress of the running job, shown by the panel; never saved."""

    running: BoolProperty(options={"SKIP_SAVE"})
    fraction: FloatProperty(options={"SKIP_SAVE"})
    text: StringProperty(options={"SKIP_SAVE"})


CLASSES = (
    ILLDEPTH_PG_settings,
    ILLDEPTH_PG_image,
    ILLDEPTH_PG_collection,
    ILLDEPTH_PG_object,
    ILLDEPTH_PG_progress,
)

_GROUPS: tuple[tuple[Any, Any], ...] = (
    (bpy.types.Scene, ILLDEPTH_PG_settings),
    (bpy.types.Image, ILLDEPTH_PG_image),
    (bpy.types.Collection, ILLDEPTH_PG_collection),
    (bpy.types.Object, ILLDEPTH_PG_object),
    (bpy.types.WindowManager, ILLDEPTH_PG_progress),
)


def register() -> None:
    for owner, group in _GROUPS:
        owner.illdepth = PointerProperty(type=group)  # type: ignore[func-returns-value]


def unregister() -> None:
    for owner, _ in reversed(_GROUPS):
        del owner.illdepth
