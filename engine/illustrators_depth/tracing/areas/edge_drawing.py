"""The drawing at the pixels that outlines cross, and how its outlines should move to look right.

Each area was measured against what ideal outlines of those below it would have drawn. Fitted curves
are not ideal, so that errors add up. Here the areas are composited as their curves really cover
pixels, and what is still wrong is shared out among the outlines that can mend it: by how much the
pixel changes with the coverage of each (least squares of least norm; Kaczmarz 1937).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import nonzero_places
from ..coverage.cell_coverage import CellCoverage, cell_keys, cells_of_keys
from .area import Area
from .canvas import solid_pixels

__all__ = ["EdgeDrawing"]

Float = NDArray[np.float32]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

# Outlines move by less than this while they are refined.
_BAND = np.ones((5, 5), np.uint8)
# Coverage that differs from none, or all, by less is that.
_NONE, _ALL = 1e-3, 1.0 - 1e-3
# A pixel that changes by less (premultiplied RGBA, L2) with an area's coverage tells nothing.
_MIN_CONTRAST = 0.06
# An outline crosses a pixel if its area covers that by more than a little and not wholly.
_CROSSED = 0.02
# A gap through which the page shows is worse than a wrong colour: weights of the channels.
_CHANNELS = np.array([1.0, 1.0, 1.0, 3.0], np.float32)
# More pixels than this (bytes of memory) are left as they are.
_MAX_PIXELS = 1 << 22


class EdgeDrawing:
    """What areas of a drawing cover, paint and leave visible at the pixels along outlines.

    Args:
        picture: float32 (H, W, 4), what the drawing should look like, premultiplied.
        areas: all that is drawn, bottom to top.
        moving: numbers of the areas whose outlines may move, rising.
    """

    def __init__(self, picture: Float, areas: Sequence[Area], moving: Sequence[int]) -> None:
        self._picture, self._areas, self._moving = picture, areas, moving

    def begin(self, cover: CellCoverage) -> bool:
        """Note the pixels along outlines; False where there are too many.

        `cover` is that of the moving areas, numbered as in `moving`, in their windows' pixels.
        """
        bands = self._bands(cover)
        near = np.zeros(self._picture.shape[:2], np.uint8)
        for number, band in zip(self._moving, bands, strict=True):
            part, shown = near[self._box(number)], self._areas[number].seen
            np.bitwise_or(part, band if shown is None else band & shown, out=part)
        pixels = np.flatnonzero(near)
        if not 0 < len(pixels) <= _MAX_PIXELS:
            return False
        place = np.zeros(near.shape, np.int32)
        place.reshape(-1)[pixels] = np.arange(len(pixels), dtype=np.int32)
        self._wanted = self._picture.reshape(-1, 4).take(pixels, axis=0) * _CHANNELS
        self._collect(cover, bands, near, pixels, place)
        return True

    def _box(self, number: int) -> tuple[slice, slice]:
        area = self._areas[number]
        rows, cols = area.field.shape
        return slice(area.top, area.top + rows), slice(area.left, area.left + cols)

    def _bands(self, cover: CellCoverage) -> list[NDArray[np.uint8]]:
        """For each moving area uint8 (h, w), 1 where its outlines are or may come to lie."""
        number, cols, rows = cells_of_keys(cover.keys)
        bounds = np.searchsorted(number, np.arange(len(self._moving) + 1)).tolist()
        bands = []
        for own, (begin, end) in zip(self._moving, pairwise(bounds), strict=True):
            band = np.zeros(self._areas[own].field.shape, np.uint8)
            inside = slice(begin, end)
            bottom, right = band.shape[0] - 1, band.shape[1] - 1
            band[np.minimum(rows[inside], bottom), np.minimum(cols[inside], right)] = 1
            bands.append(cv2.dilate(band, _BAND))
        return bands

    def _collect(
        self,
        cover: CellCoverage,
        bands: list[NDArray[np.uint8]],
        near: NDArray[np.uint8],
        pixels: NDArray[np.intp],
        place: NDArray[np.int32],
    ) -> None:
        """List, for each pixel along outlines, the areas that cover it, bottom to top.

        `near`, uint8 (H, W), marks the flat `pixels`; `place`, int32 (H, W), numbers them.
        """
        rank = np.zeros(len(self._wanted), np.int32)
        entries: list[tuple[NDArray[np.generic], ...]] = []
        turn = {number: own for own, number in enumerate(self._moving)}
        for number, area in enumerate(self._areas):
            box = self._box(number)
            at = nonzero_places(near[box] > 0)
            own = turn.get(number)
            if own is None:
                covered, moves = area.field[at], np.zeros(len(at[0]), np.bool_)
                keys = np.zeros(len(at[0]), np.int64)
            else:
                keys = cell_keys(np.full(len(at[0]), own), at[1], at[0])
                covered = cover.of_keys(keys).astype(np.float32)
                moves = bands[own][at] > 0
            kept = (covered > _NONE) | moves
            at = at[0][kept], at[1][kept]
            pixel = place[box][at]
            level = rank[pixel]
            rank[pixel] += 1
            # Hidden outlines stay: seams would open above them.
            shown = np.ones(len(pixel), np.bool_) if area.seen is None else area.seen[at]
            owner = np.full(len(pixel), number, np.int32)
            entries.append((pixel, level, owner, covered[kept], moves[kept], keys[kept], shown))
        columns = [np.concatenate(part) for part in zip(*entries, strict=True)]
        pixel, level, owner, covered, moves = columns[:5]
        # What lies below an opaque area's inside is not seen.
        opacities = np.array([area.opacity for area in self._areas], np.float32)
        opaque = (covered * opacities[owner] >= _ALL) & ~moves
        lowest = np.zeros(len(rank), np.int32)
        np.maximum.at(lowest, pixel[opaque], level[opaque])
        seen = np.flatnonzero(level >= lowest[pixel])
        paints = self._paints(owner[seen], pixels[pixel[seen]])
        order = np.argsort(level[seen], kind="stable")
        seen, self._paint = seen[order], paints[order]
        self._pixel, level, owner, self._covered, moves, keys, shown = (
            column[seen] for column in columns
        )
        self._opacity = opacities[owner]
        self._levels = np.searchsorted(level, np.arange(int(rank.max()) + 1)).tolist()
        moving = np.flatnonzero(moves)
        self._at = moving[np.argsort(keys[moving], kind="stable")]
        self._keys, self._shown = keys[self._at], shown[self._at]

    def _paints(self, owner: NDArray[np.int32], pixels: NDArray[np.intp]) -> Float:
        """Weighted colours of areas, whose numbers rise, at flat pixels, float32 (n, 4)."""
        height, width = self._picture.shape[:2]
        whole = slice(0, height), slice(0, width)
        paints = np.empty((len(owner), 4), np.float32)
        bounds = np.searchsorted(owner, np.arange(len(self._areas) + 1)).tolist()
        for area, (begin, end) in zip(self._areas, pairwise(bounds), strict=True):
            places = np.divmod(pixels[begin:end], width)
            paints[begin:end] = solid_pixels(area.paint, whole, places) * _CHANNELS
        return paints

    def missing(self, cover: CellCoverage) -> tuple[Int, NDArray[np.float64]]:
        """By how much each area should cover each pixel near its outlines more than it does.

        Returns:
            int64 (n,), keys of area and pixel, rising, and float64 (n,), coverage; NaN where the
            picture does not show it.
        """
        covered = self._covered.copy()
        own = cover.of_keys(self._keys).astype(np.float32)
        covered[self._at] = np.clip(own, 0.0, 1.0)
        step, rest = self._changes(covered * self._opacity)
        square = np.einsum("ij,ij->i", step, step)[self._at]
        along = np.einsum("ij,ij->i", step[self._at], rest.take(self._pixel[self._at], axis=0))
        crossed = (own > _CROSSED) & (own < 1.0 - _CROSSED)
        pixel = self._pixel[self._at]
        total = np.bincount(pixel, square * crossed, len(rest))[pixel]
        missing = along / np.maximum(np.maximum(total, square), _MIN_CONTRAST**2)
        return self._keys, np.where(self._shown & (square > _MIN_CONTRAST**2), missing, np.nan)

    def _changes(self, alpha: Float) -> tuple[Float, Float]:
        """How each pixel changes with the coverage of each area in it, and what it misses.

        float32 (m, 4), and float32 (n, 4) of pixels.
        """
        drawn = np.zeros_like(self._wanted)
        step = np.empty_like(self._paint)
        levels = [slice(*ends) for ends in pairwise([*self._levels, len(alpha)])]
        for own in levels:
            pixel = self._pixel[own]
            below = drawn.take(pixel, axis=0)
            np.subtract(self._paint[own], below, out=step[own])
            drawn[pixel] = below + alpha[own, None] * step[own]
        through = np.ones(len(drawn), np.float32)
        for own in reversed(levels):
            pixel = self._pixel[own]
            left = through.take(pixel)
            step[own] *= (left * self._opacity[own])[:, None]
            through[pixel] = left * (1.0 - alpha[own])
        return step, self._wanted - drawn
