"""Starts a prediction for an image datablock and stores what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import WorkerError
from illustrators_depth.settings import CompleteSettings, DecomposeSettings, DepthSettings
from illustrators_depth.types import DepthMap, Image, LayerStack
from illustrators_depth.worker import (
    Job,
    WrittenPicture,
    collect_depth,
    submit_layers,
    write_picture,
)

from ..scene.pictures import PixelFacts, image_to_engine, pixel_facts, stored_pixels, to_engine
from ..settings.scene import complete_settings, decompose_settings, depth_settings
from ..storage import image_cache, layer_file, layer_list
from ..threads import run_in_thread
from . import worker as engine_worker

__all__ = [
    "Collected",
    "Pixels",
    "Sending",
    "collect",
    "current_stack",
    "keep",
    "scene_settings",
    "start",
    "store",
]

AllSettings = tuple[DepthSettings, DecomposeSettings, CompleteSettings]


def scene_settings(scene: bpy.types.Scene) -> AllSettings:
    """The scene's settings as the engine wants them."""
    return (
        depth_settings(scene),
        decompose_settings(scene),
        complete_settings(scene),
    )


def start(image: bpy.types.Image, settings: AllSettings) -> Job:
    """Send a picture to the worker; the job is followed through `engine_client.worker()`.

    Raises InputError when the image has no usable pixels, or no place for a result.
    """
    image_cache.check_local(image)
    return _submit(image, image_to_engine(image), settings)


class Pixels:
    """An image's pixels, read in two steps that do not hold up the window.

    Raises InputError when it has none.
    """

    def __init__(self, image: bpy.types.Image) -> None:
        pixel_facts(image)  # says now what is wrong
        count = image.size[0] * image.size[1] * image.channels
        # New memory costs several times what reading into it does: it is touched in a thread.
        self._room: Future[NDArray[np.float32]] = run_in_thread(np.full, count, np.float32(0.0))

    def step(self, image: bpy.types.Image) -> tuple[NDArray[np.float32], PixelFacts] | None:
        """The stored pixels and how to understand them, once there is room for them."""
        if not self._room.done():
            return None
        facts = pixel_facts(image)  # of this moment: it may have been scaled
        return stored_pixels(image, self._room.result()), facts


class Sending:
    """`start` in steps that do not hold up Blender's window: only reading pixels is left to it.

    Raises InputError as `start` does, at once or in a later step.
    """

    def __init__(self, find: Callable[[], bpy.types.Image], settings: AllSettings) -> None:
        image = find()  # looked up anew in each step: undo may make it another datablock
        image_cache.check_local(image)
        self._find, self._settings = find, settings
        self._pixels = Pixels(image)
        self.read: tuple[NDArray[np.float32], PixelFacts] | None = None
        self._folder = engine_worker.worker().new_folder()
        self._written: Future[WrittenPicture] | None = None

    def step(self) -> Job | None:
        """Go on if the thread is done; the job once the picture is on its way."""
        if self._written is None:
            read = self._pixels.step(self._find())
            if read is not None:
                self.read = read
                self._written = run_in_thread(_write, *read, self._folder)
        if self._written is None or not self._written.done():
            return None
        if not self._folder.parent.exists():  # the worker's: another engine was chosen
            raise WorkerError("The engine was closed; try again.")
        return _submit(self._find(), self._written.result(), self._settings)

    def drop(self) -> None:
        """The picture is not sent after all."""
        folder = self._folder

        def clear(_: object) -> None:
            shutil.rmtree(folder, ignore_errors=True)

        if self._written is not None:
            self._written.add_done_callback(clear)
        else:
            clear(None)


def _write(pixels: NDArray[np.float32], facts: PixelFacts, folder: Path) -> WrittenPicture:
    return write_picture(to_engine(pixels, facts), folder)


def _submit(image: bpy.types.Image, picture: Image | WrittenPicture, settings: AllSettings) -> Job:
    base = layer_list.top_uid(image)
    return submit_layers(engine_worker.worker(), picture, *settings, uid_base=base)


@dataclass(frozen=True)
class Collected:
    """What a job found, ready to be kept with its picture."""

    depth: image_cache.PreparedDepth
    layers: bytes
    layers_key: str
    facts: list[layer_list.LayerFacts]


def collect(job: Job) -> Collected:
    """Read and prepare a finished job's results, and delete its files. No bpy.

    The layers stay the worker's bytes until they are needed. Raises the job's error if it failed
    or was canceled.
    """
    try:
        depth = image_cache.prepare_depth(collect_depth(job))
        layers = Path(job.result["stack"]).read_bytes()
    finally:
        job.release()
    facts = [
        layer_list.LayerFacts(int(x["uid"]), str(x["name"]), tuple(x["color"]))
        for x in job.result["list"]
    ]
    return Collected(depth, layers, layer_file.key_of(layers), facts)


def keep(image: bpy.types.Image, found: Collected) -> DepthMap:
    """Keep depth and layers with the picture, and return the depth."""
    image_cache.keep_depth(image, found.depth)
    layer_file.put(image, found.layers_key, found.layers)
    layer_list.mirror(image, found.facts)
    return found.depth.depth


def store(image: bpy.types.Image, job: Job) -> DepthMap:
    """`collect` and `keep`."""
    return keep(image, collect(job))


def current_stack(image: bpy.types.Image, settings: AllSettings) -> LayerStack:
    """The picture's layers under `settings`: the cached ones, or made anew from the cached depth.

    Runs no inference. Layers made anew are listed anew. Raises InputError when the picture has no
    depth yet.
    """
    _, layering, completion = settings
    before: LayerStack | None = None
    if image_cache.has_stack(image):
        before = image_cache.load_layers(image)
        made = (before.meta.get("decompose"), before.meta.get("complete"))
        wanted = (layering.to_dict(), completion.to_dict())
        if _plain(made) == _plain(wanted):
            return before
    image_cache.check_local(image)
    from illustrators_depth.editing import carry_uids

    from ..storage.layer_session import layer_session

    stack = layer_session(image).decompose(layering, completion)
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
