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

# Fields that have no control travel with the scene, as JSON in a plain property: a preset or a
# script may set them.
_REST = "illdepth_rest"
_SHOWN: dict[type[Settings], tuple[str, ...]] = {
    DepthSettings: ("model", "device", "denoise"),
    DecomposeSettings: ("method", "layers", "detail", "min_region", "denoise"),
    CompleteSettings: ("method",),
    ReliefSettings: ("size_mm", "thickness_mm", "gap_mm"),
}


def _rest(scene: Any, kind: type[Settings]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(scene.get(_REST, "{}")).get(kind.__name__, {})
    return found


def _keep_rest(scene: Any, settings: Settings) -> None:
    kind = type(settings)
    default = kind().to_dict()
    shown = _SHOWN[kind]
    rest = {k: v for k, v in settings.to_dict().items() if k not in shown and v != default[k]}
    known = json.loads(scene.get(_REST, "{}"))
    known[kind.__name__] = rest
    scene[_REST] = json.dumps(known)


def _number(value: float) -> float:
    """A float32 property as the decimal number that was typed: 0.1, not 0.10000000149."""
    return float(f"{value:.7g}")


def depth_settings(scene: bpy.types.Scene) -> DepthSettings:
    """Raises InputError when a model file is asked for and none is named."""
    group = addon_data(scene)
    model = _named_file(group) if group.model == "FILE" else group.model
    shown = {"model": model, "device": group.device, "denoise": _number(group.denoise)}
    return DepthSettings.from_dict(_rest(scene, DepthSettings) | shown)


def _named_file(group: Any) -> str:
    found = bpy.path.abspath(group.model_path) or model_file()
    if not found:
        raise InputError("Model is File, but no file is named; choose one below it.")
    return found


def decompose_settings(scene: bpy.types.Scene) -> DecomposeSettings:
    group = addon_data(scene)
    shown = {
        "method": group.method,
        "layers": group.layers,
        "detail": _number(group.detail),
        "min_region": _number(group.min_region),
        "denoise": _number(group.denoise),
    }
    return DecomposeSettings.from_dict(_rest(scene, DecomposeSettings) | shown)


def complete_settings(scene: bpy.types.Scene) -> CompleteSettings:
    shown = {"method": addon_data(scene).completion}
    return CompleteSettings.from_dict(_rest(scene, CompleteSettings) | shown)


def layering_settings(scene: bpy.types.Scene) -> tuple[DecomposeSettings, CompleteSettings]:
    """How a picture with depth is taken apart."""
    return decompose_settings(scene), complete_settings(scene)


def engine_settings(scene: bpy.types.Scene) -> EngineSettings:
    """All that a prediction needs; raises as `depth_settings` does."""
    return depth_settings(scene), *layering_settings(scene)


def relief_settings(scene: bpy.types.Scene) -> ReliefSettings:
    group = addon_data(scene)
    shown = {
        "size_mm": _number(group.size_mm),
        "thickness_mm": _number(group.thickness_mm),
        "gap_mm": _number(group.gap_mm),
    }
    return ReliefSettings.from_dict(_rest(scene, ReliefSettings) | shown)


def stacked_options(scene: bpy.types.Scene, image: bpy.types.Image | None = None) -> StackedOptions:
    """The scene's look; with a picture, also its layers' own spacing and locks."""
    group = addon_data(scene)
    lines = addon_data(image).layers if image is not None else ()
    return StackedOptions(
        textured=group.textured,
        shader=group.shader,
        bevel_mm=_number(group.bevel_mm),
        own=layer_list.own_spacing(image) if image is not None else {},
        locked=frozenset(line.uid for line in lines if line.locked),
        split_from={line.uid: line.split_from for line in lines if line.split_from},
    )


def displacement_options(scene: bpy.types.Scene) -> DisplacementOptions:
    group = addon_data(scene)
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
    complete: CompleteSettings | None = None,
) -> None:
    """Put engine settings into the scene, where the panel shows them; what is None stays."""
    group = addon_data(scene)
    if depth is not None:
        known = {item.identifier for item in group.bl_rna.properties["model"].enum_items}
        if depth.model in known - {"FILE"}:
            group.model = depth.model
        else:
            group.model, group.model_path = "FILE", str(Path(depth.model).resolve())
        _set_control(group, "device", depth.device)
        group.denoise = depth.denoise
        _keep_rest(scene, depth)
    if layers is not None:
        group.method, group.layers = layers.method, layers.layers
        group.detail, group.min_region = layers.detail, layers.min_region
        _keep_rest(scene, layers)
    if relief is not None:
        group.size_mm = relief.size_mm
        group.thickness_mm, group.gap_mm = relief.thickness_mm, relief.gap_mm
        _keep_rest(scene, relief)
    if complete is not None:
        group.completion = complete.method
        _keep_rest(scene, complete)


def apply_preset(scene: bpy.types.Scene, preset: Preset) -> None:
    """Put a whole preset into the scene; its table `blender` holds further controls by name.

    Raises InputError for what Blender's controls cannot take, rather than use another value.
    """
    group = addon_data(scene)
    depth, layers, relief = preset.depth, preset.decompose, preset.relief
    group.denoise = max(depth.denoise, layers.denoise)
    apply_settings(scene, depth, layers, relief, preset.complete)
    for name, value in preset.blender.items():
        if not isinstance(value, Mapping):
            _set_control(group, name, value)
    for wanted, found in (
        (depth, depth_settings(scene)),
        (layers, decompose_settings(scene)),
        (relief, relief_settings(scene)),
        (preset.complete, complete_settings(scene)),
    ):
        for field in fields(wanted):
            _same(field.name, getattr(wanted, field.name), getattr(found, field.name))


def _set_control(group: Any, name: str, value: Any) -> None:
    control = group.bl_rna.properties.get(name)
    if control is None or control.type in ("POINTER", "COLLECTION"):
        raise InputError(f"Blender's panel has no control called {name!r}; check the preset.")
    try:
        setattr(group, name, value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} cannot be {value!r} in Blender ({error}).") from error
    _same(name, value, getattr(group, name))


def _same(name: str, wanted: Any, found: Any) -> None:
    close = (
        math.isclose(wanted, found, rel_tol=1e-6, abs_tol=1e-9)
        if isinstance(wanted, float | int) and isinstance(found, float | int)
        else wanted == found
    )
    if not close:
        raise InputError(
            f"{name} cannot be {wanted!r} in Blender, which makes it {found!r}; depth and layers "
            "share their controls there, and every control has its ends."
        )


_Options = TypeVar("_Options")


def plain_options(default: _Options, tables: Mapping[str, Any], name: str) -> _Options:
    """A dataclass of numbers with the fields that the table `name` of a preset gives.

    Raises InputError for an unknown field or another kind of value.
    """
    given = tables.get(name, {})
    known = {field.name for field in fields(default)}  # type: ignore[arg-type]
    for key, value in dict(given).items():
        if key not in known:
            raise InputError(f"There is no {key!r} in blender.{name}; known: {', '.join(known)}.")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{key} in blender.{name} must be a number, not {value!r}.")
    return replace(default, **given)  # type: ignore[type-var]
