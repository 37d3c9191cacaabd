"""Whole conversions in one call, for scripts: picture -> scene -> .blend, without a window.

`headless.py` and `scripts/make_relief.py` are thin around this.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import DepthMap, Image, LayerStack
from illustrators_depth.worker import Job

from .addon_data import addon_data
from .scene.builds import PLANES, build_root
from .scene.compositor import build_compositor
from .scene.displacement import build_displacement
from .scene.packing import image_from_engine
from .scene.parallax import match_picture, parallax_camera, see_through
from .scene.pictures import picture_name
from .scene.planes import build_planes
from .scene.planes_root import PlanesOptions
from .scene.popup_card import CardOptions, build_popup_card
from .scene.stacked import build_stacked
from .scene.units import to_units
from .session import prediction
from .session import worker as engine_worker
from .settings import scene as scene_settings
from .storage import image_cache

__all__ = [
    "BUILDERS",
    "BUILDS",
    "DEFAULT_BUILDS",
    "Prediction",
    "build",
    "empty_file",
    "predict",
    "save_blend",
]


@dataclass(frozen=True)
class Prediction:
    """A picture in the open file, with what was predicted for it."""

    image: bpy.types.Image
    depth: DepthMap
    stack: LayerStack
    seconds: dict[str, float]


def empty_file() -> bpy.types.Scene:
    """Start from a file with one empty scene, in meters, and return that scene."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene: Any = bpy.context.scene
    return scene


def predict(
    scene: bpy.types.Scene, picture: Image, on_progress: Callable[[Job], None] | None = None
) -> Prediction:
    """Bring a picture into the file and predict its depth and layers, in the worker, waiting.

    Raises what the engine raises.
    """
    image = image_from_engine(picture)
    addon_data(scene).image = image
    job = prediction.start(image, prediction.scene_settings(scene))
    engine_worker.worker().wait(job, on_progress=on_progress)
    depth = prediction.store(image, job)
    return Prediction(image, depth, image_cache.load_layers(image), job.result["seconds"])


# In a file all builds face the same way: up, as stacked layers and reliefs lie.
_FACING = "+Z"


def _stack(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    return prediction.current_stack(image, prediction.scene_settings(scene))


def _layers(scene: bpy.types.Scene, image: bpy.types.Image) -> bpy.types.Collection:
    relief = scene_settings.relief_settings(scene)
    look = scene_settings.stacked_options(scene, image)
    return build_stacked(scene, image, _stack(scene, image), relief, look)


def _displacement(scene: bpy.types.Scene, image: bpy.types.Image) -> bpy.types.Collection:
    depth = image_cache.depth_image(image)
    options = scene_settings.displacement_options(scene)
    return build_displacement(scene, image, depth, picture_name(image), options)


def _planes(scene: bpy.types.Scene, image: bpy.types.Image) -> bpy.types.Collection:
    stack = _stack(scene, image)
    collection = build_planes(scene, image, stack, PlanesOptions(align_axis=_FACING))
    root = build_root(scene, image, collection.name, PLANES)[1]
    camera, new = parallax_camera(collection, root, stack.width / stack.height)
    if new:
        match_picture(scene, camera, image, len(stack))
    return collection


def _card(scene: bpy.types.Scene, image: bpy.types.Image) -> bpy.types.Collection:
    stack = _stack(scene, image)
    see_through(scene, len(stack))
    return build_popup_card(scene, image, stack, CardOptions(align_axis=_FACING))


def _compositor(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    build_compositor(scene, image, _stack(scene, image))


# What can be built, by the name that scripts and the command line use; in order of the panel.
BUILDERS: dict[str, Callable[[bpy.types.Scene, bpy.types.Image], bpy.types.Collection | None]] = {
    "layers": _layers,
    "displacement": _displacement,
    "planes": _planes,
    "card": _card,
    "compositor": _compositor,
}
BUILDS = tuple(BUILDERS)
DEFAULT_BUILDS = ("layers", "displacement")


def build(
    scene: bpy.types.Scene, image: bpy.types.Image, kinds: Sequence[str] = DEFAULT_BUILDS
) -> list[bpy.types.Collection]:
    """Build what `kinds` names from a predicted picture, in that order.

    Returns one collection each, but none for the compositor, which has no objects. New builds stand
    side by side, from left to right.
    """
    for kind in kinds:
        if kind not in BUILDERS:
            raise InputError(f"There is no build called {kind!r}; known: {', '.join(BUILDS)}.")
    built = [BUILDERS[kind](scene, image) for kind in kinds]
    made = [collection for collection in built if collection is not None]
    step = 1.5 * to_units(addon_data(scene).size_mm) * image.size[0] / max(image.size)
    for place, collection in enumerate(made):
        build_root(scene, image, collection.name, addon_data(collection).kind)[1].location.x = (
            place * step
        )
    return made


def save_blend(path: Path, overwrite: bool = False) -> Path:
    """Save the open file, with all its pictures inside; the file appears whole or not at all.

    Raises InputError when `path` exists and `overwrite` is off, or cannot be written.
    """
    with atomic_path(path, overwrite) as partial:
        partial.unlink()  # or Blender would keep the empty file as a backup
        bpy.ops.wm.save_as_mainfile(filepath=str(partial), copy=True, compress=True)
    return path
