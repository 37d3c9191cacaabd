"""Joins regions that look like one: touching ones of one colour, and specks with a neighbour.

Pixels are counted once. Areas, colours and borders of what is joined are sums of those of its
parts, so that joining works on tables of regions, however many rounds it takes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.components import component_roots
from ..raster.tiling import strips
from .statistics import adjacency

__all__ = [
    "RegionTable",
    "absorb_blends",
    "absorb_small",
    "follow_chains",
    "luma_chroma",
    "measure",
    "merge_alike",
]

# A sliver of an anti-aliased edge has fewer pixels than this (an area), of which at most this share
# lies in a flat neighbourhood.
_MAX_SLIVER_PX, _MAX_FLAT_SHARE = 24, 0.25
# Its colour lies this near (8-bit L2) to the line between the colours of two regions that it
# touches, between these shares of the way from one to the other.
_LINE_TOLERANCE, _BLEND_RANGE = 14.0, (0.04, 0.96)
# Per 8-bit level of ringing: what is added to a sliver's largest area, as a share of it, and to the
# tolerance.
_SLIVER_PER_RINGING, _TOLERANCE_PER_RINGING = 0.15, 3.0
# With ringing, what is no wider than this may be a sliver however long it is.
_MAX_SLIVER_WIDTH_PX = 2.5
# Rec. 601, in which JPEG and WebP separate luma from chroma, and the weights of differences in
# either: lossy compression keeps luma better.
_LUMA_WEIGHTS = np.array([0.299, 0.587, 0.114])
_LUMA_FACTOR, _CHROMA_FACTOR = 1.41, 0.35
# Two areas that are flat over this share touch along a real border: they are one only if they are
# this near in colour (8-bit L2); docs/decisions/ has how this was chosen.
_MIN_FLAT_SHARE, _FLAT_TOLERANCE = 0.5, 6.0
# Merging makes new small neighbours; few rounds suffice and bound the time on noisy pictures.
_MAX_ROUNDS = 8


@dataclass(frozen=True)
class RegionTable:
    """Areas, colours and borders of regions.

    Attributes:
        number: int64 (K,), for each label of the label map the region it has been joined to.
        pixels: int64 (K, 3), number of pixels of each region, in three kinds: inside flat
            neighbourhoods, the purest of its thin strokes, and the rest.
        sums: float64 (K, 3, 3), sums of the 8-bit colours of each kind, (region, kind, RGB); whole
            numbers.
        pairs: int64 (P, 3), touching regions a < b and the length of their border.
    """

    number: NDArray[np.int64]
    pixels: NDArray[np.int64]
    sums: NDArray[np.float64]
    pairs: NDArray[np.int64]

    @property
    def areas(self) -> NDArray[np.int64]:
        """Pixels of each region, int64 (K,); 0 where it was joined with another."""
        total: NDArray[np.int64] = self.pixels.sum(axis=1)
        return total

    @property
    def means(self) -> NDArray[np.float64]:
        """Mean colour of each region, float64 (K, 3), 0..255."""
        return self.sums.sum(axis=1) / np.maximum(self.areas, 1)[:, None].astype(np.float64)

    @property
    def lossy_means(self) -> NDArray[np.float64]:
        """Luma and chroma of the mean colours, float64 (K, 4), weighted for lossy pictures."""
        return luma_chroma(self.means)

    @property
    def widths(self) -> NDArray[np.float64]:
        """Mean width of each region in pixels, float64 (K,): twice its area by its border."""
        border = np.zeros(len(self.number))
        for side in (self.pairs[:, 0], self.pairs[:, 1]):
            border += np.bincount(side, self.pairs[:, 2], len(border))
        return 2.0 * self.areas / np.maximum(border, 1.0)

    def joined(self, target: NDArray[np.int64]) -> RegionTable:
        """Every region i becomes part of region target[i], int64 (K,); target[i] may be i."""
        count = len(self.number)
        pixels = np.zeros_like(self.pixels)
        np.add.at(pixels, target, self.pixels)
        sums = np.zeros_like(self.sums)
        np.add.at(sums, target, self.sums)
        a, b = target[self.pairs[:, 0]], target[self.pairs[:, 1]]
        apart = a != b
        keys = np.minimum(a, b)[apart] * count + np.maximum(a, b)[apart]
        unique, at = np.unique(keys, return_inverse=True)
        lengths = np.zeros(len(unique), np.int64)
        np.add.at(lengths, at, self.pairs[apart, 2])
        pairs = np.stack([unique // count, unique % count, lengths], axis=1)
        return RegionTable(target[self.number], pixels, sums, pairs)


def luma_chroma(colors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Luma and chroma of colours (n, 3), float64 (n, 4), weighted for lossy pictures."""
    luma = (colors @ _LUMA_WEIGHTS)[:, None]
    return np.hstack([_LUMA_FACTOR * luma, _CHROMA_FACTOR * (colors - luma)])


def measure(
    labels: NDArray[np.int32],
    color8: NDArray[np.uint8],
    core: NDArray[np.bool_],
    pure: NDArray[np.bool_],
) -> RegionTable:
    """The table of a label map, in which every label is a region of its own.

    Args:
        labels: int32 (H, W), -1 = no region.
        color8: uint8 (H, W, 3).
        core: bool (H, W), the pixels inside flat neighbourhoods.
        pure: bool (H, W), the pixels of thin strokes that are blended least.
    """
    count = int(labels.max()) + 1
    # Label -1 counts in the first three bins, which are then left out.
    bins = 3 * count + 3
    pixels, sums = np.zeros(bins), np.zeros((3, bins))
    for rows in strips(*labels.shape):
        keys = (labels[rows] + 1) * 3 + ~core[rows] * (np.uint8(2) - pure[rows])
        # Flat art comes in long runs of one key: those are counted, not pixels. A run ends with its
        # row, so that a sum of its 8-bit colours fits into 32 bits.
        begins = np.ones(keys.shape, bool)
        np.not_equal(keys[:, 1:], keys[:, :-1], out=begins[:, 1:])
        starts = np.flatnonzero(begins)
        owner = keys.ravel()[starts]
        pixels += np.bincount(owner, np.diff(starts, append=keys.size), bins)
        for total, channel in zip(sums, cv2.split(color8[rows]), strict=True):
            run = np.add.reduceat(channel.ravel(), starts, dtype=np.uint32)
            total += np.bincount(owner, run, bins)
    pixels_of = pixels[3:].reshape(count, 3).astype(np.int64)
    sums_of = np.ascontiguousarray(sums.T[3:]).reshape(count, 3, 3)
    pairs = adjacency(labels, count)
    return RegionTable(np.arange(count, dtype=np.int64), pixels_of, sums_of, pairs)


def merge_alike(table: RegionTable, tolerance: float) -> RegionTable:
    """Merge touching regions whose mean colours differ by less than `tolerance` (8-bit L2).

    The blends along a narrow crescent break it into several regions; nobody sees a border there.
    Between two flat areas there is a border, or their cores would be one, however faint it is: a
    stripe of near-white on white paper. They are merged only below `_FLAT_TOLERANCE`.
    """
    count = len(table.number)
    if count <= 1:
        return table
    means = table.means
    a, b = table.pairs[:, 0], table.pairs[:, 1]
    flat = table.pixels[:, 0] > _MIN_FLAT_SHARE * table.areas
    limit = np.where(flat[a] & flat[b], min(tolerance, _FLAT_TOLERANCE), tolerance)
    alike = ((means[a] - means[b]) ** 2).sum(axis=1) < limit * limit
    return table.joined(component_roots(a[alike], b[alike], count))


def absorb_blends(table: RegionTable, ringing: float = 0.0) -> RegionTable:
    """Give slivers of anti-aliased edges to whichever of their two sides is nearest in colour.

    At a sharp tip, or where an edge runs along the picture's border, a few pixels in a row hold the
    same blend; they are no stroke. Ringing (`Ringing.level`, 8-bit) makes slivers larger and moves
    their colours off the line.
    """
    areas, means = table.areas, table.lossy_means if ringing else table.means
    small = areas < _MAX_SLIVER_PX * (1.0 + _SLIVER_PER_RINGING * ringing)
    if ringing:
        small |= (table.widths < _MAX_SLIVER_WIDTH_PX) & (areas > 0)
    slivers = np.flatnonzero((areas > 0) & small & (table.pixels[:, 0] <= _MAX_FLAT_SHARE * areas))
    if len(slivers) == 0:
        return table
    is_sliver = np.zeros(len(areas), bool)
    is_sliver[slivers] = True
    # A sliver is a blend of large regions: small ones beside it do not count as its sides.
    both = np.stack([table.pairs[:, :2], table.pairs[:, 1::-1]], axis=1).reshape(-1, 2)
    both = both[is_sliver[both[:, 0]] & ~small[both[:, 1]]]
    sliver, side = both[np.argsort(both[:, 0], kind="stable")].T
    blends = _blends(means, sliver, side, _LINE_TOLERANCE + _TOLERANCE_PER_RINGING * ringing)
    target = np.arange(len(areas), dtype=np.int64)
    distance = ((means[side] - means[sliver]) ** 2).sum(axis=1)
    # Of equally near sides the first.
    nearest = np.lexsort((distance, sliver))
    nearest = nearest[np.flatnonzero(np.diff(sliver[nearest], prepend=-1))]
    nearest = nearest[blends[sliver[nearest]]]
    target[sliver[nearest]] = side[nearest]
    return table.joined(target)


def _blends(
    means: NDArray[np.float64],
    sliver: NDArray[np.int64],
    side: NDArray[np.int64],
    tolerance: float,
) -> NDArray[np.bool_]:
    """Which regions' colours lie on the line between those of two of their sides, or nearly so.

    Args:
        means: float64 (K, 3 or 4), `RegionTable.means` or `lossy_means`.
        sliver: int64 (n,), regions, sorted; each as often as it has sides.
        side: int64 (n,), a region that touches each.
        tolerance: distance from the line, 8-bit L2.

    Returns:
        bool (K,).
    """
    _, sizes = np.unique(sliver, return_counts=True)
    end = np.repeat(np.cumsum(sizes), sizes)
    # Pairs: each side with every later one of the same region.
    later = end - 1 - np.arange(len(sliver))
    first = np.repeat(np.arange(len(sliver)), later)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)
    span = means[side[second]] - means[side[first]]
    offset = means[sliver[first]] - means[side[first]]
    share = (offset * span).sum(axis=1) / np.maximum((span * span).sum(axis=1), 1.0)
    rest = np.linalg.norm(offset - share[:, None] * span, axis=1)
    between = (rest < tolerance) & (share > _BLEND_RANGE[0]) & (share < _BLEND_RANGE[1])
    blends = np.zeros(len(means), bool)
    blends[sliver[first[between]]] = True
    return blends


def absorb_small(table: RegionTable, minimum: float) -> RegionTable:
    """Merge each small region into the touching region nearest in colour.

    Regions of fewer than `minimum` pixels are small; 0 returns the table unchanged. A small region
    with no neighbour (alone on a transparent page) stays.
    """
    if minimum <= 0.0 or len(table.number) <= 1:
        return table
    for _ in range(_MAX_ROUNDS):
        areas = table.areas
        small = (areas < minimum) & (areas > 0)
        if not small.any():
            return table
        target = _nearest_neighbour(table.pairs, small, areas, table.means)
        if (target == np.arange(len(target))).all():
            return table
        table = table.joined(follow_chains(target))
    return table


def _nearest_neighbour(
    pairs: NDArray[np.int64],
    small: NDArray[np.bool_],
    areas: NDArray[np.int64],
    means: NDArray[np.float64],
) -> NDArray[np.int64]:
    """For each small region the larger touching region nearest in colour, else itself, int64 (K,).

    A longer common border counts as nearer. `pairs`, `areas` and `means` are those of the table.
    """
    a = np.concatenate([pairs[:, 0], pairs[:, 1]])
    b = np.concatenate([pairs[:, 1], pairs[:, 0]])
    shared = np.concatenate([pairs[:, 2], pairs[:, 2]])
    # Merge strictly upwards in (area, number), so that no cycle can form.
    usable = small[a] & ((areas[b] > areas[a]) | ((areas[b] == areas[a]) & (b > a)))
    a, b, shared = a[usable], b[usable], shared[usable]
    target = np.arange(len(areas), dtype=np.int64)
    if len(a) == 0:
        return target
    distance = np.sqrt(((means[a] - means[b]) ** 2).sum(axis=1)) / np.sqrt(shared)
    order = np.lexsort((b, distance, a))
    first = np.ones(len(order), bool)
    first[1:] = a[order][1:] != a[order][:-1]
    target[a[order][first]] = b[order][first]
    return target


def follow_chains(target: NDArray[np.int64]) -> NDArray[np.int64]:
    """Resolve chains a -> b -> c to their end: int64 (K,) in and out, without cycles."""
    while True:
        further = target[target]
        if (further == target).all():
            return target
        target = further
