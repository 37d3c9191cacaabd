"""What a picture file is, from its header alone: for `info`, memory checks and Blender."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...settings import ReadSettings
from ..color.icc import is_srgb, profile_name
from ..color.png_color import png_color
from ..user_path import user_path
from .exr_header import is_exr, read_exr_header
from .high_bit_depth import png_bits
from .picture_file import open_pillow, read_header
from .png_file import PNG_MAGIC, read_png_header
from .tiff_file import TIFF_MAGICS, read_tiff_header

if TYPE_CHECKING:
    from PIL import Image as PilImage

__all__ = ["describe_picture", "numbers_of", "picture_size", "unsupported_metadata"]

_ORIENTATION = 0x0112
_MODE_NAMES = {
    "1": "black and white",
    "L": "greyscale",
    "LA": "greyscale with alpha",
    "P": "palette",
    "RGB": "RGB",
    "RGBA": "RGB with alpha",
    "CMYK": "CMYK",
    "LAB": "L*a*b*",
    "YCbCr": "YCbCr",
    "I;16": "greyscale",
    "I": "greyscale",
    "F": "greyscale",
}


def picture_size(path: str | Path) -> tuple[int, int]:
    """Width and height as the file's header says, before any turning upright.

    Raises InputError when the file is missing or not a picture.
    """
    file = user_path(path)
    head = read_header(file)
    if is_exr(head):
        header = read_exr_header(file)
        return header.width, header.height
    if head[:4] in TIFF_MAGICS:
        tags = read_tiff_header(file)
        return tags.width, tags.height
    with open_pillow(file, None) as picture:
        return picture.size


def describe_picture(path: str | Path) -> dict[str, str]:
    """Facts by name: format, size, colour, bits, alpha, profile, orientation, frames, note.

    Reads the header only. Raises InputError when the file is missing or not a picture.
    """
    file = user_path(path)
    head = read_header(file)
    if is_exr(head):
        facts = _describe_exr(file)
    elif head[:4] in TIFF_MAGICS:
        facts = _describe_tiff(file)
    else:
        facts = _describe_pillow(file, png_bits(head))
        if head.startswith(PNG_MAGIC) and (color := png_color(read_png_header(file))) is not None:
            words = "converted to sRGB" if color.supported else "not converted, taken as sRGB"
            facts["profile"] = f"{color.name}, {words}"
    width, height = (int(n) for n in facts["size"].split(" x "))
    limit = ReadSettings().max_pixels
    facts["size"] = f"{width} x {height} pixels ({width * height / 1e6:.2f} million)"
    if width * height > limit:
        facts["note"] = f"larger than max_pixels = {limit}: needs --max-pixels, or scaling down"
    return facts


def numbers_of(facts: Mapping[str, str]) -> dict[str, int | float | None]:
    """What programs need of `describe_picture`'s facts: width, height, megapixels and bits.

    `bits` are those of one sample, None where the file does not say.
    """
    width, height = (int(word) for word in facts["size"].split()[0:3:2])
    bits = facts["bits"].split()[0]
    return {
        "width": width,
        "height": height,
        "megapixels": width * height / 1e6,
        "bits": int(bits) if bits.isdigit() else None,
    }


def unsupported_metadata(path: str | Path) -> tuple[str, ...]:
    """What `read_image` honours in a file and a plain decoder, such as Blender's own, ignores.

    Reads the header only.

    Returns:
        Some of "rotation" (EXIF or TIFF orientation), "profile" (an embedded colour profile, or a
        PNG's gamma, other than sRGB) and "print colour" (CMYK or L*a*b*); empty when both show
        the same picture.

    Raises:
        InputError: the file is missing or not a picture.
    """
    file = user_path(path)
    head = read_header(file)
    if is_exr(head):
        return ()
    if head[:4] in TIFF_MAGICS:
        tags = read_tiff_header(file)
        printed, profile = tags.photometric in (5, 8), tags.profile
        converted = False
        rotated = tags.orientation != 1
    else:
        with open_pillow(file, None) as picture:
            printed = picture.mode in ("CMYK", "LAB")
            profile = picture.info.get("icc_profile")
            rotated = _orientation(picture) != 1
        color = png_color(read_png_header(file)) if head.startswith(PNG_MAGIC) else None
        converted = color is not None and color.supported
    differences = (
        ("rotation", rotated),
        ("profile", converted or not is_srgb(profile)),
        ("print colour", printed),
    )
    return tuple(kind for kind, differs in differences if differs)


def _orientation(picture: PilImage.Image) -> int:
    # PNG may keep EXIF behind the pixels, and getexif would decode them: look at info only.
    if picture.format == "PNG" and "exif" not in picture.info:
        return 1
    return int(picture.getexif().get(_ORIENTATION, 1))


def _describe_exr(file: Path) -> dict[str, str]:
    header = read_exr_header(file)
    widest = max(header.layout, key=lambda channel: channel.sample_bytes)
    number = "unsigned integer" if widest.sample_type == "uint32" else "float"
    facts = {
        "format": "OpenEXR",
        "size": f"{header.width} x {header.height}",
        "colour": "linear light, channels " + ", ".join(header.channels),
        "bits": f"{8 * widest.sample_bytes} {number}",
        "alpha": "premultiplied" if "A" in header.channels else "none",
    }
    if header.data_window != header.display_window:
        facts["data window"] = str(header.data_window)
    return facts


def _describe_tiff(file: Path) -> dict[str, str]:
    tags = read_tiff_header(file)
    photometric = {0: "greyscale, white is zero", 1: "greyscale", 2: "RGB", 3: "palette",
                   5: "CMYK", 6: "YCbCr", 8: "L*a*b*"}  # fmt: skip
    alpha = "none"
    if tags.extra_samples:
        alpha = "premultiplied" if tags.extra_samples[0] == 1 else "straight"
    facts = {
        "format": "TIFF",
        "size": f"{tags.width} x {tags.height}",
        "colour": photometric.get(tags.photometric, f"photometric {tags.photometric}"),
        "bits": f"{tags.bits}{' float' if tags.floating else ''}",
        "alpha": alpha,
        "profile": profile_name(tags.profile) or "none, taken as sRGB",
    }
    if tags.orientation != 1:
        facts["orientation"] = f"{tags.orientation} (will be turned upright)"
    return facts


def _describe_pillow(file: Path, high_bits: int) -> dict[str, str]:
    with open_pillow(file, None) as picture:
        info = picture.info
        alpha = picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in info
        facts = {
            "format": picture.format or "unknown",
            "size": f"{picture.width} x {picture.height}",
            "colour": _MODE_NAMES.get(picture.mode, picture.mode),
            "bits": str(high_bits or (16 if picture.mode.startswith("I") else 8)),
            "alpha": "straight" if alpha else "none",
            "profile": profile_name(info.get("icc_profile")) or "none, taken as sRGB",
        }
        frames = getattr(picture, "n_frames", 1)
        if frames > 1:
            facts["frames"] = f"{frames} (the first is used)"
        orientation = _orientation(picture)
        if orientation != 1:
            facts["orientation"] = f"{orientation} (will be turned upright)"
    return facts
