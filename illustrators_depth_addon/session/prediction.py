"""Predicts the depth and layers of an image datablock in the worker, and keeps both with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError, WorkerError
from illustrators_depth.types import DepthMap, LayerStack
from illustrators_depth.worker import Job as Request
from illustrators_depth.worker import (
    WrittenPicture,
    collect_depth,
    submit_layers,
    write_picture,
)

from ..addon_data import addon_data
from ..context import by_session_uid
from ..log import LOGGER
from ..scene.images.pixels import PixelFacts, pixel_facts, stored_pixels, to_engine
from ..settings.scene import EngineSettings, engine_settings, relief_settings
from ..storage import layer_file, layer_list
from ..storage.depth import PreparedDepth, check_local, prepare_depth
from ..storage.layer_session import is_small
from ..storage.layers import has_stack
from ..storage.source_layers import forget_source
from ..threads import run_in_thread
from ..translations import translatable
from .background_layers import prepare_build
from .carry_over import earlier_layers, store_new_layers
from .jobs import WorkerJob
from .state import SESSION

__all__ = ["PixelReader", "PredictJob", "Prediction"]


class PixelReader:
    """An image's pixels, read in two steps that do not hold up the window.

    Raises InputError when it has none.
    """

    def __init__(self, image: bpy.types.Image) -> None:
        pixel_facts(image)  # says now what is wrong
        count = image.size[0] * image.size[1] * image.channels
        # Allocating takes longer than reading the pixels, so a thread touches the memory first.
        self._room: Future[NDArray[np.float32]] = run_in_thread(np.full, count, np.float32(0.0))

    def step(self, image: bpy.types.Image) -> tuple[NDArray[np.float32], PixelFacts] | None:
        """The stored pixels and how to understand them, once there is room for them."""
        if not self._room.done():
            return None
        facts = pixel_facts(image)  # of this moment: it may have been scaled
        return stored_pixels(image, self._room.result()), facts


class _PictureSender:
    """Sends a picture in steps: only reading its pixels is left to Blender's main thread.

    Raises InputError when the image has no usable pixels, or no place for a result, at once or in
    a later step.
    """

    def __init__(self, find: Callable[[], bpy.types.Image], settings: EngineSettings) -> None:
        image = find()  # looked up again in each step: undo may make it another datablock
        check_local(image)
        self._find, self._settings = find, settings
        self._pixels = PixelReader(image)
        self.read: tuple[NDArray[np.float32], PixelFacts] | None = None
        self._folder = SESSION.worker.client().new_folder()
        self._written: Future[WrittenPicture] | None = None

    def step(self) -> Request | None:
        """Go on if the thread is done; the request once the picture is on its way."""
        if self._written is None:
            read = self._pixels.step(self._find())
            if read is not None:
                self.read = read
                self._written = run_in_thread(_write, *read, self._folder)
        if self._written is None or not self._written.done():
            return None
        if not self._folder.parent.exists():  # the worker's: another engine was chosen
            raise WorkerError("The engine was closed; try again.")
        largest_uid = layer_list.largest_uid(self._find())
        written, client = self._written.result(), SESSION.worker.client()
        return submit_layers(client, written, *self._settings, uid_base=largest_uid)

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


@dataclass(frozen=True)
class Prediction:
    """What a worker has brought, ready to be kept with its picture.

    `stack` are the layers decoded, where they are needed as soon as they are kept.
    """

    depth: PreparedDepth
    layers: bytes
    layers_key: str
    facts: list[layer_list.LayerFacts]
    stack: LayerStack | None = None


class PredictJob(WorkerJob):
    """The prediction of a picture under a scene's settings; both may change meanwhile."""

    name = translatable("Prediction")

    def __init__(self, scene: bpy.types.Scene, image: bpy.types.Image) -> None:
        super().__init__(SESSION.worker, "layers")
        self._image_uid, self._image_name = image.session_uid, image.name
        self._scene_uid = scene.session_uid
        self._settings = engine_settings(scene)
        self._relief = None if is_small(image) else relief_settings(scene)
        self._sending: _PictureSender | None = None
        self._earlier: Future[LayerStack] | None = None
        self._earlier_key = ""
        self._follows_layers = has_stack(image)

    def send(self) -> _PictureSender:
        image = self.image()
        LOGGER.info("%s (%d x %d): %s", image.name, *image.size, self._settings)
        self._sending = _PictureSender(self.image, self._settings)
        # What the user did to them is carried over: by then they are to be at hand.
        self._earlier = SESSION.layers.start_decoding(image)
        self._earlier_key = addon_data(image).stack_key
        return self._sending

    def image(self) -> bpy.types.Image:
        """The picture, whatever it is called by now; InputError when it was removed."""
        image: bpy.types.Image | None = by_session_uid(bpy.data.images, self._image_uid)
        if image is None:
            raise InputError(
                f"The image {self._image_name!r} was removed while its depth was predicted; open "
                "it and predict again."
            )
        return image

    def check(self) -> None:
        self.image()

    def poll(self) -> bool:
        return super().poll() and (self._earlier is None or self._earlier.done())

    def collect(self) -> Prediction:
        """Read and prepare what the worker has brought, and delete its files.

        The layers of a small picture stay the worker's bytes until they are needed, which is at
        once where edits of earlier layers are carried over to them; of a large one the layers,
        outlines and textures are made here, in a thread.
        """
        request = self.request
        try:
            depth = prepare_depth(collect_depth(request))
            layers = Path(request.result["stack"]).read_bytes()
        finally:
            request.release()
        facts = [
            layer_list.LayerFacts(
                int(x["uid"]), str(x["name"]), tuple(x["color"]), confidence=x["confidence"]
            )
            for x in request.result["list"]
        ]
        stack: LayerStack | None = None
        if self._follows_layers or self._relief is not None:
            stack = layer_file.decode(layers)
        if stack is not None and self._relief is not None:
            prepare_build(stack, self._relief)
        return Prediction(depth, layers, layer_file.content_key(layers), facts, stack)

    def result(self) -> tuple[bpy.types.Image, DepthMap]:
        """Keep the result with the picture and choose it in the scene that asked for it.

        Raises the job's error, or InputError when the picture is gone.
        """
        try:
            image = self.image()
        except InputError:
            if self.collecting is None:
                self.request.release()
            raise
        prediction: Prediction = super().result()
        if self._earlier is not None and addon_data(image).stack_key == self._earlier_key:
            SESSION.layers.end_decoding(image, self._earlier)
        earlier = earlier_layers(image)  # while the picture has the depth that they came from
        SESSION.depth.store_prepared(image, prediction.depth)
        layer_file.store_content(image, prediction.layers_key, prediction.layers)
        if prediction.stack is not None:
            SESSION.layers.keep_decoded(prediction.layers_key, prediction.stack)
        forget_source(image)  # now they are predicted
        if earlier is None:
            SESSION.layer_list.sync(image, prediction.facts)
        else:
            store_new_layers(image, earlier.carried_to(SESSION.layers.load(image)))
        LOGGER.info("%s: done, seconds %s", image.name, self.request.result["seconds"])
        scene = by_session_uid(bpy.data.scenes, self._scene_uid)
        if scene is not None:
            addon_data(scene).image = image
        if self._sending is not None and self._sending.read is not None:
            SESSION.layer_sessions.prepare(image, *self._sending.read, self._settings[1:])
        return image, prediction.depth.depth
