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

__all__ = ["write_channels", "write_strips"]

_MAGIC = 20000630
_VERSION, _LONG_NAMES = 2, 0x400
_SHORT = 31  # bytes of a name that need no flag
_LINES = 16  # in a ZIP block
_ZIP = 3
_KINDS = {np.dtype(np.float16): 1, np.dtype(np.float32): 2}

Plane = NDArray[np.float16] | NDArray[np.float32]


def write_channels(out: BinaryIO, channels: Mapping[str, Plane]) -> None:
    """Write channels of one size.

    Args:
        out: an open, seekable binary file.
        channels: float16 or float32 (H, W) by name; layers are named with dots, "fox.R". Names are
            ASCII, at most 255 characters.

    Raises ValueError for planes of different size, of another type, or names that cannot be.
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
) -> None:
    """As `write_channels`, for channels that are made a few rows at a time, from the top down.

    Args:
        size: (H, W).
        kinds: the type of each channel by name.
        strip: gives rows of all channels, (rows, W) each.
    """
    names = sorted(kinds)
    _check_kinds(kinds)
    height, width = size
    out.write(_header(kinds, names, height, width))
    table_at = out.tell()
    starts = range(0, height, _LINES)
    out.write(bytes(8 * len(starts)))
    offsets = []
    for y in starts:
        made = strip(slice(y, min(y + _LINES, height)))
        rows = [np.ascontiguousarray(made[name]).view(np.uint8) for name in names]
        # Line by line, and in each line channel by channel.
        raw = np.concatenate(rows, axis=1).ravel()
        packed = zlib.compress(_predicted(raw).tobytes(), 4)
        data = packed if len(packed) < raw.size else raw.tobytes()
        offsets.append(out.tell())
        out.write(struct.pack("<ii", y, len(data)))
        out.write(data)
    out.seek(table_at)
    out.write(struct.pack(f"<{len(offsets)}Q", *offsets))
    out.seek(0, 2)


def _check_kinds(kinds: Mapping[str, np.dtype[Any]]) -> None:
    for name, kind in kinds.items():
        if kind not in _KINDS:
            raise ValueError(f"Channel {name!r} is {kind}, not float16 or float32.")
        if not (name.isascii() and name.isprintable() and 0 < len(name) <= 255):
            raise ValueError(f"{name!r} cannot name a channel.")


def _header(kinds: Mapping[str, np.dtype[Any]], names: list[str], height: int, width: int) -> bytes:
    listed = b"".join(
        name.encode("ascii") + b"\0" + struct.pack("<iB3xii", _KINDS[kinds[name]], 0, 1, 1)
        for name in names
    )
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    attributes = (
        ("channels", "chlist", listed + b"\0"),
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


def _predicted(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Even bytes before odd ones, then each as its difference to the one before, plus 128."""
    halves = np.concatenate([raw[0::2], raw[1::2]])
    made = np.empty_like(halves)
    made[:1] = halves[:1]
    made[1:] = halves[1:] - halves[:-1] + np.uint8(128)  # modulo 256, as the format wants it
    return made
