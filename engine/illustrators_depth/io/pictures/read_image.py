"""Any picture (a path, a PIL image, an array) to an Image: straight alpha, sRGB, float32."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as PilImage

from ...errors import InputError
from ...raster.tiling import strips
from ...settings import ReadSettings
from ...types import Image
from ..color import linear_to_srgb, unpremultiply
from ..color.icc import float_to_srgb, is_srgb
from ..color.png_color import png_color
from ..names import portable_name
from ..user_path import user_path
from .arrays import array_to_rgba, oriented, unit_float
from .exr import decode_exr
from .exr_header import is_exr, read_exr_header
from .high_bit_depth import decode_high_bit_depth
from .picture_file import check_pixels, cut_short, decoding, open_pillow, read_header
from .pillow_pixels import orientation_of, pixels_from_pillow
from .png_file import PNG_MAGIC, read_png_header
from .resolution import dpi_of_info, turned_dpi
from .tiff_file import TIFF_MAGICS, read_tiff_header

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["read_image"]

Dpi = tuple[float, float] | None

_HIGH_BITS = 16  # per sample of a PNG: more than Pillow keeps
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
    chosen = ReadSettings.or_default(settings)
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
            rgba = pixels_from_pillow(source, chosen.alpha)
            dpi = turned_dpi(dpi_of_info(source.info), orientation_of(source))
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
        header = read_tiff_header(path)
        check_pixels(path.name, header.width, header.height, settings.max_pixels)
        if header.high_bit_depth:
            if not header.interleaved:
                raise InputError(
                    f"{path.name} stores its channels in separate planes; save it with interleaved "
                    "(chunky) channels."
                )
            auto = "premultiplied" if _ASSOCIATED in header.extra_samples else "straight"
            alpha = auto if settings.alpha == "auto" else settings.alpha
            # OpenCV has applied the orientation already.
            rgba = _from_high_bit_depth(
                path, header.profile, alpha, inverted=header.photometric == 0
            )
            return rgba, turned_dpi(header.dpi, header.orientation)
    if head.startswith(PNG_MAGIC):
        return _read_png(path, settings)
    with open_pillow(path, settings.max_pixels) as picture:
        dpi = turned_dpi(dpi_of_info(picture.info), orientation_of(picture))
        return _from_pillow(path, picture, settings.alpha), dpi


def _read_png(path: Path, settings: ReadSettings) -> tuple[NDArray[np.float32], Dpi]:
    png = read_png_header(path)
    check_pixels(path.name, png.width, png.height, settings.max_pixels)
    if not png.can_be_whole:
        raise cut_short(path.name, png.width, png.height)
    color = png_color(png)
    with open_pillow(path, settings.max_pixels) as picture:
        orientation = orientation_of(picture)
        dpi = turned_dpi(dpi_of_info(picture.info), orientation)
        if color is not None:
            picture.info.pop("icc_profile", None)  # cICP stands above a profile
        grey = png.transparent_grey
        if png.bits == _HIGH_BITS:
            profile = picture.info.get("icc_profile")
            picture.load()  # finds truncation, of which libpng in OpenCV would print a complaint
            rgba = oriented(
                _from_high_bit_depth(path, profile, settings.alpha, grey=grey), orientation
            )
        else:
            if grey is not None:
                picture.info["transparency"] = grey * 255 // ((1 << png.bits) - 1)
            rgba = pixels_from_pillow(picture, settings.alpha)
    if color is not None:
        for rows in strips(*rgba.shape[:2]):
            rgba[rows, :, :3] = color.to_srgb(rgba[rows, :, :3])
    return rgba, dpi


def _from_pillow(path: Path, picture: PilImage.Image, alpha: str) -> NDArray[np.float32]:
    """A picture of 8 bits or less, decoded by Pillow."""
    if picture.format == "TIFF" and _ASSOCIATED in read_tiff_header(path).extra_samples:
        # Pillow has divided by alpha already, as the file asked.
        rgba = pixels_from_pillow(picture, "straight")
        if alpha == "straight":
            rgba[..., :3] *= rgba[..., 3:]
        return rgba
    return pixels_from_pillow(picture, alpha)


def _read_exr(path: Path, settings: ReadSettings) -> tuple[NDArray[np.float32], Dpi]:
    header = read_exr_header(path)
    check_pixels(path.name, header.width, header.height, settings.max_pixels)
    if header.largest_pixels > settings.max_pixels:
        x0, y0, x1, y1 = header.data_window
        check_pixels(path.name, x1 - x0 + 1, y1 - y0 + 1, settings.max_pixels)
    if any(c.name in ("R", "G", "B", "Y") and c.sample_type == "uint32" for c in header.layout):
        raise InputError(
            f"{path.name} holds its colours as whole numbers (unsigned integers), of which no file "
            "says how many are white; save it with half or float channels."
        )
    linear = decode_exr(path, header)
    bad = int(linear.size - np.count_nonzero(np.isfinite(linear)))
    if bad:
        raise InputError(
            f"{path.name} holds {bad} NaN or infinite values; render it again, or repair them "
            "(in Blender's compositor: clamp) and save it again."
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


def _from_high_bit_depth(
    path: Path,
    profile: bytes | None,
    alpha: str,
    *,
    inverted: bool = False,
    grey: int | None = None,
) -> NDArray[np.float32]:
    """Samples of more than 8 bits; `grey` is the value that means nothing is there."""
    pixels = decode_high_bit_depth(path)
    if inverted:  # TIFF photometric 0: white is zero
        pixels = 1.0 - unit_float(pixels, path.name)
    rgba = array_to_rgba(pixels, path.name, alpha)
    if grey is not None:
        rgba[..., 3] = (pixels[..., 0] if pixels.ndim == 3 else pixels) != grey
    if profile and not is_srgb(profile):
        rgba[..., :3] = float_to_srgb(rgba[..., :3], profile)
    return rgba
