"""What a PNG says before its pixels, and its pixels' chunks alone.

Specification: "Portable Network Graphics (PNG), Third Edition", W3C 2025.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ...errors import InputError

__all__ = ["PNG_MAGIC", "PngHeader", "png_pixel_chunks", "read_png_header"]

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"

_PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_COLOR_CHUNKS = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"iCCP", b"tRNS")
_GREY = 0  # colour type
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type

# One byte of deflated data becomes at most this many.
_MAX_DEFLATE_RATIO = 1032
_MAX_COLOR_CHUNK_BYTES = 64


@dataclass(frozen=True)
class PngHeader:
    """Size, bits per sample, colour type, and the small chunks about colour and alpha.

    An ICC profile's chunk is only noted (empty): Pillow reads it.
    """

    width: int
    height: int
    bits: int
    color_type: int
    packed_bytes: int = 0
    color: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def raw_bytes(self) -> int:
        """Bytes of the unpacked pixels, without filters' marks."""
        return self.height * (self.width * self.bits * _CHANNELS.get(self.color_type, 1) // 8)

    @property
    def transparent_grey(self) -> int | None:
        """The one grey, of `bits` bits, that means nothing is there; None where there is none.

        Pillow takes it for a grey of 8 bits, and OpenCV leaves it aside.
        """
        chunk = self.color.get(b"tRNS", b"")
        if self.color_type != _GREY or len(chunk) != 2:
            return None
        return int.from_bytes(chunk, "big") & ((1 << self.bits) - 1)

    @property
    def can_be_whole(self) -> bool:
        """Whether so few packed bytes can become all pixels."""
        return self.raw_bytes <= _MAX_DEFLATE_RATIO * self.packed_bytes


def read_png_header(path: Path) -> PngHeader:
    """Walk over a PNG's chunks without unpacking any.

    Raises InputError when it has no header.
    """
    broken = InputError(f"{path.name} is damaged or truncated; export or download it again.")
    color: dict[bytes, bytes] = {}
    header: bytes | None = None
    packed = 0
    with path.open("rb") as handle:
        for kind, size in _chunks(handle):
            if kind == b"IHDR" and size == 13:
                header = handle.read(size)
            elif kind == b"IDAT":
                packed += size
            elif kind in _COLOR_CHUNKS and not packed:
                color[kind] = handle.read(size) if size <= _MAX_COLOR_CHUNK_BYTES else b""
    if header is None or len(header) < 13:
        raise broken
    width, height, bits, color_type = struct.unpack(">IIBB", header[:10])
    return PngHeader(width, height, bits, color_type, packed, color)


def png_pixel_chunks(path: Path) -> bytes:
    """The file without animation, colour and text: what a plain decoder needs for its pixels.

    Checksums are kept as they are.
    """
    chunks = [PNG_MAGIC]
    with path.open("rb") as handle:
        for kind, size in _chunks(handle):
            if kind in _PIXEL_CHUNKS:
                chunks.append(struct.pack(">I", size) + kind + handle.read(size + 4))
    return b"".join(chunks)


def _chunks(handle: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Kind and size of every chunk; the file then stands at its data, which may be read."""
    at = len(PNG_MAGIC)
    end = handle.seek(0, 2)
    while at + 8 <= end:
        handle.seek(at)
        size, kind = struct.unpack(">I4s", handle.read(8))
        yield kind, min(size, end - at - 8)
        if kind == b"IEND":
            return
        at += 12 + size
