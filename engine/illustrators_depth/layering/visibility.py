"""Where each layer is seen, in forms that answer for one layer without looking at every pixel."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import Box
from ..regions import runs_of
from .completion.hidden_reach import highest_in_cells
from .completion.outline_chains import OutlineChains, covered_chains, outline_chains
from .completion.pixel_grid import PixelGrid, pixel_grid
from .downsampled_labels import Cells
from .edges.faint_rims import FaintRims

__all__ = ["VisibilityIndex", "grown"]

# A pixel that covers less lets through what lies below it, were there anything.
_SOLID = 0.98
# Pixels whose mean is taken together.
_MEAN_PX = 1 << 18
_SQUARE = np.ones((3, 3), np.uint8)


class VisibilityIndex:
    """A label map made ready for questions about its layers, one after the other.

    Sixty layers of a large picture would otherwise be looked for sixty times in every pixel.

    Args:
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where nothing is.
        alpha: float32 (H, W), the picture's; None if it is opaque.

    Attributes:
        count: N.
        numbers: labels + 1 in as few bytes as hold them, (H, W): 0 = nothing.
        glass: bool (H, W), where the picture lets something through, and what lies right beside a
            shadow or a glaze; None if it is opaque.
        rims: paint around the layers that is too faint to be segmented; None without any.
    """

    def __init__(self, labels: NDArray[np.int32], alpha: NDArray[np.float32] | None = None) -> None:
        self.count = int(labels.max()) + 1
        small = np.uint8 if self.count < 256 else np.uint16 if self.count < 65536 else np.int32
        self.numbers: NDArray[np.integer] = np.empty(labels.shape, small)
        np.add(labels, 1, out=self.numbers, casting="unsafe")
        self._starts, self._owner, self._lengths = runs_of(self.numbers)
        areas = np.bincount(self._owner, self._lengths, self.count + 1)
        self._below = np.cumsum(areas)
        self._windows = self._find_windows()
        self.glass = None if alpha is None else _glass(alpha, self.numbers)
        self.rims = None if alpha is None else FaintRims.of(self.numbers, alpha)

    @cached_property
    def cells(self) -> Cells:
        """The label map at the size at which hidden outlines are worked out."""
        return Cells(self.numbers, self.count)

    @cached_property
    def highest(self) -> NDArray[np.integer]:
        """The highest number in each small cell of the label map, see `highest_in_cells`."""
        return highest_in_cells(self.numbers)

    @cached_property
    def grid(self) -> PixelGrid | None:
        """The large square pixels that the picture is made of, if it is."""
        return pixel_grid(self.numbers)

    @cached_property
    def chains(self) -> OutlineChains:
        """The outlines that are seen, from junction to junction."""
        return outline_chains(self.numbers)

    @cached_property
    def covered(self) -> OutlineChains:
        """The borders along which layers are cut off by higher ones; numbered from the top."""
        return covered_chains(self.numbers)

    def window(self, index: int) -> Box:
        """The bounding box of what is seen of a layer."""
        top, left, bottom, right = self._windows[index + 1].tolist()
        return slice(top, bottom), slice(left, right)

    def has_above(self, index: int) -> bool:
        """Whether a higher layer is seen anywhere."""
        return bool(self._below[index + 1] < self._below[-1])

    def has_below(self, index: int) -> bool:
        """Whether a lower layer, or nothing, is seen anywhere."""
        return bool(self._below[index] > 0)

    def rim(self, index: int) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Rows and columns of the faint pixels around a layer that are its own; None if none is."""
        return None if self.rims is None else self.rims.places.get(index + 1)

    def means(self, values: NDArray[np.float32]) -> list[float]:
        """The mean of float32 (H, W) values where each layer is seen."""
        total = np.zeros(self.count)
        flat = values.ravel()
        # Some runs at a time: NumPy makes eight bytes of every value that it adds.
        ends = np.append(self._starts[1:], flat.size)
        for part in _parts(ends, _MEAN_PX):
            first, last = self._starts[part][0], ends[part][-1]
            starts = self._starts[part] - first
            sums = np.add.reduceat(flat[first:last], starts, dtype=np.float64)
            total += np.bincount(self._owner[part], sums, self.count + 1)[1:]
        areas: NDArray[np.float64] = np.diff(self._below)
        return (total / np.maximum(areas, 1.0)).tolist()

    def digest(self, index: int) -> str:
        """Stands for where the layer is seen, and where layers above it are; for nothing else."""
        state = hashlib.blake2b(digest_size=16)
        for part in (self._owner == index + 1, self._owner > index + 1):
            # The first pixel, and the places at which it changes.
            state.update(part[:1].tobytes())
            changes = self._starts[1:][part[1:] != part[:-1]]
            state.update(len(changes).to_bytes(8, "little"))
            state.update(changes.tobytes())
        return state.hexdigest()

    def _find_windows(self) -> NDArray[np.int64]:
        """Top, left, bottom and right of each number, (N + 1, 4)."""
        width = self.numbers.shape[1]
        first, last = self._starts, self._starts + self._lengths - 1
        top, bottom = first // width, last // width
        # A run that goes on in the next row reaches both sides.
        wraps = bottom > top
        left, right = np.where(wraps, 0, first % width), np.where(wraps, width - 1, last % width)
        order = np.argsort(self._owner, kind="stable")
        owner = self._owner[order]
        begins = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        windows = np.zeros((self.count + 1, 4), np.int64)
        windows[owner[begins]] = np.stack(
            [
                np.minimum.reduceat(top[order], begins),
                np.minimum.reduceat(left[order], begins),
                np.maximum.reduceat(bottom[order], begins) + 1,
                np.maximum.reduceat(right[order], begins) + 1,
            ],
            axis=1,
        )
        return windows


def _parts(ends: NDArray[np.intp], size: int) -> Iterator[slice]:
    """Runs in parts that end about so many pixels apart; at least one run each."""
    cuts = np.searchsorted(ends, np.arange(size, ends[-1] + size, size))
    cuts = np.unique(np.append(0, np.minimum(cuts + 1, len(ends))))
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        yield slice(first, last)


def _glass(alpha: NDArray[np.float32], numbers: NDArray[np.integer]) -> NDArray[np.bool_]:
    clear = ((alpha < _SOLID) & (numbers > 0)).view(np.uint8)
    # An anti-aliased outline is thinner than that; the soft edge of a layer that ends beside it
    # reaches no further than the outline's own pixel.
    wide = cv2.dilate(cv2.morphologyEx(clear, cv2.MORPH_OPEN, _SQUARE), _SQUARE)
    return np.asarray((clear | wide) > 0)


def grown(box: Box, margin: int, frame: tuple[int, ...]) -> Box:
    """The box with a margin around it, clipped to a frame (H, W)."""
    rows, cols = box
    return (
        slice(max(0, rows.start - margin), min(frame[0], rows.stop + margin)),
        slice(max(0, cols.start - margin), min(frame[1], cols.stop + margin)),
    )
