"""The scene's property group as the engine's settings dataclasses, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReliefSettings,
)

from . import layer_list
from .attached import attached
from .preferences import model_file
from .scene.displacement import DisplacementOptions
from .scene.stacked import StackedOptions

__all__ = [
    "apply_settings",
    "complete_settings",
    "decompose_settings",
    "depth_settings",
    "displacement_options",
    "relief_settings",
    "stacked_options",
]


def _number(value: float) -> float:
    """A float32 property as the decimal number that was typed: 0.1, not 0.10000000149."""
    return float(f"{value:.7g}")


def depth_settings(scene: bpy.types.Scene) -> DepthSettings:
    """Raises InputError when a model file is asked for and none is named."""
    group = attached(scene)
    model = _named_file(group) if group.model == "FILE" else group.model
    return DepthSettings(model=model, device=group.device, denoise=_number(group.denoise))


def _named_file(group: Any) -> str:
    found = bpy.path.abspath(group.model_path) or model_file()
    if not found:
        raise InputError("Model is File, but no file is named; choose one below it.")
    return found


def decompose_settings(scene: bpy.types.Scene) -> DecomposeSettings:
    group = attached(scene)
    return DecomposeSettings(
        method=group.method,
        layers=group.layers,
        detail=_number(group.detail),
        min_region=_number(group.min_region),
        denoise=_number(group.denoise),
    )


def complete_settings(scene: bpy.types.Scene) -> CompleteSettings:
    return CompleteSettings(method=attached(scene).completion)


def relief_settings(scene: bpy.types.Scene) -> ReliefSettings:
    group = attached(scene)
    return ReliefSettings(
        size_mm=_number(group.size_mm),
        thickness_mm=_number(group.thickness_mm),
        gap_mm=_number(group.gap_mm),
    )


def stacked_options(scene: bpy.types.Scene, image: bpy.types.Image | None = None) -> StackedOptions:
    """The scene's look; with a picture, also its layers' own spacing and locks."""
    group = attached(scene)
    lines = attached(image).layers if image is not None else ()
    return StackedOptions(
        textured=group.textured,
        shader=group.shader,
        own=layer_list.own_spacing(image) if image is not None else {},
        locked=frozenset(line.uid for line in lines if line.locked),
    )


def displacement_options(scene: bpy.types.Scene) -> DisplacementOptions:
    group = attached(scene)
    return DisplacementOptions(
        size_mm=_number(group.size_mm),
        height_mm=_number(group.height_mm),
        shader=group.shader,
    )


def apply_settings(
    scene: bpy.types.Scene,
    depth: DepthSettings | None = None,
    layers: DecomposeSettings | None = None,
    relief: ReliefSettings | None = None,
) -> None:
    """Put engine settings into the scene, where the panel shows them; what is None stays."""
    group = attached(scene)
    if depth is not None:
        known = {item.identifier for item in group.bl_rna.properties["model"].enum_items}
        if depth.model in known - {"FILE"}:
            group.model = depth.model
        else:
            group.model, group.model_path = "FILE", str(Path(depth.model).resolve())
        group.device, group.denoise = depth.device, depth.denoise
    if layers is not None:
        group.method, group.layers = layers.method, layers.layers
        group.detail, group.min_region = layers.detail, layers.min_region
    if relief is not None:
        group.size_mm = relief.size_mm
        group.thickness_mm, group.gap_mm = relief.thickness_mm, relief.gap_mm
