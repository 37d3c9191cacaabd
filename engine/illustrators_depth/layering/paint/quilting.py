"""Blocks of a texture, chosen from a piece of it by what lies around them, inwards.

After Efros and Freeman 2001, "Image Quilting", and Criminisi et al. 2004, "Region Filling and
Object Removal by Exemplar-Based Image Inpainting".
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box

__all__ = ["Quilt", "exemplar_box"]

# Around a block this share of its side has to agree, and so many pixels at least.
_CONTEXT_SHARE, _MIN_CONTEXT_PX = 0.25, 4
# Side of the piece of visible texture that blocks are taken from, in pixels and in blocks.
_EXEMPLAR_PX, _EXEMPLAR_BLOCKS = 108, 2.5
# Places that the exemplar must offer for a block.
_MIN_SOURCES = 16
# Its windows vary by as much as half of all do, up to this factor (of variance).
_TYPICAL_RATIO = 1.6
# How much the same place costs more each time that it was taken (of the texture's variance).
_REUSE_COST = 0.15


def _context(side: int) -> int:
    """Pixels around a block that are compared."""
    return max(_MIN_CONTEXT_PX, round(side * _CONTEXT_SHARE))


def _window_sums(values: NDArray[Any], height: int, width: int) -> NDArray[np.float32]:
    """Sums over all windows of a size that lie inside, by their upper left corners."""
    sums = cv2.boxFilter(
        values,
        cv2.CV_32F,
        (width, height),
        anchor=(0, 0),
        normalize=False,
        borderType=cv2.BORDER_CONSTANT,
    )
    return np.asarray(sums[: values.shape[0] - height + 1, : values.shape[1] - width + 1])


def _whole_windows(known: NDArray[np.uint8], window: int) -> NDArray[np.bool_]:
    """Which windows of a side are known throughout, by their upper left corners."""
    return _window_sums(known, window, window) == window * window


def exemplar_box(plain: NDArray[np.float32], known: NDArray[np.uint8], side: int) -> Box | None:
    """The square that offers most places to copy blocks from; None if none offers enough.

    Args:
        plain: float32 (H, W), the texture's luminance.
        known: uint8 (H, W), 1 where it may be copied from.
        side: of a block in pixels. With what lies around it a place is known throughout, and no
            livelier or calmer than the texture is elsewhere.
    """
    window = side + 2 * _context(side)
    # Spectra are quick to find at such sizes.
    extent = cv2.getOptimalDFTSize(max(_EXEMPLAR_PX, round(_EXEMPLAR_BLOCKS * side)))
    height, width = (min(length, extent) for length in known.shape)
    if min(height, width) < window:
        return None
    whole = _whole_windows(known, window)
    if not whole.any():
        return None
    energy = _window_sums(plain * plain, window, window)
    typical = float(np.median(energy[whole]))
    whole &= (energy >= typical / _TYPICAL_RATIO) & (energy <= typical * _TYPICAL_RATIO)
    counts = _window_sums(whole.view(np.uint8), height - window + 1, width - window + 1)
    best = int(counts.argmax())
    if counts.flat[best] < _MIN_SOURCES:
        return None
    top, left = divmod(best, counts.shape[1])
    return slice(top, top + height), slice(left, left + width)


class Quilt:
    """Chooses blocks of an exemplar, from what is known inwards.

    Args:
        plain: float32 (H, W), the texture's luminance where it is known, else 0.
        known: uint8 (H, W).
        piece: the exemplar's place.
        usable: uint8, which pixels of the exemplar may be copied.
        side: of a block in pixels.
    """

    def __init__(
        self,
        plain: NDArray[np.float32],
        known: NDArray[np.uint8],
        piece: Box,
        usable: NDArray[np.uint8],
        side: int,
    ) -> None:
        self._side, self._around = side, _context(side)
        self._grid = -(-known.shape[0] // side), -(-known.shape[1] // side)
        self._plain = plain[piece]
        window = side + 2 * self._around
        self._valid = _whole_windows(usable, window)
        # Matching compares sums of squares at all places at once, as products of spectra.
        self._spectra = cv2.dft(self._plain), cv2.dft(self._plain**2)
        self._reuse = np.zeros(self._valid.shape, np.float32)
        self._step = _REUSE_COST * float((self._plain**2).sum() / max(1, int(usable.sum())))
        # What is there so far, with room for the blocks beyond the window and what is around them.
        size = [2 * self._around + count * side for count in self._grid]
        self._canvas, self._weights = np.zeros(size, np.float32), np.zeros(size, np.float32)
        inner = self._inner(known.shape)
        self._canvas[inner], self._weights[inner] = plain, known

    def _inner(self, shape: tuple[int, ...]) -> Box:
        first = self._around
        return slice(first, first + shape[0]), slice(first, first + shape[1])

    def sources(self, wanted: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Each block's source, int32 (rows, columns, 2); -1 where nothing hidden is wanted."""
        sources = np.full((*self._grid, 2), -1, np.int32)
        for row, col in self._order(wanted):
            sources[row, col] = self._fill(row, col)
        return sources

    def _order(self, wanted: NDArray[np.uint8]) -> list[tuple[int, int]]:
        """Blocks with anything to fill: those with most that is known first, then inwards."""
        inner = self._inner(wanted.shape)
        missing = np.zeros([count * self._side for count in self._grid], np.float32)
        missing[: wanted.shape[0], : wanted.shape[1]] = wanted * (1.0 - self._weights[inner])
        size = self._grid[::-1]
        asked = cv2.resize(missing, size, interpolation=cv2.INTER_AREA) > 0.0
        first = self._around
        blocks = self._weights[first:-first, first:-first]
        share = cv2.resize(blocks, size, interpolation=cv2.INTER_AREA)
        far = cv2.distanceTransform((share <= 0.0).view(np.uint8), cv2.DIST_L2, 3)
        rows, cols = np.nonzero(asked)
        order = np.lexsort((cols, rows, -share[rows, cols], far[rows, cols]))
        return list(zip(rows[order].tolist(), cols[order].tolist(), strict=True))

    def _fill(self, row: int, col: int) -> tuple[int, int]:
        """Fill what is missing of a block, and give where in the exemplar it comes from."""
        side, around = self._side, self._around
        window = side + 2 * around
        top, left = row * side, col * side
        part = np.s_[top : top + window, left : left + window]
        target, weights = self._canvas[part], self._weights[part]
        cost = self._differences(target, weights)
        cost += self._reuse * float(weights.sum() + 1.0)
        down, across = divmod(int(np.where(self._valid, cost, np.inf).argmin()), cost.shape[1])
        reach = side // 4
        self._reuse[
            max(0, down - reach) : down + reach + 1, max(0, across - reach) : across + reach + 1
        ] += self._step
        inside = np.s_[around : around + side, around : around + side]
        missing = weights[inside] == 0.0
        source = down + around, across + around
        copied = self._plain[source[0] : source[0] + side, source[1] : source[1] + side]
        target[inside][missing] = copied[missing]
        weights[inside] = 1.0
        return source

    def _differences(
        self, window: NDArray[np.float32], weights: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Weighted sums of squared differences between a window and the exemplar, at all places
        that hold it; but for what is the same at all of them."""
        products = [
            cv2.mulSpectrums(spectrum, self._spectrum(values), 0, conjB=True)
            for spectrum, values in zip(
                self._spectra, (-2.0 * window * weights, weights), strict=True
            )
        ]
        # Both sums come back in one transform, and of that only the rows that are asked for.
        height, width = self._valid.shape
        total = cv2.dft(
            cv2.add(*products),
            flags=cv2.DFT_INVERSE | cv2.DFT_SCALE | cv2.DFT_REAL_OUTPUT,
            nonzeroRows=height,
        )
        return np.asarray(total[:height, :width])

    def _spectrum(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of a window's values, and zeros up to the exemplar's size."""
        padded = np.zeros(self._plain.shape, np.float32)
        padded[: window.shape[0], : window.shape[1]] = window
        return np.asarray(cv2.dft(padded, nonzeroRows=window.shape[0]))
