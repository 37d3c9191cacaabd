"""Starts a prediction for an image datablock and stores what comes of it."""

from __future__ import annotations

from pathlib import Path

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.nouns import DepthMap, LayerStack
from illustrators_depth.settings import CompleteSettings, DecomposeSettings, DepthSettings
from illustrators_depth.worker import Job, collect_depth, submit_layers

from . import engine_client, image_cache, layer_list, panel_settings
from .scene.pictures import image_to_engine

__all__ = ["current_stack", "scene_settings", "start", "store"]

AllSettings = tuple[DepthSettings, DecomposeSettings, CompleteSettings]


def scene_settings(scene: bpy.types.Scene) -> AllSettings:
    """The scene's settings as the engine wants them."""
    return (
        panel_settings.depth_settings(scene),
        panel_settings.decompose_settings(scene),
        panel_settings.complete_settings(scene),
    )


def start(image: bpy.types.Image, settings: AllSettings) -> Job:
    """Send a picture to the worker; the job is followed through `engine_client.worker()`.

    Raises InputError when the image has no usable pixels, or no place for a result.
    """
    if image.library is not None:
        raise InputError(
            f"The image {image.name!r} is linked from another file and cannot hold a result; make "
            "it local first."
        )
    return submit_layers(
        engine_client.worker(),
        image_to_engine(image),
        *settings,
        uid_base=layer_list.top_uid(image),
    )


def store(image: bpy.types.Image, job: Job) -> DepthMap:
    """Keep a finished job's depth and layers with the picture, and return the depth.

    The layers stay the worker's bytes until they are needed, so that the window is not held up.

    Raises the job's error if it failed or was canceled.
    """
    try:
        depth = collect_depth(job)
        layers = Path(job.result["stack"]).read_bytes()
    finally:
        job.release()
    image_cache.store_depth(image, depth)
    image_cache.store_layer_file(image, layers)
    layer_list.mirror(
        image,
        [
            layer_list.LayerFacts(int(x["uid"]), str(x["name"]), tuple(x["color"]))
            for x in job.result["list"]
        ],
    )
    return depth


def current_stack(image: bpy.types.Image, settings: AllSettings) -> LayerStack:
    """The picture's layers under `settings`: the cached ones, or made anew from the cached depth.

    Runs no inference. Layers made anew are listed anew. Raises InputError when the picture has no
    depth yet.
    """
    _, decompose_settings, complete_settings = settings
    before: LayerStack | None = None
    if image_cache.has_stack(image):
        before = image_cache.load_layers(image)
        made = (before.meta.get("decompose"), before.meta.get("complete"))
        wanted = (decompose_settings.to_dict(), complete_settings.to_dict())
        if _plain(made) == _plain(wanted):
            return before
    from illustrators_depth.editing import carry_uids

    from .layer_session import layer_session

    stack = layer_session(image).decompose(decompose_settings, complete_settings)
    if before is not None:
        stack = carry_uids(before, stack)
    stack = image_cache.store_layers(image, stack, derived=True)
    layer_list.mirror(image, layer_list.facts_of(stack))
    return stack


def _plain(value: object) -> object:
    """Settings as they come back from JSON: tuples are lists there."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
