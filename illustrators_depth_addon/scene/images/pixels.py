"""Blender's image datablocks as the engine's Image; the other way is `packing`.

Blender keeps row 0 at the bottom, the engine at the top. A byte image holds straight-alpha sRGB; a
float image (16-bit PNG, EXR) holds premultiplied scene-linear color unless it is data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.settings import ReadSettings
from illustrators_depth.types import Image

__all__ = [
    "PixelFacts",
    "image_to_engine",
    "picture_name",
    "pixel_facts",
    "read_pixels",
    "stored_pixels",
    "to_engine",
]


def stored_pixels(
    image: bpy.types.Image, into: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """Pixels of a datablock as Blender hands them out: float32, flat, row 0 at the bottom.

    `into` is an array to fill, if it has the right size: allocating one takes longer than reading.

    Raises InputError when there are none, for example because the file is gone.
    """
    width, height = image.size
    if width == 0 or height == 0 or image.channels == 0:
        raise InputError(
            f"The image {image.name!r} has no pixels; check that its file still exists "
            f"({image.filepath or 'it has none'})."
        )
    count = width * height * image.channels
    pixels = into if into is not None and into.size == count else np.empty(count, np.float32)
    source: Any = image.pixels
    source.foreach_get(pixels)
    return pixels


def read_pixels(image: bpy.types.Image) -> NDArray[np.float32]:
    """Stored pixels of a datablock, float32 (H, W, 4), row 0 at the top.

    Raises InputError when there are none, for example because the file is gone.
    """
    return _to_upright(stored_pixels(image), image.size[0], image.size[1])


def _to_upright(flat: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    channels = flat.size // (width * height)
    pixels = flat.reshape(height, width, channels)[::-1]
    if channels == 4:
        return pixels.copy()
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = pixels if channels == 3 else pixels[..., :1]
    return rgba


@dataclass(frozen=True)
class PixelFacts:
    """What must be known of a datablock to understand its stored pixels."""

    title: str
    name: str
    source: str
    width: int
    height: int
    is_float: bool
    is_straight: bool
    is_data: bool


def pixel_facts(image: bpy.types.Image) -> PixelFacts:
    """Raises InputError when the datablock is no still picture, or has too many pixels."""
    _check_still(image)
    space: Any = image.colorspace_settings
    return PixelFacts(
        title=image.name,
        name=picture_name(image),
        source=image.filepath or "Blender",
        width=image.size[0],
        height=image.size[1],
        is_float=image.is_float,
        is_straight=image.alpha_mode not in ("STRAIGHT", "PREMUL"),
        is_data=space.is_data,
    )


def image_to_engine(image: bpy.types.Image) -> Image:
    """The picture as the engine wants it: straight-alpha sRGB, as large as the datablock.

    Raises InputError when the datablock is no still picture, has no usable pixels, or too many.
    """
    facts = pixel_facts(image)
    return to_engine(stored_pixels(image), facts)


def to_engine(stored: NDArray[np.float32], facts: PixelFacts) -> Image:
    """`image_to_engine` of pixels that were read before. No bpy: threads may call it."""
    rgba = _to_upright(stored, facts.width, facts.height)
    if not facts.is_float:
        # Blender multiplies bytes by 1/255, the engine divides by 255: settle the last bit.
        rgba *= np.float32(255.0)
        np.rint(rgba, out=rgba)
        rgba /= np.float32(255.0)
    else:
        if not np.isfinite(rgba).all():
            raise InputError(
                f"The image {facts.title!r} holds NaN or infinite values; repair it first."
            )
        alpha = np.clip(rgba[..., 3:], 0.0, 1.0)
        if not facts.is_straight:
            rgba[..., :3] = np.divide(
                rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0.0
            )
        if not facts.is_data:
            rgba[..., :3] = _encode_srgb(rgba[..., :3])
        rgba[..., 3:] = alpha
    return Image(np.clip(rgba, 0.0, 1.0, out=rgba), name=facts.name, source=facts.source)


def _check_still(image: bpy.types.Image) -> None:
    """InputError for what is not one flat picture, and for more pixels than the engine takes."""
    problems = {
        "SEQUENCE": "an image sequence; open one of its frames as a single image",
        "MOVIE": "a movie; save one frame as PNG and open that",
        "TILED": "a set of UDIM tiles; open one tile as a single image",
        "VIEWER": "a render or a viewer; save it as PNG and open that",
    }
    if image.source in problems:
        raise InputError(f"The image {image.name!r} is {problems[image.source]}.")
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
