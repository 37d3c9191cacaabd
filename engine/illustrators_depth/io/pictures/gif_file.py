"""Whether a GIF has the bytes that its first frame needs.

Format: "Graphics Interchange Format, Version 89a", CompuServe 1990.
"""

from __future__ import annotations

import struct
from typing import BinaryIO

__all__ = ["gif_can_be_whole"]

# What one byte of LZW codes can become: a code has 12 bits and stands for 4,096 pixels at most.
_MAX_PIXELS_PER_BYTE = 2800

_EXTENSION, _FRAME = 0x21, 0x2C
_MAX_BLOCKS = 1 << 20


def gif_can_be_whole(handle: BinaryIO) -> bool:
    """Look for the first frame; the file then stands where it stood. True for what is no GIF."""
    before = handle.tell()
    try:
        handle.seek(0)
        return _first_frame_fits(handle)
    except struct.error:  # it ends before its first frame
        return False
    finally:
        handle.seek(before)


def _first_frame_fits(handle: BinaryIO) -> bool:
    head = handle.read(13)
    if not head.startswith(b"GIF8"):
        return True
    handle.seek(_table_bytes(head[10:11]), 1)
    for _ in range(_MAX_BLOCKS):
        (mark,) = struct.unpack("B", handle.read(1))
        if mark == _FRAME:
            width, height, flags = struct.unpack("<4xHHs", handle.read(9))
            handle.seek(_table_bytes(flags) + 1, 1)  # and the codes' smallest size
            return width * height <= _MAX_PIXELS_PER_BYTE * _sub_blocks(handle)
        if mark != _EXTENSION:
            return True  # Pillow says what is wrong with it
        handle.read(1)
        _sub_blocks(handle)
    return False


def _table_bytes(flags: bytes) -> int:
    """Bytes of the colour table that these flags announce."""
    (value,) = struct.unpack("B", flags)
    return 3 << ((value & 7) + 1) if value & 0x80 else 0


def _sub_blocks(handle: BinaryIO) -> int:
    """Skip a chain of blocks, and count its bytes; a chain that is cut ends with the file."""
    total = 0
    for _ in range(_MAX_BLOCKS):
        size = handle.read(1)
        if not size or size == b"\0":
            break
        got = len(handle.read(size[0]))
        total += got
        if got < size[0]:
            break
    return total
