"""The picture worked on last, kept ready to be taken apart again while a slider moves.

What is kept is checked against the picture's pixels and its depth every time, so a picture that was
painted on, or got another depth by undo, is never taken for the one before.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.layering.session import LayerSession
from illustrators_depth.outlines import remember_tiles
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import DepthMap

from ..addon_data import addon_data
from ..scene.images.packing import encode_textures
from ..scene.images.pixels import PixelFacts, pixel_facts, stored_pixels, to_engine
from ..threads import run_in_thread
from ..timers import Timer
from .depth import DepthStore

__all__ = ["LayerSessions", "Layering", "ReadyPicture", "is_small"]

Layering = tuple[DecomposeSettings, CompleteSettings]

# A picture of more pixels is not prepared before it is asked for: its memory may not be wanted.
_MAX_PREPARED_PIXELS = 2048 * 2048
# Bytes of smoothed outlines that are kept: those of twelve layers of this size, twice.
_MAX_TILE_BYTES = 1 << 27
# A build that follows a prediction at once is over by then.
_PREPARE_AFTER_S = 1.0


@dataclass(frozen=True)
class ReadyPicture:
    """A picture ready to be taken apart, and what tells that it is still the same one."""

    depth_key: str
    name: str
    pixels: NDArray[np.float32]
    session: LayerSession

    def is_of(self, image: bpy.types.Image) -> bool:
        return bool(self.depth_key) and (self.depth_key, self.name) == (
            addon_data(image).depth_key,
            image.name,
        )


class LayerSessions:
    """The engine's session of the picture worked on last, and of the one to come.

    Attributes:
        ready: the picture at hand.
        coming: the one that a thread gets ready, with its depth's key.
    """

    def __init__(self, depth: DepthStore) -> None:
        self._depth = depth
        self.ready: ReadyPicture | None = None
        self.coming: tuple[str, Future[ReadyPicture]] | None = None
        self._wanted: tuple[str, Callable[[], ReadyPicture]] | None = None  # for the timer
        self._buffer: NDArray[np.float32] | None = None  # where pixels to compare are read to
        self._timer = Timer(self.begin)

    def prepare(
        self,
        image: bpy.types.Image,
        pixels: NDArray[np.float32],
        facts: PixelFacts,
        settings: Layering,
    ) -> None:
        """Get a picture ready in a thread soon, and its layers under `settings`.

        `pixels` and `facts` are those of the image as it is now, with the depth it has now. So the
        first move of a slider is as quick as others.
        """
        if facts.width * facts.height > _MAX_PREPARED_PIXELS:
            return
        depth, key = self._depth.load(image), addon_data(image).depth_key
        self._wanted = key, partial(_prepare, key, image.name, pixels, facts, depth, settings)
        self._timer.start(_PREPARE_AFTER_S)

    def begin(self) -> None:
        """A timer: start what is wanted."""
        if self._wanted is not None:
            key, work = self._wanted
            self.coming, self._wanted = (key, run_in_thread(work)), None

    def session(self, image: bpy.types.Image) -> LayerSession:
        """The session of a picture with depth; a new one for another picture than last time.

        Raises InputError when the picture has no pixels or no depth.
        """
        self._take_prepared(image, wait=True)
        facts = pixel_facts(image)
        pixels = stored_pixels(image, self._buffer)
        ready = self.ready
        if ready is not None and ready.is_of(image) and np.array_equal(ready.pixels, pixels):
            self._buffer = pixels
            return ready.session
        self.ready = self._buffer = ready = None  # memory is free before as much is taken again
        session = _start_session(pixels, facts, self._depth.load(image))
        self.ready = ReadyPicture(addon_data(image).depth_key, image.name, pixels, session)
        return session

    def is_known(self, image: bpy.types.Image) -> bool:
        """Whether this picture was the one worked on last, or is being prepared."""
        depth_key = addon_data(image).depth_key
        return self.is_ready(image) or any(
            x is not None and x[0] == depth_key for x in (self._wanted, self.coming)
        )

    def is_ready(self, image: bpy.types.Image) -> bool:
        """Whether this picture was the one worked on last, so that its layers are made fast."""
        self._take_prepared(image, wait=False)
        return self.ready is not None and self.ready.is_of(image)

    def close(self) -> None:
        """Forget the picture."""
        self.ready = self._buffer = self.coming = self._wanted = None
        remember_tiles(0)
        self._timer.stop()

    def _take_prepared(self, image: bpy.types.Image, wait: bool) -> None:
        """Make what was prepared the picture at hand, if there is such a thing."""
        depth_key = addon_data(image).depth_key
        if wait and self._wanted is not None and self._wanted[0] == depth_key:
            self._wanted = None  # too late
        if self.coming is None or not (wait or self.coming[1].done()):
            return
        (key, prepared), self.coming = self.coming, None
        if key != depth_key:
            return  # it is another picture's
        if prepared.exception() is None:  # else `session` raises the error
            self.ready = prepared.result()


def is_small(image: bpy.types.Image) -> bool:
    """Whether the picture may be prepared before it is asked for."""
    return int(image.size[0]) * int(image.size[1]) <= _MAX_PREPARED_PIXELS


def _prepare(
    key: str,
    name: str,
    pixels: NDArray[np.float32],
    facts: PixelFacts,
    depth: DepthMap,
    settings: Layering,
) -> ReadyPicture:
    session = _start_session(pixels, facts, depth)
    stack = session.decompose(*settings)
    # The files of their textures, which most of the layers keep when a slider moves.
    encode_textures([layer.rgba_crop for layer in stack])
    return ReadyPicture(key, name, pixels, session)


def _start_session(pixels: NDArray[np.float32], facts: PixelFacts, depth: DepthMap) -> LayerSession:
    remember_tiles(_MAX_TILE_BYTES)
    return LayerSession(to_engine(pixels, facts), depth, eight_bit=True)
