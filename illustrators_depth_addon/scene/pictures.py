"""Between Blender's image datablocks and the engine's Image and DepthMap.

Blender keeps row 0 at the bottom, the engine at the top. A byte image holds straight-alpha sRGB; a
float image (16-bit PNG, EXR) holds premultiplied scene-linear color unless it is data.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.nouns import Image
from illustrators_depth.settings import ReadSettings

__all__ = [
    "image_from_engine",
    "image_to_engine",
    "pack_float",
    "pack_rgba",
    "picture_name",
    "read_pixels",
]


def read_pixels(image: bpy.types.Image) -> NDArray[np.float32]:
    """Stored pixels of a datablock, float32 (H, W, 4), row 0 at the top.

    Raises InputError when there are none, for example because the file is gone.
    """
    width, height = image.size
    if width == 0 or height == 0 or image.channels == 0:
        raise InputError(
            f"The image {image.name!r} has no pixels; check that its file still exists "
            f"({image.filepath or 'it has none'})."
        )
    pixels = np.empty(width * height * image.channels, np.float32)
    source: Any = image.pixels
    source.foreach_get(pixels)
    pixels = pixels.reshape(height, width, image.channels)[::-1]
    if image.channels == 4:
        return np.ascontiguousarray(pixels)
    rgba = np.ones((height, width, 4), np.float32)
    if image.channels == 3:
        rgba[..., :3] = pixels
    else:
        rgba[..., :3] = pixels[..., :1]
    return rgba


def image_to_engine(image: bpy.types.Image) -> Image:
    """The picture as the engine wants it: straight-alpha sRGB, as large as the datablock.

    Raises InputError when the datablock is no still picture, has no usable pixels, or too many.
    """
    _check_still(image)
    rgba = read_pixels(image)
    if not image.is_float:
        # Blender multiplies bytes by 1/255, the engine divides by 255: settle the last bit.
        rgba = np.rint(rgba * 255.0).astype(np.float32) / np.float32(255.0)
    else:
        if not np.isfinite(rgba).all():
            raise InputError(
                f"The image {image.name!r} holds NaN or infinite values; repair it first."
            )
        alpha = np.clip(rgba[..., 3:], 0.0, 1.0)
        if image.alpha_mode in ("STRAIGHT", "PREMUL"):
            rgba[..., :3] = np.divide(
                rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0.0
            )
        space: Any = image.colorspace_settings
        if not space.is_data:
            rgba[..., :3] = _encode_srgb(rgba[..., :3])
        rgba[..., 3:] = alpha
    return Image(
        np.clip(rgba, 0.0, 1.0), name=picture_name(image), source=image.filepath or "Blender"
    )


def _check_still(image: bpy.types.Image) -> None:
    """InputError for what is not one flat picture, and for more pixels than the engine takes."""
    kinds = {
        "SEQUENCE": "an image sequence; open one of its frames as a single image",
        "MOVIE": "a movie; save one frame as PNG and open that",
        "TILED": "a set of UDIM tiles; open one tile as a single image",
        "VIEWER": "a render or a viewer; save it as PNG and open that",
    }
    if image.source in kinds:
        raise InputError(f"The image {image.name!r} is {kinds[image.source]}.")
    if image.type == "MULTILAYER":
        raise InputError(
            f"The image {image.name!r} is a multi-layer EXR; save the pass you want as a plain "
            "image and open that."
        )
    width, height = image.size
    limit = ReadSettings().max_pixels
    if width * height > limit:
        raise InputError(
            f"The image {image.name!r} is {width}x{height}, {width * height / 1e6:.0f} million "
            f"pixels, more than {limit / 1e6:.0f} million; scale it down (Image > Resize)."
        )


def image_from_engine(image: Image) -> bpy.types.Image:
    """A new packed 8-bit datablock that shows the engine's picture."""
    return pack_rgba(image.name, image.rgba)


def pack_rgba(
    name: str,
    rgba: NDArray[np.float32],
    reuse: bpy.types.Image | None = None,
    encoded: bool = False,
) -> bpy.types.Image:
    """Store straight-alpha sRGB, float32 (H, W, 4), row 0 on top, as a packed 8-bit image.

    `encoded` keeps Blender from decoding it to linear light: for nodes that blend in sRGB.
    """
    image = _sized(name, rgba.shape, reuse, is_float=False)
    if encoded:
        space: Any = image.colorspace_settings
        space.name = "Non-Color"
    # In place and upside down from the start: a texture is written whenever its layer changes.
    steps = rgba[::-1] * np.float32(255.0)
    np.clip(np.rint(steps, out=steps), 0.0, 255.0, out=steps)
    steps /= np.float32(255.0)
    _write(image, steps)
    return image


def pack_float(
    name: str, values: NDArray[np.float32], reuse: bpy.types.Image | None = None
) -> bpy.types.Image:
    """Store float32 (H, W), row 0 on top, exactly, as a packed 32-bit Non-Color image."""
    image = _sized(name, values.shape, reuse, is_float=True)
    rgba = np.repeat(values[::-1, :, None], 4, axis=2)
    rgba[..., 3] = 1.0
    _write(image, rgba)
    return image


def _sized(
    name: str, shape: tuple[int, ...], reuse: bpy.types.Image | None, is_float: bool
) -> bpy.types.Image:
    """`reuse` if it has the right size and kind, else a new datablock in its place."""
    height, width = shape[:2]
    if reuse is not None:
        if tuple(reuse.size) == (width, height) and reuse.is_float == is_float:
            return reuse
        fresh = _sized(reuse.name, shape, None, is_float)
        reuse.user_remap(fresh)
        old_name = reuse.name
        bpy.data.images.remove(reuse)
        fresh.name = old_name
        return fresh
    return bpy.data.images.new(
        name, width, height, alpha=not is_float, float_buffer=is_float, is_data=is_float
    )


def _write(image: bpy.types.Image, rgba: NDArray[np.float32]) -> None:
    """Set all pixels, row 0 at the bottom."""
    target: Any = image.pixels
    target.foreach_set(np.ascontiguousarray(rgba).ravel())
    image.update()
    image.pack()


def picture_name(image: bpy.types.Image) -> str:
    """What builds are named after: "fox.png" and "fox.png.001" are both "fox"."""
    name = image.name
    head, dot, tail = name.rpartition(".")
    if dot and tail.isdigit():
        name = head
        head, dot, tail = name.rpartition(".")
    return head if dot and 2 <= len(tail) <= 4 and tail.isalnum() else name


def _encode_srgb(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear Rec.709 to sRGB (IEC 61966-2-1)."""
    low = np.clip(linear, 0.0, 1.0)
    encoded = np.where(low <= 0.0031308, low * 12.92, 1.055 * low ** (1.0 / 2.4) - 0.055)
    return encoded.astype(np.float32)
