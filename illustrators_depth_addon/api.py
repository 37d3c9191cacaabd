"""Whole conversions in one call, for scripts: picture -> scene -> .blend, without a window.

`headless.py` and `scripts/make_relief.py` are thin around this.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import DepthMap, Image, LayerStack

from .addon_data import addon_data
from .editing import build_kinds as builds
from .editing.build_kinds import add_camera
from .scene.images.packing import image_from_engine
from .scene.objects.build_collection import build_root
from .scene.planes.popup_card import CardOptions
from .scene.planes.root import PlanesOptions
from .scene.units import to_units
from .session import SESSION
from .session.layers_from_file import LayersFromFileJob
from .session.prediction import PredictJob

__all__ = [
    "BUILDS",
    "DEFAULT_BUILDS",
    "Prediction",
    "build",
    "empty_file",
    "open_layers",
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
    scene: bpy.types.Scene, picture: Image, on_progress: Callable[[PredictJob], None] | None = None
) -> Prediction:
    """Bring a picture into the file and predict its depth and layers, in the worker, waiting.

    Raises what the engine raises.
    """
    image = image_from_engine(picture)
    addon_data(scene).image = image
    job = PredictJob(scene, image)
    SESSION.jobs.begin(job)
    try:
        _, depth = job.wait(on_progress)
    finally:
        SESSION.jobs.end(job)
    return Prediction(image, depth, SESSION.layers.load(image), job.request.result["seconds"])


def open_layers(
    scene: bpy.types.Scene,
    path: Path,
    on_progress: Callable[[LayersFromFileJob], None] | None = None,
    *,
    split: str = "auto",
) -> Prediction:
    """Bring a file that holds its layers into the open file: nothing is predicted.

    The depth is the exact index. `split` is as in the engine's `read_layers`. Raises what the
    engine raises.
    """
    job = LayersFromFileJob(scene, path, split)
    SESSION.jobs.begin(job)
    start = time.monotonic()
    try:
        image = job.wait(on_progress)
    finally:
        SESSION.jobs.end(job)
    seconds = {"reading": round(time.monotonic() - start, 3)}
    return Prediction(image, SESSION.depth.load(image), SESSION.layers.load(image), seconds)


# What can be built, in order of the panel.
BUILDS = tuple(builds.BUILDS)
DEFAULT_BUILDS = ("layers", "displacement")
# In a file all builds face the same way: up, as stacked layers and reliefs lie.
_OPTIONS = {"planes": PlanesOptions(align_axis="+Z"), "card": CardOptions(align_axis="+Z")}


def build(
    scene: bpy.types.Scene, image: bpy.types.Image, names: Sequence[str] = DEFAULT_BUILDS
) -> list[bpy.types.Collection]:
    """Build what `names` says from a predicted picture, in that order; see BUILDS.

    Returns one collection each, but none for the compositor, which has no objects. New builds stand
    side by side, from left to right.
    """
    for name in names:
        if name not in BUILDS:
            known = ", ".join(BUILDS)
            raise InputError(f"There is no build called {name!r}; known: {known}.")
    collections = []
    for name in names:
        collection = builds.BUILDS[name].build(scene, image, _OPTIONS.get(name))
        if collection is not None:
            collections.append(collection)
        if name == "planes" and collection is not None:
            add_camera(scene, image, collection)
    step = 1.5 * to_units(addon_data(scene).size_mm) * image.size[0] / max(image.size)
    for place, collection in enumerate(collections):
        kind = addon_data(collection).kind
        build_root(scene, image, kind)[1].location.x = place * step
    return collections


def save_blend(path: Path, overwrite: bool = False) -> Path:
    """Save the open file, with all its pictures inside; the file appears whole or not at all.

    Raises InputError when `path` exists and `overwrite` is off, or cannot be written.
    """
    with atomic_path(path, overwrite) as partial:
        partial.unlink()  # or Blender would keep the empty file as a backup
        bpy.ops.wm.save_as_mainfile(filepath=str(partial), copy=True, compress=True)
    return path
