"""Finds the pairs of touching regions, where their common border lies and where it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BorderPairs", "border_pairs"]


@dataclass(frozen=True)
class BorderPairs:
    """Pairs of touching regions, those with the longest common border first.

    Attributes:
        regions: int32 (P, 2), region numbers, the smaller one first.
        length: int32 (P,), unit edges (between two pixels) that the border has.
        box: int32 (P, 4), top, left, bottom, right of the border in pixel corners.
        ends: float32 (P, 2, 2), y and x of the border's two ends in pixel corners: junctions with a
            third region or with the frame that lie far apart, or, of a closed border, two of its
            points that do.
        closed: bool (P,), whether the border has no end: one region encloses the other.
    """

    regions: NDArray[np.int32]
    length: NDArray[np.int32]
    box: NDArray[np.int32]
    ends: NDArray[np.float32]
    closed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.regions)

    def take(self, numbers: NDArray[np.intp]) -> BorderPairs:
        """The pairs of the given numbers, in their order."""
        return BorderPairs(
            self.regions[numbers],
            self.length[numbers],
            self.box[numbers],
            self.ends[numbers],
            self.closed[numbers],
        )


def border_pairs(
    labels: NDArray[np.int32], max_pairs: int = 256, min_length: int = 3
) -> BorderPairs:
    """Find the borders between regions.

    Args:
        labels: int32 (H, W), region numbers from 0; negative pixels belong to no region.
        max_pairs: the shortest borders beyond so many are left out.
        min_length: borders of fewer unit edges are left out.

    Returns the longest borders first; without any, pairs of length 0.
    """
    count = int(labels.max(initial=-1)) + 1
    code, middle, is_end = _border_edges(labels, count)
    if not len(code):
        return _no_pairs()
    order = np.argsort(code, kind="stable")
    code, middle, is_end = code[order], middle[order], is_end[order]
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    length = np.diff(starts, append=len(code))
    pair_of_edge = np.repeat(np.arange(len(starts)), length)
    low = np.minimum.reduceat(middle, starts)
    high = np.maximum.reduceat(middle, starts)
    centre = np.add.reduceat(middle, starts) / length[:, None]
    closed = ~np.logical_or.reduceat(is_end, starts)
    is_candidate = is_end | closed[pair_of_edge]
    first = _farthest(middle, is_candidate, centre[pair_of_edge], starts)
    second = _farthest(middle, is_candidate, middle[first][pair_of_edge], starts)
    regions = np.stack([code[starts] // count, code[starts] % count], axis=1)
    box = np.concatenate([np.floor(low), np.ceil(high)], axis=1)
    pairs = BorderPairs(
        regions.astype(np.int32),
        length.astype(np.int32),
        box.astype(np.int32),
        np.stack([middle[first], middle[second]], axis=1).astype(np.float32),
        closed,
    )
    longest = np.argsort(-length, kind="stable")[:max_pairs]
    return pairs.take(longest[length[longest] >= min_length])


def _border_edges(
    labels: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Every unit edge between two regions.

    Returns:
        int64 (E,): code of its pair, smaller region * count + larger region.
        float64 (E, 2): its middle (y, x), in pixel corners.
        bool (E,): whether it touches a junction, where the border ends.
    """
    junction = _junctions(labels)
    codes, middles, ends = [], [], []
    for axis in (0, 1):
        first, second = (labels[:, :-1], labels[:, 1:]) if axis else (labels[:-1], labels[1:])
        y, x = np.nonzero((first != second) & (first >= 0) & (second >= 0))
        a, b = first[y, x].astype(np.int64), second[y, x].astype(np.int64)
        codes.append(np.minimum(a, b) * count + np.maximum(a, b))
        if axis:  # a vertical edge between (y, x) and (y, x + 1)
            middles.append(np.stack([y + 0.5, x + 1.0], axis=1))
            ends.append(junction[y, x + 1] | junction[y + 1, x + 1])
        else:
            middles.append(np.stack([y + 1.0, x + 0.5], axis=1))
            ends.append(junction[y + 1, x] | junction[y + 1, x + 1])
    return np.concatenate(codes), np.concatenate(middles), np.concatenate(ends)


def _junctions(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixel corners where three labels meet, or where a border meets the frame; (H + 1, W + 1)."""
    padded = np.pad(labels, 1, constant_values=np.iinfo(np.int32).min)
    a, b, c, d = padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]
    # Distinct labels among four: one, plus one for each that equals none before it.
    distinct = (
        1 + (b != a).astype(np.int8) + ((c != a) & (c != b)) + ((d != a) & (d != b) & (d != c))
    )
    return np.asarray(distinct >= 3)


def _farthest(
    middle: NDArray[np.float64],
    is_candidate: NDArray[np.bool_],
    origin: NDArray[np.float64],
    starts: NDArray[np.intp],
) -> NDArray[np.intp]:
    """Index of each pair's candidate edge that lies farthest from `origin`, the first of equals.

    `starts` are the indices of each pair's first edge; the others have an entry for every edge.
    """
    distance = np.where(is_candidate, ((middle - origin) ** 2).sum(axis=1), -1.0)
    largest = np.maximum.reduceat(distance, starts)
    lengths = np.diff(starts, append=len(middle))
    farthest = np.flatnonzero(distance == np.repeat(largest, lengths))
    return np.asarray(farthest[np.searchsorted(farthest, starts)])


def _no_pairs() -> BorderPairs:
    return BorderPairs(
        np.zeros((0, 2), np.int32),
        np.zeros(0, np.int32),
        np.zeros((0, 4), np.int32),
        np.zeros((0, 2, 2), np.float32),
        np.zeros(0, bool),
    )
