"""Arrays as packed images: encoded by us, decoded by Blender when it first shows them.

Blender's own `Image.pack` is slower, and leaves an image "unsaved" on the way: undo then brings
back the packed file but not the pixels. A file that we encode can be handed over, and lets an image
change its size in place. After an undo that brought back another file, what Blender had decoded is
freed (docs/decisions/014-fast-blender-data.md).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from typing import Any

import bpy
import cv2
import numpy as np
from bpy.app.handlers import persistent
from numpy.typing import NDArray

from illustrators_depth.array_cache import ArrayCache
from illustrators_depth.io.pictures.exr import encode_exr
from illustrators_depth.threads import parallel_map
from illustrators_depth.types import Image

from ...addon_data import addon_data

__all__ = [
    "encode_float",
    "encode_rgba",
    "encode_textures",
    "image_from_engine",
    "image_from_file",
    "is_ours",
    "new_float",
    "pack_file",
    "pack_rgba",
    "register",
    "texture_file",
    "unregister",
]

# A Targa file holds sizes in 16 bits.
_MAX_TARGA_SIDE = 65535
# Run lengths that save less than this share of the raw bytes are not worth having.
_MAX_RUN_LENGTH_SHARE = 0.5

# Files made at a time.
_ENCODERS = 4

_files = ArrayCache()
# The file that an image's decoded pixels come from, by session_uid: of those packed since Blender
# was started.
_shown: dict[int, str] = {}


def image_from_engine(image: Image) -> bpy.types.Image:
    """A new packed 8-bit datablock that shows the engine's picture."""
    return _pack(_new_image(image.name), encode_rgba(image.rgba, small=True))


def image_from_file(
    name: str, content: bytes, reuse: bpy.types.Image | None = None
) -> bpy.types.Image:
    """A packed datablock that shows a picture file of ours, given by its bytes."""
    return _pack(reuse or _new_image(name), content)


def pack_rgba(
    name: str,
    rgba: NDArray[np.float32],
    reuse: bpy.types.Image | None = None,
    encoded: bool = False,
) -> bpy.types.Image:
    """Store straight-alpha sRGB, float32 (H, W, 4), row 0 on top, as a packed 8-bit image.

    `encoded` keeps Blender from decoding it to linear light: for nodes that blend in sRGB. Such
    an image is premultiplied, since the compositor takes data as it is.
    """
    image = reuse or _new_image(name)
    if encoded:
        space: Any = image.colorspace_settings
        space.name = "Non-Color"
        image.alpha_mode = "CHANNEL_PACKED"  # STRAIGHT and PREMUL are converted in some places
        rgba = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=2)
    return pack_file(image, texture_file(rgba))


def texture_file(rgba: NDArray[np.float32]) -> bytes:
    """`encode_rgba`, once for as long as the array lives; it must not be written to any more."""
    return _files.get(rgba, "file", lambda: encode_rgba(rgba))


def encode_textures(pictures: Sequence[NDArray[np.float32]]) -> None:
    """`texture_file` of each, some at a time."""
    pixels = sum(rgba.size // 4 for rgba in pictures)
    for _ in parallel_map(texture_file, pictures, pixels, _ENCODERS):
        pass


def new_float(name: str) -> bpy.types.Image:
    """A 32-bit Non-Color datablock that is about to get its file."""
    return bpy.data.images.new(name, 1, 1, float_buffer=True, is_data=True)


def pack_file(image: bpy.types.Image, content: bytes) -> bpy.types.Image:
    """Make an image of ours show a picture file that is packed in the .blend."""
    _pack(image, content)
    key = hashlib.blake2b(content, digest_size=12).hexdigest()
    addon_data(image).file_key = _shown[image.session_uid] = key
    return image


def _pack(image: bpy.types.Image, content: bytes) -> bpy.types.Image:
    pack: Any = image.pack
    pack(data=content, data_len=len(content))
    image.source = "FILE"
    image.buffers_free()  # what was decoded from the file before
    return image


def is_ours(image: bpy.types.Image) -> bool:
    """Whether this is a layer's texture that `pack_file` made, so that it may get another file.

    A user may have put an image of theirs, even the picture or its depth, where ours was.
    """
    data = addon_data(image)
    return bool(data.file_key) and not data.is_result and image.library is None


def encode_rgba(rgba: NDArray[np.float32], small: bool = False) -> bytes:
    """Straight-alpha sRGB, float32 (H, W, 4), row 0 on top, as an 8-bit picture file.

    Targa with run lengths, the quicker of the two while a slider moves; PNG where run lengths do
    not help, as with a photo, and where `small` asks for it. No bpy: threads may call it.
    """
    from PIL import Image as PilImage

    # Rounds and clips in one pass.
    levels = cv2.convertScaleAbs(np.ascontiguousarray(rgba), alpha=255.0)
    picture = PilImage.fromarray(levels)
    if not small and max(levels.shape) <= _MAX_TARGA_SIDE:
        targa = io.BytesIO()
        picture.save(targa, "TGA", compression="tga_rle")
        if targa.tell() <= _MAX_RUN_LENGTH_SHARE * levels.size:
            return targa.getvalue()
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=3 if small else 1)
    return png.getvalue()


def encode_float(values: NDArray[np.float32]) -> bytes:
    """float32 (H, W), row 0 on top, exactly, as a picture file. No bpy: threads may call it."""
    return encode_exr(values)


def _new_image(name: str) -> bpy.types.Image:
    """A datablock that is about to get its file: its size comes with that."""
    return bpy.data.images.new(name, 1, 1, alpha=True)


@persistent
def _after_undo(*_: Any) -> None:
    """Undo takes the packed file back, but may leave an image with the pixels of the other one."""
    for image in bpy.data.images:
        key = addon_data(image).file_key
        if _shown.get(image.session_uid, key) != key:
            image.buffers_free()
            _shown[image.session_uid] = key


@persistent
def _after_loading(*_: Any) -> None:
    _shown.clear()


def register() -> None:
    bpy.app.handlers.undo_post.append(_after_undo)
    bpy.app.handlers.redo_post.append(_after_undo)
    bpy.app.handlers.load_post.append(_after_loading)


def unregister() -> None:
    handlers: Any = bpy.app.handlers
    for listed, handler in (
        (handlers.undo_post, _after_undo),
        (handlers.redo_post, _after_undo),
        (handlers.load_post, _after_loading),
    ):
        if handler in listed:
            listed.remove(handler)
    _shown.clear()
