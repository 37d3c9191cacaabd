"""An index of where each layer is seen, to ask about one layer without looking at every pixel."""

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

__all__ = ["VisibilityIndex", "grown_box"]

# A pixel of less alpha is translucent.
_OPAQUE_ALPHA = 0.98
# Pixels whose means are taken at a time.
_MEAN_PX = 1 << 18
_SQUARE = np.ones((3, 3), np.uint8)


class VisibilityIndex:
    """A label map indexed by layer.

    Without it, each layer of a picture would be looked for in all of its pixels.

    Args:
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where nothing is.
        alpha: float32 (H, W), the picture's; None if it is opaque.

    Attributes:
        count: N.
        numbers: labels + 1 in as few bytes as hold them, (H, W): 0 = no layer.
        translucent: bool (H, W), where the picture lets something through, and the pixels right
            beside a shadow or a glaze; None if it is opaque.
        rims: paint around the layers that is too faint to be segmented; None without any.
    """

    def __init__(self, labels: NDArray[np.int32], alpha: NDArray[np.float32] | None = None) -> None:
        self.count = int(labels.max()) + 1
        dtype = np.uint8 if self.count < 256 else np.uint16 if self.count < 65536 else np.int32
        self.numbers: NDArray[np.integer] = np.empty(labels.shape, dtype)
        np.add(labels, 1, out=self.numbers, casting="unsafe")
        self._starts, self._owner, self._lengths = runs_of(self.numbers)
        areas = np.bincount(self._owner, self._lengths, self.count + 1)
        self._below = np.cumsum(areas)
        self._windows = self._find_windows()
        self.translucent = None if alpha is None else _translucent_area(alpha, self.numbers)
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
        """The grid of large square pixels that the picture is made of; None if it is not."""
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
        """The bounding box of the pixels where a layer is seen."""
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
        """Mean of values, float32 (H, W), over the pixels where each layer is seen."""
        total = np.zeros(self.count)
        flat = values.ravel()
        # Some runs at a time: NumPy converts every value that it adds to eight bytes.
        ends = np.append(self._starts[1:], flat.size)
        for part in _parts(ends, _MEAN_PX):
            first, last = self._starts[part][0], ends[part][-1]
            starts = self._starts[part] - first
            sums = np.add.reduceat(flat[first:last], starts, dtype=np.float64)
            total += np.bincount(self._owner[part], sums, self.count + 1)[1:]
        areas: NDArray[np.float64] = np.diff(self._below)
        return (total / np.maximum(areas, 1.0)).tolist()

    def digest(self, index: int) -> str:
        """A hash of where the layer is seen and where layers above it are, and of nothing else."""
        state = hashlib.blake2b(digest_size=16)
        for part in (self._owner == index + 1, self._owner > index + 1):
            # The first pixel, and the places at which it changes.
            state.update(part[:1].tobytes())
            changes = self._starts[1:][part[1:] != part[:-1]]
            state.update(len(changes).to_bytes(8, "little"))
            state.update(changes.tobytes())
        return state.hexdigest()

    def _find_windows(self) -> NDArray[np.int64]:
        """Top, left, bottom and right of each number's pixels, int64 (N + 1, 4)."""
        width = self.numbers.shape[1]
        first, last = self._starts, self._starts + self._lengths - 1
        top, bottom = first // width, last // width
        # A run that continues in the next row reaches both sides.
        wraps = bottom > top
        left, right = np.where(wraps, 0, first % width), np.where(wraps, width - 1, last % width)
        order = np.argsort(self._owner, kind="stable")
        sorted_owner = self._owner[order]
        begins = np.flatnonzero(np.append(True, sorted_owner[1:] != sorted_owner[:-1]))
        windows = np.zeros((self.count + 1, 4), np.int64)
        windows[sorted_owner[begins]] = np.stack(
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
    """Slices of runs of about `size` pixels each, and of at least one run; `ends` are the runs'."""
    cuts = np.searchsorted(ends, np.arange(size, ends[-1] + size, size))
    cuts = np.unique(np.append(0, np.minimum(cuts + 1, len(ends))))
    for first, last in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        yield slice(first, last)


def _translucent_area(
    alpha: NDArray[np.float32], numbers: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Translucent pixels of layers, and those beside areas of them wider than an edge."""
    translucent = ((alpha < _OPAQUE_ALPHA) & (numbers > 0)).view(np.uint8)
    # The opening drops anti-aliased outlines, which are thinner than its square. The dilation adds
    # the soft edge of a layer that ends beside a wide area, which is one pixel wide.
    beside_wide = cv2.dilate(cv2.morphologyEx(translucent, cv2.MORPH_OPEN, _SQUARE), _SQUARE)
    return np.asarray((translucent | beside_wide) > 0)


def grown_box(box: Box, margin: int, frame: tuple[int, ...]) -> Box:
    """The box with a margin around it, clipped to a frame (H, W)."""
    rows, cols = box
    return (
        slice(max(0, rows.start - margin), min(frame[0], rows.stop + margin)),
        slice(max(0, cols.start - margin), min(frame[1], cols.stop + margin)),
    )
