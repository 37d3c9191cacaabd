"""The scene's property group as the engine's settings dataclasses, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReliefSettings,
    Settings,
)

from ..addon_data import addon_data
from ..scene.displacement.build import DisplacementOptions
from ..scene.stacked.build import StackedOptions
from ..storage import layer_list
from .controls import typed_number
from .preferences import model_file

if TYPE_CHECKING:
    from illustrators_depth.batch import Preset

__all__ = [
    "EngineSettings",
    "apply_preset",
    "apply_settings",
    "complete_settings",
    "decompose_settings",
    "depth_settings",
    "displacement_options",
    "engine_settings",
    "layering_settings",
    "plain_options",
    "relief_settings",
    "stacked_options",
]


EngineSettings = tuple[DepthSettings, DecomposeSettings, CompleteSettings]
"""All that a prediction needs: the depth's, the layers', those of their hidden parts."""

# Custom property of a scene: settings that have no control and are not the default, as JSON {name
# of the settings class: {field: value}}; a preset or a script may set them.
_HIDDEN_SETTINGS = "illdepth_rest"
# Fields of the engine's settings that have a control in the panel, by class.
_CONTROLS: dict[type[Settings], tuple[str, ...]] = {
    DepthSettings: ("model", "device", "denoise"),
    DecomposeSettings: ("method", "layers", "detail", "min_region", "denoise"),
    CompleteSettings: ("method",),
    ReliefSettings: ("size_mm", "thickness_mm", "gap_mm"),
}


def _hidden_settings(scene: Any, kind: type[Settings]) -> dict[str, Any]:
    """The fields of a settings class that the scene keeps without a control, by name."""
    values: dict[str, Any] = json.loads(scene.get(_HIDDEN_SETTINGS, "{}")).get(kind.__name__, {})
    return values


def _store_hidden(scene: Any, settings: Settings) -> None:
    """Keep with the scene the fields of some settings that have no control there."""
    kind = type(settings)
    default, controls = kind().to_dict(), _CONTROLS[kind]
    hidden = {k: v for k, v in settings.to_dict().items() if k not in controls and v != default[k]}
    stored = json.loads(scene.get(_HIDDEN_SETTINGS, "{}"))
    stored[kind.__name__] = hidden
    scene[_HIDDEN_SETTINGS] = json.dumps(stored)


def depth_settings(scene: bpy.types.Scene) -> DepthSettings:
    """The scene's settings of the depth prediction.

    Raises InputError when a model file is asked for and none is named.
    """
    group = addon_data(scene)
    model = _named_file(group) if group.model == "FILE" else group.model
    values = {"model": model, "device": group.device, "denoise": typed_number(group.denoise)}
    return DepthSettings.from_dict(_hidden_settings(scene, DepthSettings) | values)


def _named_file(group: Any) -> str:
    """The model file: the scene's, or that of the preferences; InputError without one."""
    path = bpy.path.abspath(group.model_path) or model_file()
    if not path:
        raise InputError("Model is File, but no file is named; choose one below it.")
    return path


def decompose_settings(scene: bpy.types.Scene) -> DecomposeSettings:
    """The scene's settings of how depth becomes layers."""
    group = addon_data(scene)
    values = {
        "method": group.method,
        "layers": group.layers,
        "detail": typed_number(group.detail),
        "min_region": typed_number(group.min_region),
        "denoise": typed_number(group.denoise),
    }
    return DecomposeSettings.from_dict(_hidden_settings(scene, DecomposeSettings) | values)


def complete_settings(scene: bpy.types.Scene) -> CompleteSettings:
    """The scene's settings of how layers continue below others."""
    values = {"method": addon_data(scene).completion}
    return CompleteSettings.from_dict(_hidden_settings(scene, CompleteSettings) | values)


def layering_settings(scene: bpy.types.Scene) -> tuple[DecomposeSettings, CompleteSettings]:
    """How a picture with depth is taken apart."""
    return decompose_settings(scene), complete_settings(scene)


def engine_settings(scene: bpy.types.Scene) -> EngineSettings:
    """All that a prediction needs; raises as `depth_settings` does."""
    return depth_settings(scene), *layering_settings(scene)


def relief_settings(scene: bpy.types.Scene) -> ReliefSettings:
    """The scene's settings of solids; lengths in millimetres."""
    group = addon_data(scene)
    values = {
        "size_mm": typed_number(group.size_mm),
        "thickness_mm": typed_number(group.thickness_mm),
        "gap_mm": typed_number(group.gap_mm),
    }
    return ReliefSettings.from_dict(_hidden_settings(scene, ReliefSettings) | values)


def stacked_options(scene: bpy.types.Scene, image: bpy.types.Image | None = None) -> StackedOptions:
    """How the scene wants stacked layers to look.

    With a picture also what its layers have of their own: spacing, locks, and what they were split
    from.
    """
    group = addon_data(scene)
    items = addon_data(image).layers if image is not None else ()
    return StackedOptions(
        textured=group.textured,
        shader=group.shader,
        bevel_mm=typed_number(group.bevel_mm),
        own_spacing=layer_list.own_spacing(image) if image is not None else {},
        locked=frozenset(item.uid for item in items if item.locked),
        split_from={item.uid: item.split_from for item in items if item.split_from},
    )


def displacement_options(scene: bpy.types.Scene) -> DisplacementOptions:
    """The scene's options of a displaced surface; lengths in millimetres."""
    group = addon_data(scene)
    return DisplacementOptions(
        size_mm=typed_number(group.size_mm),
        height_mm=typed_number(group.height_mm),
        shader=group.shader,
    )


def apply_settings(
    scene: bpy.types.Scene,
    depth: DepthSettings | None = None,
    layers: DecomposeSettings | None = None,
    relief: ReliefSettings | None = None,
    complete: CompleteSettings | None = None,
) -> None:
    """Put engine settings into the scene, where the panel shows them; what is None stays.

    Depth and layers share one control for `denoise`: that of `depth` sets it, that of `layers` is
    left out.

    Raises InputError for a device that this Blender does not offer.
    """
    group = addon_data(scene)
    if depth is not None:
        models = {item.identifier for item in group.bl_rna.properties["model"].enum_items}
        if depth.model in models - {"FILE"}:
            group.model = depth.model
        else:
            group.model, group.model_path = "FILE", str(Path(depth.model).resolve())
        _set_control(group, "device", depth.device)
        group.denoise = depth.denoise
        _store_hidden(scene, depth)
    if layers is not None:
        group.method, group.layers = layers.method, layers.layers
        group.detail, group.min_region = layers.detail, layers.min_region
        _store_hidden(scene, layers)
    if relief is not None:
        group.size_mm = relief.size_mm
        group.thickness_mm, group.gap_mm = relief.thickness_mm, relief.gap_mm
        _store_hidden(scene, relief)
    if complete is not None:
        group.completion = complete.method
        _store_hidden(scene, complete)


def apply_preset(scene: bpy.types.Scene, preset: Preset) -> None:
    """Put a whole preset into the scene; its table `blender` holds further controls by name.

    Tables inside that table are for builds and are read by `plain_options`.

    Raises InputError for what Blender's controls cannot take, rather than use another value.
    """
    group = addon_data(scene)
    depth, layers, relief = preset.depth, preset.decompose, preset.relief
    group.denoise = max(depth.denoise, layers.denoise)
    apply_settings(scene, depth, layers, relief, preset.complete)
    for name, value in preset.blender.items():
        if not isinstance(value, Mapping):
            _set_control(group, name, value)
    for asked, in_scene in (
        (depth, depth_settings(scene)),
        (layers, decompose_settings(scene)),
        (relief, relief_settings(scene)),
        (preset.complete, complete_settings(scene)),
    ):
        for field in fields(asked):
            _check_kept(field.name, getattr(asked, field.name), getattr(in_scene, field.name))


def _set_control(group: Any, name: str, value: Any) -> None:
    """Set a control by its name; InputError if there is none, or it cannot hold the value."""
    control = group.bl_rna.properties.get(name)
    if control is None or control.type in ("POINTER", "COLLECTION"):
        raise InputError(f"Blender's panel has no control called {name!r}; check the preset.")
    try:
        setattr(group, name, value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} cannot be {value!r} in Blender ({error}).") from error
    _check_kept(name, value, getattr(group, name))


def _check_kept(name: str, asked: Any, in_scene: Any) -> None:
    """InputError where a control does not hold the value that it was given."""
    if isinstance(asked, float | int) and isinstance(in_scene, float | int):
        is_kept = math.isclose(asked, in_scene, rel_tol=1e-6, abs_tol=1e-9)
    else:
        is_kept = asked == in_scene
    if not is_kept:
        raise InputError(
            f"{name} cannot be {asked!r} in Blender, which makes it {in_scene!r}; depth and layers "
            "share their controls there, and every control has its limits."
        )


_Options = TypeVar("_Options")


def plain_options(default: _Options, tables: Mapping[str, Any], name: str) -> _Options:
    """A dataclass of numbers, `default` but for the fields that a preset's table `name` gives.

    `tables` is the preset's table `blender`.

    Raises InputError for an unknown field or another kind of value.
    """
    values = dict(tables.get(name, {}))
    names = [field.name for field in fields(default)]  # type: ignore[arg-type]
    for key, value in values.items():
        if key not in names:
            raise InputError(f"There is no {key!r} in blender.{name}; known: {', '.join(names)}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{key} in blender.{name} must be a number, not {value!r}.")
    return replace(default, **values)  # type: ignore[type-var]
