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
from ..log import LOGGER
from ..scene.pictures import PixelFacts
from ..storage import image_cache, layer_session
from . import jobs, prediction

__all__ = ["ask", "close"]

_SOON, _NEXT = 0.5, 0.05  # seconds until the first step, and between two

# The picture asked for last, by its session_uid and its layers' key, and its scene's session_uid.
_asked: tuple[int, str, int] | None = None
_decoding: Future[LayerStack] | None = None
_pixels: prediction.Pixels | None = None
_read: tuple[NDArray[np.float32], PixelFacts] | None = None


def ask(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Get the picture ready soon, if it is not; a panel's drawing may call this every time."""
    global _asked, _decoding, _pixels, _read
    wanted = image.session_uid, addon_data(image).stack_key, scene.session_uid
    if bpy.app.background or _asked == wanted:
        return
    _asked, _decoding, _pixels, _read = wanted, None, None, None
    if layer_session.is_known(image) or not image_cache.has_stack(image):
        return
    if not bpy.app.timers.is_registered(step):
        bpy.app.timers.register(step, first_interval=_SOON)


def step() -> float | None:
    """A timer: one step at a time, each of which holds up the window for a moment only."""
    global _decoding, _pixels, _read
    if _asked is None:
        return None
    if jobs.current() is not None:
        return _SOON
    uid, key, scene_uid = _asked
    image: Any = next((x for x in bpy.data.images if x.session_uid == uid), None)
    scene: Any = next((x for x in bpy.data.scenes if x.session_uid == scene_uid), None)
    if image is None or scene is None or addon_data(image).stack_key != key:
        return None
    try:
        if layer_session.is_known(image) or not layer_session.is_small(image):
            return None
        if _pixels is None:
            len(image.pixels)  # decodes the file
            _pixels = prediction.Pixels(image)
            _decoding = image_cache.start_decoding(image)
            return _NEXT
        if _decoding is not None:
            if _decoding.done():
                image_cache.end_decoding(image, _decoding)
                _decoding = None
            return _NEXT
        if _read is None:
            _read = _pixels.step(image)
            return _NEXT
        image_cache.load_depth(image)
        read, _pixels, _read = _read, None, None
        layer_session.prepare(image, *read, prediction.scene_settings(scene)[1:])
    except EngineError as error:  # who moves the slider will hear of it
        LOGGER.debug("%s is not prepared: %s", image.name, error)
        _decoding = _pixels = _read = None
    return None


def close() -> None:
    """Forget what was asked for."""
    global _asked, _decoding, _pixels, _read
    _asked = _decoding = _pixels = _read = None
    if bpy.app.timers.is_registered(step):
        bpy.app.timers.unregister(step)
