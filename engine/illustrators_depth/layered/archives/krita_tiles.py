"""Krita's pixel data: tiles of 64 by 64 pixels, each packed on its own with LZF.

After Krita's own sources for the form ("KisTiledDataManager", version 2) and liblzf's for LZF.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["TileError", "Tiles", "read_tiles"]

_HEADER = re.compile(
    rb"VERSION 2\nTILEWIDTH (\d{1,6})\nTILEHEIGHT (\d{1,6})\nPIXELSIZE (\d{1,6})\nDATA (\d{1,9})\n"
)
_TILE = re.compile(rb"(-?\d{1,9}),(-?\d{1,9}),LZF,(\d{1,9})\n")
# Krita's tiles have 64 pixels a side, its pixels at most five channels of 4 bytes: more is damage.
_MAX_TILE_SIDE, _MAX_PIXEL_BYTES = 256, 32
# The first byte of a tile's data says how the rest is stored.
_RAW, _PACKED = 0, 1
# LZF: a control byte below this begins a run of so many literal bytes and one more; any other holds
# a reference's length in its upper three bits, of which the largest value says that a byte more
# of length follows, and the upper five bits of its distance.
_LITERAL_CONTROLS, _LONG_REFERENCE, _DISTANCE_BITS = 32, 7, 31
_MIN_REFERENCE = 2


class TileError(ValueError):
    """Pixel data that is damaged, or of another form.

    Its message ends a sentence that begins "its pixels are".
    """


@dataclass(frozen=True)
class Tiles:
    """Pixels of a layer.

    Attributes:
        pixels: uint8 (h, w, bytes of a pixel).
        top, left: place of the first pixel, before the layer's own offset.
    """

    pixels: NDArray[np.uint8]
    top: int
    left: int


def read_tiles(data: bytes, default: bytes, box: tuple[int, int, int, int]) -> Tiles:
    """Unpack the tiles that lie in a box; what no tile covers is the default pixel.

    Args:
        data: the bytes of a layer's member in the archive.
        default: the bytes of the default pixel.
        box: (top, left, bottom, right) of what is wanted, in the data's own coordinates; the last
            two are outside.

    Returns:
        The pixels of the box, or, where the default pixel is clear (all zero), of its part that
        tiles reach.

    Raises TileError for what cannot be unpacked.
    """
    header = _HEADER.match(data)
    if header is None:
        raise TileError("not of the form that Krita writes since version 2")
    width, height, size, count = (int(number) for number in header.groups())
    if not (0 < width <= _MAX_TILE_SIDE and 0 < height <= _MAX_TILE_SIDE):
        raise TileError("in tiles of a strange size")
    if not 0 < size <= _MAX_PIXEL_BYTES or len(default) != size:
        raise TileError("of a strange kind")
    tiles_in_box: list[tuple[int, int, bytes]] = []
    place = header.end()
    for _ in range(count):
        head = _TILE.match(data, place)
        if head is None:
            raise TileError("cut off")
        left, top, length = (int(number) for number in head.groups())
        place = head.end() + length
        if place > len(data):
            raise TileError("cut off")
        if left < box[3] and top < box[2] and left + width > box[1] and top + height > box[0]:
            tiles_in_box.append((top, left, data[head.end() : place]))
    if not any(default):
        box = _shrunk(box, tiles_in_box, height, width)
    rows, columns = max(0, box[2] - box[0]), max(0, box[3] - box[1])
    pixels = np.empty((rows, columns, size), np.uint8)
    pixels[:] = np.frombuffer(default, np.uint8)
    for top, left, packed in tiles_in_box:
        tile = _tile(packed, height, width, size)
        first_row, first_column = max(box[0], top), max(box[1], left)
        part = tile[first_row - top : box[2] - top, first_column - left : box[3] - left]
        row, column = first_row - box[0], first_column - box[1]
        pixels[row : row + part.shape[0], column : column + part.shape[1]] = part
    return Tiles(pixels, box[0], box[1])


def _shrunk(
    box: tuple[int, int, int, int],
    tiles_in_box: list[tuple[int, int, bytes]],
    height: int,
    width: int,
) -> tuple[int, int, int, int]:
    """The part of the box that tiles reach; empty where there is none."""
    if not tiles_in_box:
        return box[0], box[1], box[0], box[1]
    tops, lefts = [top for top, _, _ in tiles_in_box], [left for _, left, _ in tiles_in_box]
    return (
        max(box[0], min(tops)),
        max(box[1], min(lefts)),
        min(box[2], max(tops) + height),
        min(box[3], max(lefts) + width),
    )


def _tile(packed: bytes, height: int, width: int, size: int) -> NDArray[np.uint8]:
    """A tile's pixels, uint8 (height, width, size), from its data."""
    bytes_wanted = height * width * size
    if packed[:1] == bytes([_RAW]):
        values: bytes | bytearray = packed[1:]
    elif packed[:1] == bytes([_PACKED]):
        values = _unpack_lzf(packed[1:], bytes_wanted)
    else:
        raise TileError("packed in an unknown way")
    if len(values) != bytes_wanted:
        raise TileError("damaged")
    pixels = np.frombuffer(values, np.uint8)
    if packed[0] == _RAW:
        return pixels.reshape(height, width, size)
    # Packed tiles hold all first bytes of the pixels, then all second ones, and so on.
    return np.ascontiguousarray(pixels.reshape(size, height * width).T).reshape(height, width, size)


def _unpack_lzf(packed: bytes, max_bytes: int) -> bytearray:
    """LZF: runs of literal bytes, and references to bytes that are unpacked already.

    Raises TileError for data that is cut off or becomes more than `max_bytes`.
    """
    out = bytearray()
    place, end = 0, len(packed)
    try:
        while place < end:
            control = packed[place]
            place += 1
            if control < _LITERAL_CONTROLS:
                out += packed[place : place + control + 1]
                place += control + 1
            else:
                length = control >> 5
                if length == _LONG_REFERENCE:
                    length += packed[place]
                    place += 1
                start = len(out) - ((control & _DISTANCE_BITS) << 8) - packed[place] - 1
                place += 1
                length += _MIN_REFERENCE
                if start < 0 or len(out) + length > max_bytes:
                    raise TileError("damaged")
                pattern = bytes(out[start : start + length])
                while len(pattern) < length:  # a reference may reach into what it unpacks
                    pattern += pattern
                out += pattern[:length]
    except IndexError:
        raise TileError("damaged") from None
    return out
