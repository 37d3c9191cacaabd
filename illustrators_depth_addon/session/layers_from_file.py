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
from ..storage.source_layers import keep_source
from ..translations import translatable
from .carry_over import Earlier, keep_new
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


class _Asking:
    """Asks the worker: there is nothing to send but the file's path."""

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
        self._uid_base = 0 if image is None else layer_list.top_uid(image)

    def send(self) -> _Asking:
        LOGGER.info("layers of %s", self._path)
        return _Asking(self._path, self._split, self._uid_base)

    def check(self) -> None:
        if self._image_uid and by_session_uid(bpy.data.images, self._image_uid) is None:
            raise InputError(
                f"The image of {self._path.name} was removed while its layers were read; open the "
                "file once more."
            )

    def collect(self) -> FileLayers:
        request = self.request
        try:
            found = request.outcome()
            depth = prepare_depth(collect_depth(request))
            picture, layers = (Path(found[key]).read_bytes() for key in ("picture", "stack"))
        finally:
            request.release()
        facts = [
            layer_list.LayerFacts(int(x["uid"]), str(x["name"]), tuple(x["color"]), x["hidden"])
            for x in found["list"]
        ]
        return FileLayers(picture, depth, layers, facts, [str(note) for note in found["notes"]])

    def result(self) -> bpy.types.Image:
        """Keep the layers with their picture, and choose it in the scene that asked for it.

        Raises the job's error.
        """
        found: FileLayers = super().result()
        self.check()
        present = by_session_uid(bpy.data.images, self._image_uid) if self._image_uid else None
        earlier = Earlier(present) if present is not None and has_stack(present) else None
        image = image_from_file(self._path.name, found.picture, present)
        SESSION.depth.keep(image, found.depth)
        layer_file.put(image, layer_file.key_of(found.layers), found.layers)
        if earlier is None:
            SESSION.layer_list.sync(image, found.facts)
        else:
            keep_new(image, earlier.carried_to(SESSION.layers.load(image)))
        keep_source(image, str(self._path), found.layers, found.notes, self._split)
        scene = by_session_uid(bpy.data.scenes, self._scene_uid)
        if scene is not None:
            addon_data(scene).image = image
        return image
