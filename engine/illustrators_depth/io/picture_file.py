"""Looks at a picture file before anything is decoded: is it one, of what kind, how large.

Every refusal is one sentence that names the file and says what to do.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image as PilImage
from PIL import UnidentifiedImageError

from ..errors import InputError
from .suppress_output import quiet_pillow, unlimited_pillow

__all__ = ["TIFF_MAGICS", "check_pixels", "decoding", "open_pillow", "read_header"]

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

# Formats that Pillow opens by running another program or by parsing a language are left out.
_FORMATS = (
    "PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "DIB", "GIF", "AVIF", "JPEG2000", "TGA", "PPM",
    "PSD", "ICO", "ICNS", "QOI", "SGI", "PCX", "DDS",
)  # fmt: skip


def read_header(path: Path) -> bytes:
    """The file's first 512 bytes, once it is known to be a readable picture candidate.

    Raises InputError for a missing, empty, unreadable or non-picture file and for a folder.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder, not a picture; name one file in it.")
        if str(path) == "-" and not path.exists():
            raise InputError("Pictures are not read from standard input (-); name a file.")
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
    _refuse_other_kinds(path, head)
    return head


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    """Name well-known files that are no pictures, with the way to make one of them."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    suffix = path.suffix.lower()
    if b"<svg" in start or suffix in (".svg", ".svgz"):
        raise InputError(
            f"{path.name} is an SVG drawing, which holds its layers already; to use its picture, "
            "export it as PNG first (Inkscape: File > Export, or inkscape "
            f"{path.name} --export-type=png)."
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


def check_pixels(name: str, width: int, height: int, max_pixels: int) -> None:
    """Raise InputError when a picture of this size has no pixels or more than `max_pixels`."""
    if width <= 0 or height <= 0:
        raise InputError(f"{name} is {width}x{height} and has no pixels; export it again.")
    if width * height > max_pixels:
        raise InputError(
            f"{name} is {width}x{height}, {width * height / 1e6:.0f} million pixels, more than "
            f"max_pixels = {max_pixels}; scale it down, or raise max_pixels (--max-pixels) if "
            "this machine has the memory."
        )


@contextmanager
def open_pillow(path: Path, max_pixels: int) -> Iterator[PilImage.Image]:
    """Open a picture lazily with Pillow, its size checked against `max_pixels`, not yet decoded."""
    with path.open("rb") as handle:
        try:
            with unlimited_pillow():
                picture = PilImage.open(handle, formats=_formats())
        except UnidentifiedImageError as error:
            raise InputError(
                f"{path.name} is not a picture that can be read, or it is damaged; use PNG, JPEG, "
                "WebP, TIFF, EXR, BMP or GIF."
            ) from error
        except MemoryError:
            raise
        except Exception as error:
            raise _damaged(path, error) from error
        check_pixels(path.name, *picture.size, max_pixels)
        with decoding(path):
            yield picture


def _formats() -> tuple[str, ...]:
    PilImage.init()
    return tuple(f for f in _FORMATS if f in PilImage.OPEN)


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises on damaged data into one sentence."""
    try:
        with quiet_pillow():
            yield
    except (InputError, MemoryError):
        raise
    except PilImage.DecompressionBombError as error:  # a picture inside the picture: ICNS, ICO
        raise InputError(
            f"{path.name} holds a picture that is far larger than the file says; export it again."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    why = str(error).strip().rstrip(".") or type(error).__name__
    return InputError(f"{path.name} is damaged or truncated ({why}); export or download it again.")
