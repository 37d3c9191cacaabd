"""Gets a picture ready for its sliders when they are first drawn, as after a file was opened.

After a prediction everything is at hand; in a file just opened the picture has to be read and taken
apart once. That is done piece by piece from a timer, and in a thread, while the user looks.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import EngineError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..context import by_session_uid
from ..log import LOGGER
from ..scene.images.pixels import PixelFacts
from ..settings.scene import layering_settings
from ..storage.layer_session import is_small
from ..storage.layers import has_stack
from .jobs import Job
from .prediction import PixelReader
from .state import SESSION

__all__ = ["PreloadJob", "preload"]

_SOON_S, _NEXT_S = 0.5, 0.05  # until the first step, and between two


class PreloadJob(Job):
    """Getting a picture ready, one step at a time, each of which holds up the window for a moment.

    Attributes:
        target: the picture's session_uid, its layers' key, and its scene's session_uid.
    """

    def __init__(self, target: tuple[int, str, int]) -> None:
        self.target = target
        self._pixels: PixelReader | None = None
        self._decoding: Future[LayerStack] | None = None
        self._read: tuple[NDArray[np.float32], PixelFacts] | None = None

    def poll(self) -> bool:
        uid, key, scene_uid = self.target
        image = by_session_uid(bpy.data.images, uid)
        scene = by_session_uid(bpy.data.scenes, scene_uid)
        if image is None or scene is None or addon_data(image).stack_key != key:
            return True
        if SESSION.layer_sessions.is_known(image):
            return True
        try:
            if not is_small(image):
                return self._prepare_large(image)
            return self._prepare_small(scene, image)
        except EngineError as error:  # who moves the slider will hear of it
            LOGGER.debug("%s is not prepared: %s", image.name, error)
            return True

    def _prepare_small(self, scene: bpy.types.Scene, image: Any) -> bool:
        if self._pixels is None:
            len(image.pixels)  # decodes the file
            self._pixels = PixelReader(image)
            self._decoding = SESSION.layers.start_decoding(image)
        elif self._decoding is not None:
            if self._decoding.done():
                SESSION.layers.end_decoding(image, self._decoding)
                self._decoding = None
        elif self._read is None:
            self._read = self._pixels.step(image)
        else:
            SESSION.depth.load(image)
            SESSION.layer_sessions.prepare(image, *self._read, layering_settings(scene))
            return True
        return False

    def _prepare_large(self, image: Any) -> bool:
        """Of a large picture only the layers are got ready: its pixels hold the window too long."""
        if self._decoding is None:
            self._decoding = SESSION.layers.start_decoding(image)
            return self._decoding is None
        if self._decoding.done():
            SESSION.layers.end_decoding(image, self._decoding)
            return True
        return False

    def result(self) -> None:
        """Nothing: the picture is in `SESSION.layer_sessions`, or on its way there."""

    def cancel(self) -> None:
        self._pixels = self._decoding = self._read = None


def preload(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Get the picture ready soon, if it is not; a panel's drawing may call this every time."""
    target = image.session_uid, addon_data(image).stack_key, scene.session_uid
    job = SESSION.preload
    if bpy.app.background or (isinstance(job, PreloadJob) and job.target == target):
        return
    SESSION.preload = PreloadJob(target)
    if SESSION.layer_sessions.is_known(image) or not has_stack(image):
        return
    if not bpy.app.timers.is_registered(step):
        bpy.app.timers.register(step, first_interval=_SOON_S)


def step() -> float | None:
    """A timer: one step, unless a job is under way."""
    job = SESSION.preload
    if job is None:
        return None
    if SESSION.jobs.current is not None:
        return _SOON_S
    if not job.poll():
        return _NEXT_S
    job.cancel()  # lets go of what it has read, and remembers what it was asked for
    return None
