"""Looks at a picture file before anything is decoded: is it one, of what kind, how large.

Every refusal is one sentence that names the file and says what to do.
"""

from __future__ import annotations

import errno
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image as PilImage
from PIL import UnidentifiedImageError

from ...errors import EngineError, InputError, is_out_of_memory
from ...settings import ReadSettings, SettingError
from ..memory import available_memory, physical_memory
from ..suppress_output import quiet_pillow, unlimited_pillow
from .gif_file import gif_can_be_whole

__all__ = [
    "LAYERS_BYTES_PER_PIXEL",
    "READ_BYTES_PER_PIXEL",
    "check_memory",
    "check_pixels",
    "cut_short",
    "decoding",
    "open_pillow",
    "read_header",
]

# Formats that Pillow opens by running another program or by parsing a language are left out.
# Those whose files begin with few or no bytes of their own come last: TGA takes some icons for its
# own.
_FORMATS = (
    "PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "GIF", "AVIF", "JPEG2000", "PSD", "ICNS", "QOI",
    "DDS", "PPM", "ICO", "SGI", "PCX", "DIB", "TGA",
)  # fmt: skip

# What decoding takes at most: the file's own samples, four floats, and one more copy of these; and
# what depth takes after it.
READ_BYTES_PER_PIXEL = 56
# What depth, layers and what is made of them take at most, for drawings of up to ten layers
# (docs/decisions/030-memory-before-work.md).
LAYERS_BYTES_PER_PIXEL = 180
# Every 8x8 block of a JPEG takes a bit at least; less only where it is coded arithmetically.
_MAX_JPEG_PIXELS_PER_BYTE = 4096
_NO_CHECK_BYTES = 256 << 20  # less than this is not worth asking the system

# How Pillow says that a file is whole, and of a kind that it has no decoder for.
_RARE_KIND = re.compile(
    r"unsupported|not supported|unknown|not implemented|cannot handle|unrecogni[sz]ed",
    re.IGNORECASE,
)


def read_header(path: Path, layered: bool = False) -> bytes:
    """The file's first 512 bytes, once it is known to be a readable picture candidate.

    layered: files that hold layers, which are no flat pictures, are candidates, too.
    Raises InputError for a missing, empty, unreadable or non-picture file and for a folder.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not a picture; name one file in it.")
        if str(path) == "-" and not path.exists():
            raise InputError(
                "Standard input (-) is only read by commands for one picture; name files here."
            )
        if not path.exists():
            raise InputError(f"There is no file {path}; check the path.")
        if not path.is_file():
            raise InputError(
                f"{path} is a pipe or a device, and pictures are read from files; save it to one."
            )
        if path.stat().st_size == 0:
            raise InputError(f"{path.name} is empty (0 bytes); export or download it again.")
        with path.open("rb") as handle:
            head = handle.read(512)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{str(path)!r} is not a valid path; check the name.") from error
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise InputError(
                f"The path {str(path)[:60]}... is too long; check the name."
            ) from error
        why = os.strerror(error.errno) if error.errno else str(error)
        raise InputError(
            f"{path} cannot be read ({why}); check its permissions and try again."
        ) from error
    if not layered:
        _refuse_other_kinds(path, head)
    return head


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    """Name well-known files that are no pictures, with the way to make one of them."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    suffix = path.suffix.lower()
    if (start.startswith(b"<") and b"<svg" in start) or suffix in (".svg", ".svgz"):
        raise InputError(
            f"{path.name} is an SVG drawing, which holds its layers already: read_layers reads "
            "them; to use its picture, export it as PNG first (Inkscape: File > Export, or "
            f"inkscape {path.name} --export-type=png)."
        )
    if start.startswith((b"%pdf", b"%!ps")):
        raise InputError(f"{path.name} is a PDF or PostScript page; export it as PNG first.")
    if head[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"):
        raise InputError(f"{path.name} is a HEIC photo, which is not read; save it as PNG or JPEG.")
    if head[4:8] == b"ftyp" and head[8:12] not in (b"avif", b"avis"):
        raise InputError(f"{path.name} is a video; export one frame of it as PNG.")
    if start.startswith(b"gimp xcf"):
        raise InputError(f"{path.name} is a GIMP file; export it as PNG (File > Export As).")
    if head.startswith((b"BLENDER", b"\x28\xb5\x2f\xfd")):
        raise InputError(f"{path.name} is not a picture; render or save it as PNG first.")
    if head.startswith(b"PK\x03\x04"):
        kind = (
            "a Krita or OpenRaster file"
            if b"image/openraster" in head or (b"application/x-krita" in head)
            else "a zip archive"
        )
        raise InputError(f"{path.name} is {kind}, not a flat picture; export it as PNG first.")


def check_pixels(
    name: str, width: int, height: int, max_pixels: int, *, adjustable: bool = True
) -> None:
    """Raise InputError when a picture of this size cannot be read.

    It has no pixels, more than `max_pixels`, or more than fit into this machine's free memory.

    adjustable: whether the caller can choose `max_pixels`; the advice follows it.
    """
    if width <= 0 or height <= 0:
        raise InputError(f"{name} is {width}x{height} and has no pixels; export it again.")
    pixels = width * height
    if pixels > max_pixels:
        memory = physical_memory()
        fits = memory is None or pixels * READ_BYTES_PER_PIXEL <= memory
        more = ", or raise {max_pixels} if this machine has the memory"
        raise SettingError(
            ReadSettings,
            f"{name} is {width}x{height}, {pixels / 1e6:.0f} million pixels, more than "
            f"{{max_pixels}} = {max_pixels}; scale it down{more if adjustable and fits else ''}.",
        )
    check_memory(name, width, height, READ_BYTES_PER_PIXEL)


def check_memory(name: str, width: int, height: int, bytes_per_pixel: int) -> None:
    """Raise InputError when work on a picture would take more than this machine's free memory.

    The sentence names the size that would fit.
    """
    needed = width * height * bytes_per_pixel
    if needed < _NO_CHECK_BYTES:
        return
    free = available_memory()
    if free is None or needed <= free:
        return
    scale = math.sqrt(free / needed)
    raise InputError(
        f"{name} is {width}x{height}, which takes some {needed / 2**30:.1f} GiB of memory, and "
        f"{free / 2**30:.1f} GiB are free; scale it down to {max(1, int(width * scale))}x"
        f"{max(1, int(height * scale))}, or close other programs."
    )


def cut_short(name: str, width: int, height: int) -> InputError:
    """The error for a file with too few bytes for the pixels that it claims."""
    return InputError(
        f"{name} claims {width}x{height} pixels, more than a file of its size can hold: it is "
        "truncated or damaged; export it again."
    )


@contextmanager
def open_pillow(
    path: Path, max_pixels: int | None, *, adjustable: bool = True
) -> Iterator[PilImage.Image]:
    """Open a picture lazily with Pillow, its size checked as `check_pixels` does, not decoded.

    max_pixels: None where only the header is looked at, of a picture of any size.
    """
    with path.open("rb") as handle:
        try:
            with unlimited_pillow():
                picture = PilImage.open(handle, formats=_usable_formats())
        except UnidentifiedImageError as error:
            raise InputError(
                f"{path.name} is not a picture that can be read, or it is damaged; save it as PNG "
                "(JPEG, WebP, TIFF, EXR, BMP and GIF are read, too)."
            ) from error
        except MemoryError:
            raise
        except Exception as error:
            raise _damaged_error(path, error) from error
        if max_pixels is not None:
            check_pixels(path.name, *picture.size, max_pixels, adjustable=adjustable)
        short = picture.format == "JPEG" and (
            picture.width * picture.height > _MAX_JPEG_PIXELS_PER_BYTE * path.stat().st_size
        )
        if short or (picture.format == "GIF" and not gif_can_be_whole(handle)):
            raise cut_short(path.name, *picture.size)
        with decoding(path):
            yield picture


def _usable_formats() -> tuple[str, ...]:
    PilImage.init()
    return tuple(f for f in _FORMATS if f in PilImage.OPEN)


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises on damaged data into one sentence."""
    try:
        with quiet_pillow():
            yield
    except (EngineError, MemoryError):
        raise
    except PilImage.DecompressionBombError as error:  # a picture inside the picture: ICNS, ICO
        raise InputError(
            f"{path.name} holds a picture that is far larger than the file says; export it again."
        ) from error
    except Exception as error:  # every plugin has its own kinds
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise _damaged_error(path, error) from error


def _damaged_error(path: Path, error: Exception) -> InputError:
    why = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    if isinstance(error, NotImplementedError) or _RARE_KIND.search(why):
        return InputError(
            f"{path.name} is of a rare kind that is not read ({why}); save it as PNG."
        )
    return InputError(f"{path.name} is damaged or truncated ({why}); export or download it again.")
