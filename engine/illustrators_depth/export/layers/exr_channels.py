"""Writes any number of named channels as one scan-line OpenEXR file.

OpenCV writes R, G, B and A only, and neither Blender nor the extension brings the package OpenEXR.
After "OpenEXR File Layout" (openexr.com), version 2, ZIP compression.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...threads import parallel_map

__all__ = ["write_channels", "write_strips"]

_MAGIC = 20000630
_VERSION, _LONG_NAMES = 2, 0x400
_SHORT = 31  # characters of a name that need no flag
_LINES = 16  # in a block of ZIP compression
_ZIP = 3  # the format's number for that compression
_LEVEL = 4  # of zlib, 1 quick to 9 small
_MAX_CONCURRENT_BLOCKS = 4
_KINDS = {np.dtype(np.float16): 1, np.dtype(np.float32): 2}  # the format's pixel types
_MAX_NAME = 255
# What is added to differences of bytes, so that a difference of 0 is the middle value.
_ZERO_DIFFERENCE = 128

Plane = NDArray[np.float16] | NDArray[np.float32]


def write_channels(out: BinaryIO, channels: Mapping[str, Plane]) -> None:
    """Write channels of one size.

    Args:
        out: an open, seekable binary file.
        channels: float16 or float32 (H, W) by name; layers are named with dots, "fox.R". Names are
            printable ASCII, 1 to 255 characters.

    Raises ValueError for planes of different sizes or of another type, and for other names.
    """
    shapes = {plane.shape for plane in channels.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2:
        raise ValueError("All channels must be of one size, (H, W).")
    height, width = next(iter(shapes))
    kinds = {name: plane.dtype for name, plane in channels.items()}

    def strip(rows: slice) -> Mapping[str, Plane]:
        return {name: plane[rows] for name, plane in channels.items()}

    write_strips(out, (int(height), int(width)), kinds, strip)


def write_strips(
    out: BinaryIO,
    size: tuple[int, int],
    kinds: Mapping[str, np.dtype[Any]],
    strip: Callable[[slice], Mapping[str, Plane]],
    progress: Callable[[float], None] | None = None,
) -> None:
    """As `write_channels`, for channels that are made a few rows at a time, from the top down.

    Args:
        out: an open, seekable binary file.
        size: (H, W).
        kinds: the type of each channel, float16 or float32, by name.
        strip: returns a slice of rows of the channels, (rows, W) each, by name; a channel that it
            leaves out is zero there. Called from several threads at once where that pays.
        progress: called with the fraction written, 0..1.

    Raises ValueError for another type or name.
    """
    names = sorted(kinds)
    _check_kinds(kinds)
    height, width = size
    out.write(_header(kinds, names, height, width))
    table_at = out.tell()
    starts = range(0, height, _LINES)
    out.write(bytes(8 * len(starts)))
    ends = np.cumsum([kinds[name].itemsize * width for name in names]).tolist()
    # Where each channel begins and ends in a line, in bytes.
    bytes_of = {
        name: (end - kinds[name].itemsize * width, end)
        for name, end in zip(names, ends, strict=True)
    }

    def block(y: int) -> bytes:
        lines = min(_LINES, height - y)
        return _block(strip(slice(y, y + lines)), bytes_of, (lines, ends[-1]))

    offsets = []
    blocks = parallel_map(block, starts, height * ends[-1], _MAX_CONCURRENT_BLOCKS)
    for y, data in zip(starts, blocks, strict=True):
        offsets.append(out.tell())
        out.write(struct.pack("<ii", y, len(data)))
        out.write(data)
        if progress:
            progress(min(1.0, (y + _LINES) / height))
    out.seek(table_at)
    out.write(struct.pack(f"<{len(offsets)}Q", *offsets))
    out.seek(0, 2)


def _block(
    planes: Mapping[str, Plane], bytes_of: Mapping[str, tuple[int, int]], shape: tuple[int, int]
) -> bytes:
    """The packed bytes of some lines, which follow one another channel by channel.

    The format packs the even bytes, then the odd ones, each as its difference to the one before,
    plus 128. Most layers are empty on most lines: there all differences are 0.

    Args:
        planes: of each channel that is not zero, (lines, W).
        bytes_of: where each channel begins and ends in a line, in bytes; of all channels.
        shape: lines, bytes in a line.
    """
    lines, half = shape[0], shape[1] // 2  # each channel has an even number of bytes
    # One byte more in front: what the first one is compared with.
    flat = np.zeros(1 + 2 * lines * half, np.uint8)
    halves = flat[1:].reshape(2, lines, half)
    shifted = flat[:-1].reshape(2, lines, half)
    differences = np.full((2, lines, half), _ZERO_DIFFERENCE, np.uint8)
    for name, plane in planes.items():
        raw = np.ascontiguousarray(plane).view(np.uint8)
        part = slice(bytes_of[name][0] // 2, bytes_of[name][1] // 2)
        halves[0, :, part], halves[1, :, part] = raw[:, 0::2], raw[:, 1::2]
    for first, last in _joined([(0, 2), *(bytes_of[name] for name in sorted(planes))]):
        # And the byte behind them, which is compared with their last.
        part = slice(first // 2, min(last // 2 + 1, half))
        np.subtract(halves[..., part], shifted[..., part], out=differences[..., part])
        differences[..., part] += np.uint8(_ZERO_DIFFERENCE)
    differences[0, 0, 0] = halves[0, 0, 0]
    # Most differences are long runs of one value: Z_RLE looks for nothing else.
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 15, 8, zlib.Z_RLE)
    packed = packer.compress(differences.data) + packer.flush()
    if len(packed) < differences.size:
        return packed
    # What does not become smaller is stored as it is, which readers tell by its size.
    return halves.reshape(2, -1).T.tobytes()


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Half-open ranges, sorted; those that touch or overlap are joined."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def _check_kinds(kinds: Mapping[str, np.dtype[Any]]) -> None:
    """Raise ValueError for a type or a name that the format does not have."""
    for name, kind in kinds.items():
        if kind not in _KINDS:
            raise ValueError(f"Channel {name!r} is {kind}, not float16 or float32.")
        if not (name.isascii() and name.isprintable() and 0 < len(name) <= _MAX_NAME):
            raise ValueError(f"{name!r} cannot name a channel.")


def _header(kinds: Mapping[str, np.dtype[Any]], names: list[str], height: int, width: int) -> bytes:
    """The file up to the table of its blocks; `names` are sorted, as readers expect."""
    # Of each channel: type, whether it is perceptually linear (no), and a sample on every pixel.
    channel_list = b"".join(
        name.encode("ascii") + b"\0" + struct.pack("<iB3xii", _KINDS[kinds[name]], 0, 1, 1)
        for name in names
    )
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = (
        ("channels", "chlist", channel_list + b"\0"),
        ("compression", "compression", bytes([_ZIP])),
        ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    )
    long = _LONG_NAMES if any(len(name) > _SHORT for name in names) else 0
    out = struct.pack("<ii", _MAGIC, _VERSION | long)
    for name, kind, value in attributes:
        out += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    return out + b"\0"
