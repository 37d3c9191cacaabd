"""The picture worked on last, kept ready to be taken apart once more while a slider moves.

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
from ..scene.packing import make_files
from ..scene.pictures import PixelFacts, pixel_facts, stored_pixels, to_engine
from ..threads import run_in_thread
from . import image_cache

__all__ = ["close", "is_known", "is_ready", "is_small", "layer_session", "prepare"]

Layering = tuple[DecomposeSettings, CompleteSettings]


@dataclass(frozen=True)
class _Kept:
    depth_key: str
    name: str
    pixels: NDArray[np.float32]
    session: LayerSession


_kept: _Kept | None = None
# Where the pixels are read to that are compared with the kept ones.
_buffer: NDArray[np.float32] | None = None


# The same in the making: after a prediction the first move of a slider shall be as quick as others.
_coming: tuple[str, Future[_Kept]] | None = None  # with the depth's key
# A picture of more pixels is not prepared before it is asked for: its memory may not be wanted.
_MOST_PREPARED = 2048 * 2048
# Bytes of smoothed outlines that are kept: those of twelve layers of this size, twice.
_MOST_TILES = 1 << 27


# What a timer will start, once a build that follows at once is over.
_wanted: tuple[str, Callable[[], _Kept]] | None = None
_SOON = 1.0  # seconds


def prepare(
    image: bpy.types.Image, pixels: NDArray[np.float32], facts: PixelFacts, settings: Layering
) -> None:
    """Get a picture ready in a thread soon, and its layers under `settings`.

    `pixels` and `facts` are those of the image as it is now, with the depth it has now.
    """
    global _wanted
    if facts.width * facts.height > _MOST_PREPARED:
        return
    depth, key = image_cache.load_depth(image), addon_data(image).depth_key
    _wanted = key, partial(_prepared, key, image.name, pixels, facts, depth, settings)
    if not bpy.app.timers.is_registered(_begin):
        bpy.app.timers.register(_begin, first_interval=_SOON)


def _begin() -> None:
    """A timer: start what is wanted."""
    global _coming, _wanted
    if _wanted is not None:
        key, work = _wanted
        _coming, _wanted = (key, run_in_thread(work)), None


def _prepared(
    key: str,
    name: str,
    pixels: NDArray[np.float32],
    facts: PixelFacts,
    depth: DepthMap,
    settings: Layering,
) -> _Kept:
    session = _session(pixels, facts, depth)
    stack = session.decompose(*settings)
    # The files of their textures, which most of the layers keep when a slider moves.
    make_files([layer.rgba_crop for layer in stack])
    return _Kept(key, name, pixels, session)


def _session(pixels: NDArray[np.float32], facts: PixelFacts, depth: DepthMap) -> LayerSession:
    remember_tiles(_MOST_TILES)
    return LayerSession(to_engine(pixels, facts), depth, eight_bit=True)


def _take_prepared(image: bpy.types.Image, wait: bool) -> None:
    """Make what was prepared the picture at hand, if there is such a thing."""
    global _coming, _kept, _wanted
    own = addon_data(image).depth_key
    if wait and _wanted is not None and _wanted[0] == own:
        _wanted = None  # too late
    if _coming is None or not (wait or _coming[1].done()):
        return
    (key, made), _coming = _coming, None
    if key != own:
        return  # another picture's: nobody waits for it
    if made.exception() is None:  # else whoever asks for the layers hears what is wrong
        _kept = made.result()


def layer_session(image: bpy.types.Image) -> LayerSession:
    """The session of a picture with depth; made anew for another picture than last time.

    Raises InputError when the picture has no pixels or no depth.
    """
    global _kept, _buffer
    _take_prepared(image, wait=True)
    facts = pixel_facts(image)
    pixels = stored_pixels(image, _buffer)
    if _kept is not None and _fits(image) and np.array_equal(_kept.pixels, pixels):
        _buffer = pixels
        return _kept.session
    _kept = _buffer = None  # its memory is free before as much is taken again
    made = _session(pixels, facts, image_cache.load_depth(image))
    _kept = _Kept(addon_data(image).depth_key, image.name, pixels, made)
    return made


def is_known(image: bpy.types.Image) -> bool:
    """Whether this picture was the one worked on last, or is being prepared."""
    own = addon_data(image).depth_key
    return is_ready(image) or any(x is not None and x[0] == own for x in (_wanted, _coming))


def is_small(image: bpy.types.Image) -> bool:
    """Whether the picture may be prepared before it is asked for."""
    return int(image.size[0]) * int(image.size[1]) <= _MOST_PREPARED


def is_ready(image: bpy.types.Image) -> bool:
    """Whether this picture was the one worked on last, so that its layers are made fast."""
    _take_prepared(image, wait=False)
    return _kept is not None and _fits(image)


def _fits(image: bpy.types.Image) -> bool:
    key = addon_data(image).depth_key
    return _kept is not None and bool(key) and (key, image.name) == (_kept.depth_key, _kept.name)


def close() -> None:
    """Forget the picture."""
    global _kept, _buffer, _coming, _wanted
    _kept = _buffer = _coming = _wanted = None
    remember_tiles(0)
    if bpy.app.timers.is_registered(_begin):
        bpy.app.timers.unregister(_begin)
