"""The outlines of all masks `levels >= k` as one network of lines that meet in common points.

Marching squares for every threshold at once: where the level jumps by several, their outlines are
one line; where they part, they part in one point. So nothing is ever a hair apart, and solids built
on the network close by construction.

A map of levels goes in, such as the steps of a terraced relief; lines come out, each with the
levels on its two sides, for meshes (`geometry`) to be hung on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..types import LayerStack
from .contour import turning
from .drawn_crossings import with_drawn_crossings
from .level_crossings import LevelCrossings, level_crossings
from .rings import SADDLES, WAYS, edge_number
from .simplify_lines import LevelLine, simplify_lines

__all__ = ["level_lines"]

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_ABOVE_ALL_LEVELS = 65536  # above any number of levels


@dataclass(frozen=True)
class _Segments:
    """Directed pieces inside single cells: the grid edges they join, and the levels beside them."""

    entry: NDArray[np.int64]
    leave: NDArray[np.int64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def level_lines(
    levels: NDArray[np.int32],
    smoothing: float = 1.0,
    simplify: float = 0.1,
    stack: LayerStack | None = None,
) -> list[LevelLine]:
    """The lines along which the level changes.

    Args:
        levels: int32 (H, W), -1 where nothing is.
        smoothing: 0 (pixel outlines) .. 1, see `smooth_field`.
        simplify: Douglas-Peucker tolerance in pixels, 0 keeps every point.
        stack: the layers that the levels are of, for those that have outlines of their own.

    Returns:
        Lines that meet in common end points only. Every threshold's outline passes each point at
        most once, so masks never touch themselves. Along the picture's border they are exact.
    """
    crossings = level_crossings(levels, smoothing)
    if stack is not None and smoothing > 0.0:
        crossings = with_drawn_crossings(crossings, levels, stack)
    # The border's levels once more on the border itself, and nothing beyond it.
    padded = np.pad(np.pad(levels, 1, mode="edge"), 1, constant_values=-1)
    segments = _merged(_corners_cut(_border_split(_cell_ways(padded, crossings), padded), padded))
    if len(segments.entry) == 0:
        return []
    numbers, ends = np.unique(np.concatenate([segments.entry, segments.leave]), return_inverse=True)
    entry, leave = np.split(np.ravel(ends), 2)
    points = _places(numbers, crossings, padded.shape, levels.shape)
    lines = []
    for run, free in _chains(entry, leave, segments.low, segments.high, len(numbers)):
        way = np.append(entry[run], leave[run[-1]])
        if free:
            # The sharpest turn is the point that simplification must keep.
            way = np.roll(way[:-1], -int(np.argmax(turning(points[way[:-1]]))))
            way = np.append(way, way[0])
        first = run[0]
        lines.append(
            LevelLine(
                points[way],
                int(segments.low[first]),
                int(segments.high[first]),
                int(way[0]),
                int(way[-1]),
            )
        )
    return simplify_lines(lines, simplify)


def _cell_ways(padded: NDArray[np.int32], crossings: LevelCrossings) -> _Segments:
    """For every cell and every threshold between its corners' levels, the ways through it."""
    width = padded.shape[1]
    across, down = padded[:, :-1] != padded[:, 1:], padded[:-1] != padded[1:]
    rows, cols = np.nonzero(across[:-1] | across[1:] | down[:, :-1])
    around = ((0, 0), (0, 1), (1, 1), (1, 0))
    corners = np.stack([padded[rows + r, cols + c] for r, c in around]).astype(np.int64)
    cells = rows.astype(np.int64) * width + cols
    ordered = np.sort(corners, axis=0)
    enter, leave = np.full(16, -1), np.full(16, -1)
    for number, (one, other) in WAYS.items():
        enter[number], leave[number] = one, other
    together = _joined_keys(crossings, width)
    found: list[tuple[NDArray[np.int64], ...]] = []
    for step in range(1, 4):
        some = ordered[step] > ordered[step - 1]
        low, high, cell = ordered[step - 1][some], ordered[step][some], cells[some]
        bits = (corners[:, some] >= high).astype(np.int64)
        case = bits[0] + 2 * bits[1] + 4 * bits[2] + 8 * bits[3]
        plain = enter[case] >= 0
        found.append(_ways(cell, enter[case], leave[case], low, high, plain, width))
        joined = np.isin(cell * _ABOVE_ALL_LEVELS + high, together)
        for (number, hold), pairs in SADDLES.items():
            chosen = (case == number) & (joined == hold)
            for one, other in pairs:
                sides = np.full(len(cell), one), np.full(len(cell), other)
                found.append(_ways(cell, *sides, low, high, chosen, width))
    return _Segments(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def _ways(
    cell: NDArray[np.int64],
    enter: NDArray[np.int64],
    leave: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    width: int,
) -> tuple[NDArray[np.int64], ...]:
    """Numbers of the grid edges where the chosen ways begin and end; the inside on their left."""
    some = cell[chosen]
    return (
        edge_number(some, leave[chosen], width),  # WAYS have it on their right
        edge_number(some, enter[chosen], width),
        low[chosen],
        high[chosen],
    )


def _joined_keys(crossings: LevelCrossings, width: int) -> NDArray[np.int64]:
    row, col, level = crossings.joined.T
    return ((row + 2) * width + col + 2) * _ABOVE_ALL_LEVELS + level


def _border_split(segments: _Segments, padded: NDArray[np.int32]) -> _Segments:
    """Let outlines that run along the border take in the points where others reach it."""
    height, width = padded.shape
    row, col = np.arange(1, height - 2), np.arange(1, width - 2)
    # Grid edges on the border whose ends differ in level, and the cells outside of them.
    top = 1 * width + col
    bottom = (height - 2) * width + col
    left = row * width + 1
    right = row * width + width - 2
    flat = padded.ravel()
    splits: dict[tuple[int, int], int] = {}
    for edge, cell, sides in (
        (2 * top, top - width, (_LEFT, _RIGHT)),
        (2 * bottom, bottom, (_LEFT, _RIGHT)),
        (2 * left + 1, left - 1, (_TOP, _BOTTOM)),
        (2 * right + 1, right, (_TOP, _BOTTOM)),
    ):
        step = width if sides[0] == _TOP else 1
        differ = flat[edge >> 1] != flat[(edge >> 1) + step]
        one, other = (
            edge_number(cell[differ], np.full(int(differ.sum()), side), width) for side in sides
        )
        for a, b, middle in zip(one.tolist(), other.tolist(), edge[differ].tolist(), strict=True):
            splits[a, b] = splits[b, a] = middle
    if not splits:
        return segments
    keys = np.array([a * flat.size * 2 + b for a, b in splits], np.int64)
    order = np.argsort(keys)
    middles = np.array(list(splits.values()), np.int64)[order]
    at = np.searchsorted(keys[order], own := segments.entry * flat.size * 2 + segments.leave)
    at = np.minimum(at, len(keys) - 1)
    hit = keys[order][at] == own
    middle = middles[at[hit]]
    kept = ~hit
    return _Segments(
        np.concatenate([segments.entry[kept], segments.entry[hit], middle]),
        np.concatenate([segments.leave[kept], middle, segments.leave[hit]]),
        np.concatenate([segments.low[kept], segments.low[hit], segments.low[hit]]),
        np.concatenate([segments.high[kept], segments.high[hit], segments.high[hit]]),
    )


def _corners_cut(segments: _Segments, padded: NDArray[np.int32]) -> _Segments:
    """At the picture's corners two crossings fall on one place: make them one point."""
    height, width = padded.shape
    entry, leave = segments.entry.copy(), segments.leave.copy()
    for r, c in ((1, 1), (1, width - 2), (height - 2, 1), (height - 2, width - 2)):
        above = r if r > 1 else 0
        before = c if c > 1 else 0
        upright, level = 2 * (above * width + c) + 1, 2 * (r * width + before)
        entry[entry == level] = upright
        leave[leave == level] = upright
    kept = entry != leave
    return _Segments(entry[kept], leave[kept], segments.low[kept], segments.high[kept])


def _merged(segments: _Segments) -> _Segments:
    """Make pieces that coincide one, between the lowest and the highest of their levels."""
    order = np.lexsort((segments.leave, segments.entry))
    entry, leave = segments.entry[order], segments.leave[order]
    if len(entry) == 0:
        return segments
    first = np.flatnonzero(np.append(True, (entry[1:] != entry[:-1]) | (leave[1:] != leave[:-1])))
    return _Segments(
        entry[first],
        leave[first],
        np.minimum.reduceat(segments.low[order], first),
        np.maximum.reduceat(segments.high[order], first),
    )


def _places(
    edges: NDArray[np.int64],
    crossings: LevelCrossings,
    padded: tuple[int, ...],
    size: tuple[int, ...],
) -> NDArray[np.float32]:
    """Where the outlines cross grid edges, float32 (n, 2), y up."""
    height, width = padded
    across = np.full((height, width), 0.5, np.float32)
    down = np.full((height, width), 0.5, np.float32)
    across[2:-2, 2:-3], down[2:-3, 2:-2] = crossings.across, crossings.down
    across[1], across[-2] = across[2], across[-3]
    down[:, 1], down[:, -2] = down[:, 2], down[:, -3]
    upright = edges & 1
    row, col = np.divmod(edges >> 1, width)
    share = np.where(upright == 1, down[row, col], across[row, col]).astype(np.float64)
    # Grid lines: twice the border, the pixel centres, twice the opposite border.
    xs = np.clip(np.arange(width) - 1.5, 0.0, size[1])
    ys = np.clip(np.arange(height) - 1.5, 0.0, size[0])
    x = xs[col] + share * (xs[np.minimum(col + 1 - upright, width - 1)] - xs[col])
    y = ys[row] + share * (ys[np.minimum(row + upright, height - 1)] - ys[row])
    return np.stack([x, size[0] - y], axis=1).astype(np.float32)


def _chains(
    entry: NDArray[np.intp],
    leave: NDArray[np.intp],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    count: int,
) -> list[tuple[NDArray[np.intp], bool]]:
    """Runs of segments between points where lines part or meet, and closed ones that meet none.

    Returns each with whether it is such a closed one, which may start anywhere.
    """
    out_number = np.bincount(entry, minlength=count)
    in_number = np.bincount(leave, minlength=count)
    after = np.zeros(count, np.intp)
    after[entry] = np.arange(len(entry))
    before = np.zeros(count, np.intp)
    before[leave] = np.arange(len(leave))
    passing = (out_number == 1) & (in_number == 1)
    passing &= (low[after] == low[before]) & (high[after] == high[before])
    following = np.where(passing[leave], after[leave], -1).tolist()
    used = bytearray(len(entry))
    runs = []
    starts = np.flatnonzero(~passing[entry])
    for free, group in ((False, starts.tolist()), (True, range(len(entry)))):
        for first in group:
            if used[first]:
                continue
            run, at = [], first
            while at >= 0 and not used[at]:
                used[at] = 1
                run.append(at)
                at = following[at]
            runs.append((np.asarray(run, np.intp), free))
    return runs
