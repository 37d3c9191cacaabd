"""Takes one layer apart by a prediction of its own, in the worker."""

from __future__ import annotations

import shutil
from concurrent.futures import Future
from pathlib import Path

import bpy

from illustrators_depth.errors import InputError, WorkerError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import LayerStack
from illustrators_depth.worker import Job as Request
from illustrators_depth.worker import submit_inside

from ..context import by_session_uid
from ..log import LOGGER
from ..settings.scene import EngineSettings, engine_settings
from ..storage import layer_file
from ..threads import run_in_thread
from ..translations import translatable
from .jobs import WorkerJob
from .state import SESSION

__all__ = ["PredictInsideJob"]


class _Sending:
    """Writes the layers for the worker in a thread."""

    def __init__(self, content: bytes | LayerStack, index: int, settings: EngineSettings) -> None:
        self._index, self._settings = index, settings
        self._folder = SESSION.worker.client().new_folder()
        self._written: Future[Path] = run_in_thread(_write, self._folder, content)

    def step(self) -> Request | None:
        if not self._written.done():
            return None
        if not self._folder.parent.exists():  # the worker's: another engine was chosen
            raise WorkerError("The engine was closed; try again.")
        client = SESSION.worker.client()
        return submit_inside(client, self._written.result(), self._index, *self._settings)

    def drop(self) -> None:
        folder = self._folder
        self._written.add_done_callback(lambda _: shutil.rmtree(folder, ignore_errors=True))


def _write(folder: Path, content: bytes | LayerStack) -> Path:
    layers = content if isinstance(content, bytes) else SESSION.layer_files.encode(content)
    with atomic_path(folder / "stack.idl") as temporary:  # which says what is wrong with the disk
        temporary.write_bytes(layers)
    return folder / "stack.idl"


class PredictInsideJob(WorkerJob):
    """The prediction inside of one layer; its result is the picture and its new stack.

    Raises InputError when the layers were changed meanwhile.
    """

    name = translatable("Prediction")

    def __init__(self, scene: bpy.types.Scene, image: bpy.types.Image, uid: int) -> None:
        super().__init__(SESSION.worker, "inside")
        self._image_uid, self._uid = image.session_uid, uid
        self._stack = SESSION.layers.load(image)
        self._index = next(i for i, layer in enumerate(self._stack) if layer.uid == uid)
        self._settings = engine_settings(scene)
        self._content = SESSION.layer_files.content(image)

    def send(self) -> _Sending:
        LOGGER.info("inside of %s: %s", self._stack.layers[self._index].name, self._settings)
        return _Sending(self._content or self._stack, self._index, self._settings)

    def check(self) -> None:
        self.image()

    def image(self) -> bpy.types.Image:
        """The picture; InputError when it is gone, or has other layers by now."""
        image: bpy.types.Image | None = by_session_uid(bpy.data.images, self._image_uid)
        if image is None or SESSION.layers.load(image) is not self._stack:
            raise InputError("The layers were changed meanwhile; predict inside once more.")
        return image

    def collect(self) -> LayerStack:
        try:
            return layer_file.decode(Path(self.request.outcome()["stack"]).read_bytes())
        finally:
            self.request.release()

    def result(self) -> tuple[bpy.types.Image, LayerStack]:
        stack: LayerStack = super().result()
        return self.image(), stack
