"""Any picture (a path, a PIL image, an array) to an Image: straight alpha, sRGB, float32."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as PilImage

from ..errors import InputError
from ..settings import ReadSettings
from ..types import Image
from .arrays import array_to_rgba, oriented, unit_float
from .color import linear_to_srgb, unpremultiply
from .exr import decode_exr
from .exr_header import is_exr, read_exr_header
from .high_bit_depth import decode_deep, png_bits, read_tiff_facts
from .icc import float_to_srgb, is_srgb, pil_to_srgb
from .names import portable_name
from .picture_file import TIFF_MAGICS, check_pixels, decoding, open_pillow, read_header
from .resolution import dpi_of_info, turned_dpi
from .user_path import user_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_image"]

Dpi = tuple[float, float] | None

_ORIENTATION = 0x0112  # EXIF and TIFF tag
_ASSOCIATED = 1  # TIFF ExtraSamples: premultiplied alpha


def read_image(
    source: str | Path | PilImage.Image | NDArray[Any] | Image,
    settings: ReadSettings | None = None,
) -> Image:
    """Read a picture into straight-alpha sRGB.

    Files: PNG, JPEG, WebP, TIFF, EXR, BMP, GIF (first frame) and what else Pillow decodes itself.
    EXIF orientation is applied, embedded ICC profiles are converted to sRGB, 16-bit and float files
    keep their precision. EXR is taken as linear light with premultiplied alpha, as its
    specification says; light above 1 is clipped. Float TIFF without a profile is taken as sRGB.

    Args:
        source: a path, a PIL image, an array (HxW, HxWx1, HxWx3 or HxWx4; uint8, uint16 or float
            0..1, sRGB) or an Image, which is returned as it is.
        settings: the size limit, and how alpha is stored.

    Returns:
        Image: float32 (H, W, 4), named after the file.

    Raises:
        InputError: the picture is missing, damaged, too large, fully transparent, not a picture,
            or holds NaN or infinite values.
    """
    chosen = ReadSettings.given(settings)
    if isinstance(source, Image):
        check_pixels(source.name, source.width, source.height, chosen.max_pixels)
        return source
    if isinstance(source, str | Path):
        path = user_path(source)
        if not str(source).strip():
            raise InputError("The picture's path is empty; name a file.")
        (rgba, dpi), what = _read_file(path, chosen), path.name
        image = Image(rgba, portable_name(path.stem) or "picture", portable_name(str(path)), dpi)
    elif isinstance(source, PilImage.Image):
        what = "The picture"
        check_pixels(what, *source.size, chosen.max_pixels)
        filename = getattr(source, "filename", "")
        name = Path(filename).stem if isinstance(filename, str) and filename else "picture"
        with decoding(Path(name)):
            rgba = _from_pillow(source, chosen.alpha)
            dpi = turned_dpi(dpi_of_info(source.info), _orientation(source))
        image = Image(rgba, name, "PIL image", dpi)
    elif isinstance(source, np.ndarray):
        what = "The array"
        if source.ndim >= 2 and source.size:
            check_pixels(what, source.shape[1], source.shape[0], chosen.max_pixels)
        image = Image(array_to_rgba(source, what, chosen.alpha))
    else:
        raise InputError(
            f"A picture must be a path, a PIL image, an array or an Image, not "
            f"{type(source).__name__}."
        )
    if not image.alpha.any():
        raise InputError(
            f"{what} is fully transparent, there is nothing to see in it; flatten it or remove its "
            "alpha channel."
        )
    return replace(image, rgba=np.ascontiguousarray(image.rgba))


def _read_file(path: Path, settings: ReadSettings) -> tuple[NDArray[np.float32], Dpi]:
    """Straight-alpha sRGB, and the resolution that the file declares."""
    head = read_header(path)
    if is_exr(head):
        return _read_exr(path, settings)
    if head[:4] in TIFF_MAGICS:
        facts = read_tiff_facts(path)
        check_pixels(path.name, facts.width, facts.height, settings.max_pixels)
        if facts.deep:
            if not facts.interleaved:
                raise InputError(
                    f"{path.name} stores its channels in separate planes; save it with interleaved "
                    "(chunky) channels."
                )
            auto = "premultiplied" if _ASSOCIATED in facts.extra_samples else "straight"
            alpha = auto if settings.alpha == "auto" else settings.alpha
            # OpenCV has applied the orientation already.
            rgba = _from_deep(path, facts.profile, alpha, inverted=facts.photometric == 0)
            return rgba, turned_dpi(facts.dpi, facts.orientation)
    with open_pillow(path, settings.max_pixels) as picture:
        if png_bits(head) == 16:
            orientation = _orientation(picture)
            dpi = turned_dpi(dpi_of_info(picture.info), orientation)
            profile = picture.info.get("icc_profile")
            picture.load()  # finds truncation, of which libpng in OpenCV would print a complaint
            return oriented(_from_deep(path, profile, settings.alpha), orientation), dpi
        dpi = turned_dpi(dpi_of_info(picture.info), _orientation(picture))
        premultiplied_file = picture.format == "TIFF" and (
            _ASSOCIATED in read_tiff_facts(path).extra_samples
        )
        if not premultiplied_file:
            return _from_pillow(picture, settings.alpha), dpi
        # Pillow has divided by alpha already, as the file asked.
        rgba = _from_pillow(picture, "straight")
        if settings.alpha == "straight":
            rgba[..., :3] *= rgba[..., 3:]
        return rgba, dpi


def _read_exr(path: Path, settings: ReadSettings) -> tuple[NDArray[np.float32], Dpi]:
    header = read_exr_header(path)
    check_pixels(path.name, header.width, header.height, settings.max_pixels)
    if header.largest_pixels > settings.max_pixels:
        x0, y0, x1, y1 = header.data_window
        check_pixels(path.name, x1 - x0 + 1, y1 - y0 + 1, settings.max_pixels)
    linear = decode_exr(path, header)
    bad = int(linear.size - np.count_nonzero(np.isfinite(linear)))
    if bad:
        raise InputError(
            f"{path.name} holds {bad} NaN or infinite values; render it again, or repair them "
            "(in Blender's compositor: clamp) and save anew."
        )
    if linear.ndim == 2:
        linear = linear[..., None]
    height, width, channels = linear.shape
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = linear[..., :1] if channels == 1 else linear[..., :3]
    if channels == 4:
        rgba[..., 3] = np.clip(linear[..., 3], 0.0, 1.0)
        if settings.alpha != "straight":
            rgba = unpremultiply(rgba)
    rgba[..., :3] = linear_to_srgb(rgba[..., :3])
    return rgba, header.dpi


def _from_deep(
    path: Path, profile: bytes | None, alpha: str, *, inverted: bool = False
) -> NDArray[np.float32]:
    pixels = decode_deep(path)
    if inverted:  # TIFF photometric 0: white is zero
        pixels = 1.0 - unit_float(pixels, path.name)
    rgba = array_to_rgba(pixels, path.name, alpha)
    if profile and not is_srgb(profile):
        rgba[..., :3] = float_to_srgb(rgba[..., :3], profile)
    return rgba


def _orientation(picture: PilImage.Image) -> int:
    return int(picture.getexif().get(_ORIENTATION, 1))


def _from_pillow(picture: PilImage.Image, alpha: str) -> NDArray[np.float32]:
    """Decode a Pillow picture of any mode; orientation and profile applied."""
    orientation = _orientation(picture)
    profile = picture.info.get("icc_profile")
    picture.load()
    if picture.format == "TIFF":
        orientation = 1  # Pillow's TIFF reader has turned it
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        values = np.asarray(picture)
        if picture.mode == "I":  # what older Pillow makes of 16-bit greyscale PNG
            values = np.clip(values, 0, 65535).astype(np.uint16)
        rgba = array_to_rgba(values.astype(values.dtype.newbyteorder("=")), "The picture")
        return oriented(rgba, orientation)
    colour, coverage = _split_alpha(picture)
    if profile and not is_srgb(profile):
        colour = pil_to_srgb(colour, profile)
    elif colour.mode == "LAB":
        colour = _lab_to_rgb(colour)
    height, width = picture.height, picture.width
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = unit_float(np.asarray(colour.convert("RGB")), "The picture")
    if coverage is not None:
        rgba[..., 3] = unit_float(np.asarray(coverage), "The picture")
        if alpha == "premultiplied":
            rgba = np.clip(unpremultiply(rgba), 0.0, 1.0)
    return oriented(rgba, orientation)


def _split_alpha(picture: PilImage.Image) -> tuple[PilImage.Image, PilImage.Image | None]:
    """Colour (L, RGB, CMYK or LAB) and coverage (L), None when the picture is opaque."""
    if picture.mode in ("RGBa", "La"):
        picture = picture.convert(picture.mode.upper())
    if picture.mode in ("P", "PA"):
        transparent = picture.mode == "PA" or "transparency" in picture.info
        picture = picture.convert("RGBA" if transparent else "RGB")
    elif "transparency" in picture.info and picture.mode in ("1", "L", "RGB"):
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA"):
        return picture.convert("RGB" if picture.mode == "RGBA" else "L"), picture.getchannel("A")
    if picture.mode in ("L", "RGB", "CMYK", "LAB"):
        return picture, None
    return picture.convert("L" if picture.mode == "1" else "RGB"), None


def _lab_to_rgb(picture: PilImage.Image) -> PilImage.Image:
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    assert converted is not None  # only in-place conversion returns None
    return converted
