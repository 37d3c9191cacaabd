"""Reads the layers of a file in the worker, and keeps them with a picture; nothing is predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.worker import Job as Request
from illustrators_depth.worker import collect_depth, submit_file_layers

from ..addon_data import addon_data
from ..context import by_session_uid
from ..log import LOGGER
from ..scene.images.packing import image_from_file
from ..storage import layer_file, layer_list
from ..storage.depth import PreparedDepth, check_local, prepare_depth
from ..storage.layers import has_stack
from ..storage.source_layers import store_source
from ..translations import translatable
from .carry_over import EarlierLayers, store_new_layers
from .jobs import WorkerJob
from .state import SESSION

__all__ = ["FileLayers", "LayersFromFileJob"]


@dataclass(frozen=True)
class FileLayers:
    """What a worker has read, ready to be kept."""

    picture: bytes
    depth: PreparedDepth
    layers: bytes
    facts: list[layer_list.LayerFacts]
    notes: list[str]


class _PathSender:
    """Sends the path of a file; the worker reads the file itself."""

    def __init__(self, path: Path, split: str, uid_base: int) -> None:
        self._asked = path, split
        self._uid_base = uid_base

    def step(self) -> Request:
        client = SESSION.worker.client()
        return submit_file_layers(client, *self._asked, uid_base=self._uid_base)

    def drop(self) -> None:
        """Nothing was written."""


class LayersFromFileJob(WorkerJob):
    """The reading of a file, for a new picture or for one that came from it before.

    Args:
        split: what becomes a layer of an SVG, as in the engine's `read_layers`.
        image: the picture to renew, which keeps its handwork; None makes a new one.
    """

    name = translatable("Reading of layers")

    def __init__(
        self,
        scene: bpy.types.Scene,
        path: Path,
        split: str = "auto",
        image: bpy.types.Image | None = None,
    ) -> None:
        super().__init__(SESSION.worker, "file_layers")
        if image is not None:
            check_local(image)
        self._scene_uid, self._path, self._split = scene.session_uid, path, split
        self._image_uid = 0 if image is None else image.session_uid
        self._uid_base = 0 if image is None else layer_list.largest_uid(image)

    def send(self) -> _PathSender:
        LOGGER.info("layers of %s", self._path)
        return _PathSender(self._path, self._split, self._uid_base)

    def check(self) -> None:
        if self._image_uid and by_session_uid(bpy.data.images, self._image_uid) is None:
            raise InputError(
                f"The image of {self._path.name} was removed while its layers were read; open the "
                "file once more."
            )

    def collect(self) -> FileLayers:
        request = self.request
        try:
            content = request.outcome()
            depth = prepare_depth(collect_depth(request))
            picture, layers = (Path(content[key]).read_bytes() for key in ("picture", "stack"))
        finally:
            request.release()
        facts = [
            layer_list.LayerFacts(int(x["uid"]), str(x["name"]), tuple(x["color"]), x["hidden"])
            for x in content["list"]
        ]
        return FileLayers(picture, depth, layers, facts, [str(note) for note in content["notes"]])

    def result(self) -> bpy.types.Image:
        """Keep the layers with their picture, and choose it in the scene that asked for it.

        Raises the job's error.
        """
        content: FileLayers = super().result()
        self.check()
        present_image = (
            by_session_uid(bpy.data.images, self._image_uid) if self._image_uid else None
        )
        earlier = (
            EarlierLayers(present_image)
            if present_image is not None and has_stack(present_image)
            else None
        )
        image = image_from_file(self._path.name, content.picture, present_image)
        SESSION.depth.store_prepared(image, content.depth)
        layer_file.store_content(image, layer_file.content_key(content.layers), content.layers)
        if earlier is None:
            SESSION.layer_list.sync(image, content.facts)
        else:
            store_new_layers(image, earlier.carried_to(SESSION.layers.load(image)))
        store_source(image, str(self._path), content.layers, content.notes, self._split)
        scene = by_session_uid(bpy.data.scenes, self._scene_uid)
        if scene is not None:
            addon_data(scene).image = image
        return image
