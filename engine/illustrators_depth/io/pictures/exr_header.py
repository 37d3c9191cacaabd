"""The header of an OpenEXR file, read before any memory is taken for its pixels.

Format: openexr.com, "OpenEXR File Layout".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError
from .picture_file import cut_short

__all__ = ["EXR_MAGIC", "ExrChannel", "ExrHeader", "is_exr", "read_exr_header"]

EXR_MAGIC = b"\x76\x2f\x31\x01"

_MAX_HEADER_BYTES = 1 << 20
_DEEP_FLAG = 0x800  # version field: "non-image"
_TILED_FLAG = 0x200
_SAMPLE_TYPES = {0: "uint32", 1: "float16", 2: "float32"}  # by the format's pixel type

# Compression -> scan lines in one chunk.
_LINES_PER_CHUNK = {0: 1, 1: 1, 2: 1, 3: 16, 4: 32, 5: 16, 6: 32, 7: 32, 8: 32, 9: 256}
_MAX_LINES_PER_CHUNK = 256
_OFFSET_BYTES = 8  # of a chunk in the table behind the header

# How many bytes of pixels one byte of the file can become: none, RLE, deflate (twice), PIZ, PXR24,
# B44 (twice). DWA keeps one deflated number for 64 pixels.
_MAX_RATIO = {0: 1, 1: 64, 2: 1040, 3: 1040, 4: 1040, 5: 1400, 6: 11, 7: 11}
_MAX_OTHER_RATIO = 140_000


@dataclass(frozen=True)
class ExrChannel:
    """A channel; of every `x_sampling` columns and `y_sampling` rows one has a sample.

    Attributes:
        name: as the file has it, "fox.R" where layers are named.
        sample_type: "uint32", "float16" or "float32".
        x_sampling, y_sampling: 1 or more.
    """

    name: str
    sample_type: str
    x_sampling: int
    y_sampling: int

    @property
    def sample_bytes(self) -> int:
        return np.dtype(self.sample_type).itemsize


@dataclass(frozen=True)
class ExrHeader:
    """What must be known before decoding.

    Attributes:
        data_window, display_window: (x0, y0, x1, y1), inclusive.
        layout: the channels of the first part, in the file's order.
        chromaticities: x and y of red, green, blue and white (CIE 1931), None where not given.
        dpi: pixels per inch along x and y, None where not given.
        deep: whether pixels hold lists of samples instead of one.
    """

    data_window: tuple[int, int, int, int]
    display_window: tuple[int, int, int, int]
    layout: tuple[ExrChannel, ...]
    chromaticities: tuple[float, ...] | None = None
    dpi: tuple[float, float] | None = None
    deep: bool = False

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels' names."""
        return tuple(channel.name for channel in self.layout)

    @property
    def width(self) -> int:
        return self.display_window[2] - self.display_window[0] + 1

    @property
    def height(self) -> int:
        return self.display_window[3] - self.display_window[1] + 1

    @property
    def data_size(self) -> tuple[int, int]:
        """Height and width of the data window."""
        x0, y0, x1, y1 = self.data_window
        return y1 - y0 + 1, x1 - x0 + 1

    @property
    def largest_pixels(self) -> int:
        """Pixels of the larger of the two windows: what decoding may have to hold."""
        height, width = self.data_size
        return max(height * width, self.width * self.height)


def is_exr(head: bytes) -> bool:
    """Whether a file's first bytes are OpenEXR's."""
    return head[:4] == EXR_MAGIC


def read_exr_header(path: Path) -> ExrHeader:
    """Read the first header of an EXR file.

    Raises InputError when it is broken, has no pixels, or claims more of them than a file of this
    size can hold.
    """
    with path.open("rb") as handle:
        data = handle.read(_MAX_HEADER_BYTES)
    broken = InputError(f"{path.name} is truncated or not a valid OpenEXR file; export it again.")
    if data[:4] != EXR_MAGIC or len(data) < 8:
        raise broken
    (flags,) = struct.unpack_from("<I", data, 4)
    try:
        attributes = _attributes(data)
        data_window = struct.unpack("<4i", attributes["dataWindow"])
        display_window = struct.unpack("<4i", attributes["displayWindow"])
        layout = _layout(attributes["channels"])
        compression = attributes["compression"][0]
        tile = struct.unpack_from("<2I", attributes.get("tiles", bytes(8)))
        header = ExrHeader(
            data_window,
            display_window,
            layout,
            _chromaticities(attributes.get("chromaticities", b"")),
            _dpi(attributes),
            bool(flags & _DEEP_FLAG) or attributes.get("type", b"").startswith(b"deep"),
        )
    except (IndexError, ValueError, KeyError, struct.error) as error:
        raise broken from error
    for x0, y0, x1, y1 in (data_window, display_window):
        if x1 < x0 or y1 < y0:
            raise InputError(f"{path.name} has no pixels; export it again.")
    tiled = bool(flags & _TILED_FLAG) or "tiles" in attributes
    if not _fits(header, compression, tile if tiled else (0, 0), path.stat().st_size):
        height, width = header.data_size
        raise cut_short(path.name, width, height)
    return header


def _attributes(data: bytes) -> dict[str, bytes]:
    """The first header's attributes, undecoded; raises ValueError or struct.error."""
    attributes: dict[str, bytes] = {}
    at = 8
    while data[at] != 0:
        name_end = data.index(b"\0", at)
        type_end = data.index(b"\0", name_end + 1)
        (size,) = struct.unpack_from("<I", data, type_end + 1)
        value_at = type_end + 5
        if value_at + size > len(data):
            raise ValueError("attribute beyond the end")
        name = data[at:name_end].decode("latin-1")
        attributes[name] = data[value_at : value_at + size]
        at = value_at + size
    return attributes


def _layout(chlist: bytes) -> tuple[ExrChannel, ...]:
    channels = []
    at = 0
    while chlist[at] != 0:
        end = chlist.index(b"\0", at)
        kind, _, x_sampling, y_sampling = struct.unpack_from("<4i", chlist, end + 1)
        if x_sampling < 1 or y_sampling < 1:
            raise ValueError("sampling")
        name = chlist[at:end].decode("latin-1")
        channels.append(ExrChannel(name, _SAMPLE_TYPES[kind], x_sampling, y_sampling))
        at = end + 17
    return tuple(channels)


def _chromaticities(value: bytes) -> tuple[float, ...] | None:
    return struct.unpack("<8f", value) if len(value) == 32 else None


def _dpi(attributes: dict[str, bytes]) -> tuple[float, float] | None:
    """`xDensity` is in pixels per inch; pixels are `pixelAspectRatio` times as wide as high."""
    from .resolution import dpi_of_info

    if len(attributes.get("xDensity", b"")) != 4:
        return None
    (density,) = struct.unpack("<f", attributes["xDensity"])
    (aspect,) = struct.unpack("<f", attributes.get("pixelAspectRatio", struct.pack("<f", 1.0)))
    return dpi_of_info({"dpi": (density, density * aspect)})


def _fits(header: ExrHeader, compression: int, tile: tuple[int, int], size: int) -> bool:
    """Whether a file of `size` bytes can hold the table of its chunks, and its pixels."""
    height, width = header.data_size
    if tile[0] > 0 and tile[1] > 0:
        chunks = -(-width // tile[0]) * -(-height // tile[1])
    else:
        chunks = -(-height // _LINES_PER_CHUNK.get(compression, _MAX_LINES_PER_CHUNK))
    pixel_bytes = sum(
        (height // c.y_sampling) * (width // c.x_sampling) * c.sample_bytes for c in header.layout
    )
    ratio = _MAX_RATIO.get(compression, _MAX_OTHER_RATIO)
    return chunks * _OFFSET_BYTES <= size and (header.deep or pixel_bytes <= ratio * size)
