"""Takes one layer apart by a prediction of its own, in the worker."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.types import LayerStack
from illustrators_depth.worker import Job as Request
from illustrators_depth.worker import WorkerClient, submit_inside

from ..context import by_session_uid
from ..log import LOGGER
from ..settings.scene import engine_settings
from ..storage import layer_file
from ..translations import translatable
from .folder_sender import FolderSender
from .jobs import WorkerJob
from .state import SESSION

__all__ = ["PredictInsideJob"]


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

    def send(self) -> FolderSender[Path]:
        LOGGER.info("inside of %s: %s", self._stack.layers[self._index].name, self._settings)
        write = partial(_write, content=self._content or self._stack)
        return FolderSender(SESSION.worker, write, self._submit)

    def _submit(self, client: WorkerClient, layers: Path) -> Request:
        return submit_inside(client, layers, self._index, *self._settings)

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
