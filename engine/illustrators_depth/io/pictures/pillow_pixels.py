"""A Pillow picture of any mode to straight-alpha sRGB, orientation and profile applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as PilImage

from ...raster.tiling import strips
from ..color import unpremultiply
from ..color.icc import is_srgb, pil_to_srgb
from ..suppress_output import quiet_libraries
from .arrays import array_to_rgba, oriented, unit_float

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["orientation_of", "pixels_from_pillow"]

_ORIENTATION = 0x0112  # EXIF and TIFF tag
_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")


def orientation_of(picture: PilImage.Image) -> int:
    """EXIF orientation, 1 to 8; 1 where the file does not say or says nonsense."""
    value = picture.getexif().get(_ORIENTATION, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def pixels_from_pillow(picture: PilImage.Image, alpha: str) -> NDArray[np.float32]:
    """Decode to float32 (H, W, 4), straight alpha, sRGB; `alpha` as in ReadSettings."""
    orientation = orientation_of(picture)
    profile = picture.info.get("icc_profile")
    _load(picture)
    if picture.format == "TIFF":
        orientation = 1  # Pillow's TIFF reader has turned it
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        values = np.asarray(picture)
        if picture.mode == "I":  # what older Pillow makes of 16-bit greyscale PNG
            values = np.clip(values, 0, 65535).astype(np.uint16)
        rgba = array_to_rgba(values.astype(values.dtype.newbyteorder("=")), "The picture")
        return oriented(rgba, orientation)
    color, alpha_channel = _split_alpha(picture)
    if profile and not is_srgb(profile):
        color = pil_to_srgb(color, profile)
    elif color.mode == "LAB":
        color = _lab_to_rgb(color)
    rgb = np.asarray(color.convert("RGB"))
    opacity = None if alpha_channel is None else np.asarray(alpha_channel)
    rgba = np.ones((picture.height, picture.width, 4), np.float32)
    for rows in strips(picture.height, picture.width):  # no second picture of floats
        rgba[rows, :, :3] = unit_float(rgb[rows], "The picture")
        if opacity is not None:
            rgba[rows, :, 3] = unit_float(opacity[rows], "The picture")
            if alpha == "premultiplied":
                rgba[rows] = np.clip(unpremultiply(rgba[rows]), 0.0, 1.0)
    return oriented(rgba, orientation)


def _load(picture: PilImage.Image) -> None:
    """Decode; libtiff only prints what is wrong with a file, and hands out what it has."""
    if picture.format != "TIFF":
        picture.load()
        return
    with quiet_libraries() as errors:
        picture.load()
    if errors:
        raise OSError(errors[0])


def _split_alpha(picture: PilImage.Image) -> tuple[PilImage.Image, PilImage.Image | None]:
    """Colour (L, RGB, CMYK or LAB) and coverage (L), None when the picture is opaque."""
    if picture.mode in ("RGBa", "La"):
        picture = picture.convert(picture.mode.upper())
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if _palette_has_alpha(picture) else "RGB")
    elif "transparency" in picture.info and picture.mode in ("1", "L", "RGB"):
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA"):
        return picture.convert("RGB" if picture.mode == "RGBA" else "L"), picture.getchannel("A")
    if picture.mode in ("L", "RGB", "CMYK", "LAB"):
        return picture, None
    return picture.convert("L" if picture.mode == "1" else "RGB"), None


def _palette_has_alpha(picture: PilImage.Image) -> bool:
    """Whether a palette's entries have coverage: of their own (TGA, DDS), or beside them (PNG)."""
    in_entries = picture.palette is not None and picture.palette.mode in _WITH_ALPHA
    return in_entries or picture.mode == "PA" or "transparency" in picture.info


def _lab_to_rgb(picture: PilImage.Image) -> PilImage.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    assert converted is not None  # only in-place conversion returns None
    return converted
