"""The picture worked on last, kept ready to be taken apart once more while a slider moves.

What is kept is checked against the picture's pixels and its depth every time, so a picture that was
painted on, or got another depth by undo, is never taken for the one before.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.layering.session import LayerSession

from . import image_cache
from .attached import attached
from .scene.pictures import pixel_facts, stored_pixels, to_engine

__all__ = ["close", "is_ready", "layer_session"]


@dataclass(frozen=True)
class _Kept:
    depth_key: str
    name: str
    pixels: NDArray[np.float32]
    session: LayerSession


_kept: _Kept | None = None
# Where the pixels are read to that are compared with the kept ones.
_buffer: NDArray[np.float32] | None = None


def layer_session(image: bpy.types.Image) -> LayerSession:
    """The session of a picture with depth; made anew for another picture than last time.

    Raises InputError when the picture has no pixels or no depth.
    """
    global _kept, _buffer
    facts = pixel_facts(image)
    pixels = stored_pixels(image, _buffer)
    if _kept is not None and _fits(image) and np.array_equal(_kept.pixels, pixels):
        _buffer = pixels
        return _kept.session
    _kept = _buffer = None  # its memory is free before as much is taken again
    made = LayerSession(to_engine(pixels, facts), image_cache.load_depth(image))
    _kept = _Kept(attached(image).depth_key, image.name, pixels, made)
    return made


def is_ready(image: bpy.types.Image) -> bool:
    """Whether this picture was the one worked on last, so that its layers are made fast."""
    return _kept is not None and _fits(image)


def _fits(image: bpy.types.Image) -> bool:
    key = attached(image).depth_key
    return _kept is not None and bool(key) and (key, image.name) == (_kept.depth_key, _kept.name)


def close() -> None:
    """Forget the picture."""
    global _kept, _buffer
    _kept = _buffer = None
