"""Pixels and masks of large layers in as few bytes as hold them exactly.

A layer of an 8-bit picture has few values: those of 8 bits where it is seen, those of 12 bits where
its colour is invented, and quarters along an outline's ramp. Each is a number of a table
(`pixel_codes.py`).

OpenCV is loaded by what packs and unpacks, so that a process that only hands layers on starts
quickly.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..array_cache import ArrayCache
from ..raster.tiling import tiles_with
from .pixel_codes import PLAIN_VALUES, Codes, CodeValues, codes_of, widened

__all__ = ["Packed", "PackedMask", "PackedPixels", "put_pixels", "take_pixels"]

Float32Array = NDArray[np.float32]
Places = tuple[NDArray[np.intp], NDArray[np.intp]]

# Side of a tile in pixels: one that is all zero is not kept.
_TILE_PX = 128

# What arrays were unpacked from, so that an array handed on is kept packed again.
_sources = ArrayCache()


class Packed(ABC):
    """An array kept in fewer bytes."""

    shape: tuple[int, ...]
    _latest: weakref.ref[NDArray[Any]] | None = None

    def unpack(self) -> NDArray[Any]:
        """The array, not to be written to; the same one again for as long as somebody holds it."""
        array = None if self._latest is None else self._latest()
        if array is None:
            array = self._unpacked()
            array.flags.writeable = False
            _sources.get(array, "packed", lambda: self)
            self._latest = weakref.ref(array)
        return array

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_latest"}

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Bytes that it is kept in."""

    @abstractmethod
    def _unpacked(self) -> NDArray[Any]: ...


def packed_source(array: NDArray[Any]) -> NDArray[Any] | Packed:
    """What an array was unpacked from; the array itself if that is nothing."""
    source: NDArray[Any] | Packed = (
        _sources.get(array, "packed", lambda: array) if _sources.has(array, "packed") else array
    )
    return source


class PackedMask(Packed):
    """A bool (h, w) mask in a bit per pixel."""

    def __init__(self, mask: NDArray[np.bool_]) -> None:
        self.shape = mask.shape
        self._bits = np.packbits(mask)

    @property
    def nbytes(self) -> int:
        return self._bits.nbytes

    def _unpacked(self) -> NDArray[np.bool_]:
        count = self.shape[0] * self.shape[1]
        return np.unpackbits(self._bits, count=count).view(np.bool_).reshape(self.shape)


class PackedPixels(Packed):
    """Float32 (h, w, 4) pixels in tiles of codes; see the head of this file.

    Args:
        shape: (h, w, 4).
        tiles: by row and column of tiles; those of zeros are left out.
        changed: what codes stand for where that is not `PLAIN_VALUES`.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        tiles: dict[tuple[int, int], _Tile],
        changed: CodeValues | None = None,
    ) -> None:
        self.shape = shape
        self._tiles = tiles
        self._changed = changed

    @property
    def nbytes(self) -> int:
        return sum(tile.color.nbytes + tile.alpha.nbytes for tile in self._tiles.values())

    @property
    def _values(self) -> CodeValues:
        return self._changed or PLAIN_VALUES

    @classmethod
    def of(cls, rgba: Float32Array, asked: NDArray[np.uint8]) -> PackedPixels | None:
        """Packed pixels (h, w, 4); None where they have other values, as of a 16-bit picture.

        asked: uint8 (h, w), not 0 where pixels are not zero, and anywhere else.
        """
        tiles: dict[tuple[int, int], _Tile] = {}
        for box in tiles_with(asked, _TILE_PX):
            tile = _Tile.of(rgba[box])
            if tile is None:
                return None
            tiles[box[0].start // _TILE_PX, box[1].start // _TILE_PX] = tile
        return cls(rgba.shape, tiles)

    def rows(self, rows: slice) -> NDArray[Any]:
        """Some rows of the pixels, a copy."""
        pixels = np.zeros((rows.stop - rows.start, *self.shape[1:]), self._values.eight.dtype)
        self.write_rows(rows, pixels)
        return pixels

    def write_rows(self, rows: slice, pixels: NDArray[Any]) -> None:
        """Write some rows of the pixels to zeros (n, w, 4)."""
        for down in range(rows.start // _TILE_PX, -(-rows.stop // _TILE_PX)):
            top = down * _TILE_PX
            first, last = max(rows.start, top), min(rows.stop, top + _TILE_PX)
            for across in range(-(-self.shape[1] // _TILE_PX)):
                tile = self._tiles.get((down, across))
                if tile is not None:
                    left = across * _TILE_PX
                    part = pixels[first - rows.start : last - rows.start, left : left + _TILE_PX]
                    tile.unpack(slice(first - top, last - top), part, self._values)

    def take(self, places: Places) -> NDArray[Any]:
        """The pixels at n places, (n, 4)."""
        pixels = np.zeros((len(places[0]), 4), self._values.eight.dtype)
        for key, some, within in self._by_tile(places):
            if key in self._tiles:
                pixels[some] = self._tiles[key].take(within, self._values)
        return pixels

    def put(self, places: Places, pixels: Float32Array) -> None:
        """Write pixels, float32 (n, 4), at n places. For whoever makes the layer, and no later.

        Raises ValueError for values that codes do not hold, and for mapped pixels.
        """
        if self._changed is not None:
            raise ValueError("The pixels are a changed copy, which is not to be written to.")
        for key, some, within in self._by_tile(places):
            part = pixels[some]
            tile = self._tiles.get(key)
            if tile is None and not part.any():
                continue
            # Only what is written is looked at, not the whole tile.
            color, alpha = codes_of(part[:, :3]), codes_of(part[:, 3:])
            if color is None or alpha is None:
                raise ValueError("The pixels have values that packed pixels do not hold.")
            size = [min(_TILE_PX, self.shape[axis] - key[axis] * _TILE_PX) for axis in (0, 1)]
            tile = _CLEAR if tile is None else tile
            self._tiles[key] = _Tile(
                _with_codes(tile.color, size, within, color),
                _with_codes(tile.alpha, size, within, alpha),
            )

    def mapped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> PackedPixels:
        """With every value changed, zero to zero: the same codes, which stand for other values.

        These may be of another dtype, in which `rows` and `take` then give pixels.
        """
        return PackedPixels(self.shape, dict(self._tiles), self._values.mapped(change))

    def _by_tile(
        self, places: Places
    ) -> Iterator[tuple[tuple[int, int], NDArray[np.intp], Places]]:
        """Each tile with some of the places, by row and column, which ones, and where in it."""
        down, row = np.divmod(places[0], _TILE_PX)
        across, col = np.divmod(places[1], _TILE_PX)
        tile = down * (self.shape[1] // _TILE_PX + 1) + across
        order = np.argsort(tile, kind="stable")
        for some in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
            if len(some):
                key = int(down[some[0]]), int(across[some[0]])
                yield key, some, (row[some], col[some])

    def _unpacked(self) -> Float32Array:
        return self.rows(slice(0, self.shape[0]))


@dataclass(frozen=True, eq=False)
class _Tile:
    """Codes of colour (h, w, 3) and alpha (h, w, 1); of one pixel where all are the same."""

    color: Codes
    alpha: Codes

    @classmethod
    def of(cls, rgba: Float32Array) -> _Tile | None:
        """A tile (h, w, 4); None if a value has no code."""
        import cv2

        alpha = codes_of(_shrunk(cv2.extractChannel(rgba, 3)[..., None]))
        color = codes_of(_shrunk(cv2.cvtColor(rgba, cv2.COLOR_RGBA2RGB)))
        return None if color is None or alpha is None else cls(color, alpha)

    def unpack(self, rows: slice, out: NDArray[Any], values: CodeValues) -> None:
        """Write some rows of the pixels to (h, w, 4)."""
        import cv2

        color, alpha = (
            values.of(codes if codes.shape[:2] == (1, 1) else codes[rows])
            for codes in (self.color, self.alpha)
        )
        # Whole rows are copied at once; NumPy writes three of four channels pixel by pixel.
        if color.shape[:2] == (1, 1):
            row = np.empty(out.shape[1:], out.dtype)
            row[:, :3], row[:, 3] = color[0, 0], alpha[0, 0, 0]
            out[...] = row
            if alpha.shape[:2] != (1, 1):
                out[..., 3:] = alpha
            return
        if alpha.shape[:2] == (1, 1):
            alpha = np.full(out.shape[:2], alpha[0, 0, 0], out.dtype)
        out[...] = cv2.merge((color, alpha))

    def take(self, places: Places, values: CodeValues) -> NDArray[Any]:
        """The pixels at n places, (n, 4)."""
        pixels = np.empty((len(places[0]), 4), values.eight.dtype)
        for codes, part in ((self.color, pixels[:, :3]), (self.alpha, pixels[:, 3:])):
            part[...] = values.of(codes[0] if codes.shape[:2] == (1, 1) else codes[places])
        return pixels


# A tile of zeros.
_CLEAR = _Tile(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1, 1), np.uint8))


def _with_codes(codes: Codes, size: Sequence[int], places: Places, changed: Codes) -> Codes:
    """The codes of a tile of some height and width, (h, w, c), with (n, c) others at n places."""
    full: NDArray[Any] = codes
    if codes.shape[:2] == (1, 1):
        if codes.dtype == changed.dtype and (changed == codes[0]).all():
            return codes
        full = np.broadcast_to(codes, (*size, codes.shape[2]))
    if codes.dtype == changed.dtype:
        full = full.copy()
    else:
        full, changed = widened(full), widened(changed)
    full[places] = changed
    return full


def _shrunk(values: Float32Array) -> Float32Array:
    """The first pixel alone of (h, w, c), where all are the same."""
    first = values[0, 0]
    # Where they are not, a few tell.
    if (values[-1] != first).any() or (values[:, -1] != first).any():
        return values
    return values[:1, :1] if (values == first).all() else values


def take_pixels(pixels: Float32Array | PackedPixels, places: Places) -> Float32Array:
    """The pixels (h, w, 4) at n places, float32 (n, 4), a copy."""
    if isinstance(pixels, PackedPixels):
        return pixels.take(places)
    # A pixel as one number: gathered much faster.
    whole = np.ascontiguousarray(pixels).view(np.complex128).ravel()
    return whole.take(places[0] * pixels.shape[1] + places[1]).view(np.float32).reshape(-1, 4)


def put_pixels(pixels: Float32Array | PackedPixels, places: Places, values: Float32Array) -> None:
    """Write values, float32 (n, 4), at n places of pixels (h, w, 4)."""
    if isinstance(pixels, PackedPixels):
        pixels.put(places, values)
    else:
        pixels[places] = values
