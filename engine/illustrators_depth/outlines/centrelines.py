"""Middle lines of strokes, with the width along them.

A mask is thinned to lines of one pixel (Guo and Hall 1989), those are followed from one junction
to the next, and the distance to the mask's edge gives half of the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Centreline", "centrelines", "is_line", "is_network", "likeness", "thinned"]

# A part is a line when it has this many times the area of a square as wide as it is anywhere.
_MIN_LENGTH = 5.0
# Neighbours clockwise from above: row and column offsets.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
# Branches shorter than this share of the line's width are corners of its outline, not lines.
_SPUR_SHARE = 1.0
# Lines of a network are no wider than this share of its longer side.
_NETWORK_SHARE = 0.06
_SMOOTHING_SWEEPS = 3
# OpenCV draws with so many bits behind the point.
_SHIFT = 4
_FIXED = 1 << _SHIFT


@dataclass(frozen=True)
class Centreline:
    """A line and its width.

    Attributes:
        points: float64 (n, 2), pixels, x from the left and y down, pixel centres at halves.
        widths: float64 (n,), pixels.
        closed: whether the last point is joined to the first.
    """

    points: NDArray[np.float64]
    widths: NDArray[np.float64]
    closed: bool = False


def is_line(mask: NDArray[np.bool_]) -> bool:
    """Whether a part of a layer, bool (h, w), is much longer than it is wide."""
    widest = 2.0 * float(_distance(mask).max())
    return float(np.count_nonzero(mask)) >= _MIN_LENGTH * widest * widest


def centrelines(mask: NDArray[np.bool_]) -> list[Centreline]:
    """The middle lines of a mask, bool (h, w): one from each end or junction to the next."""
    distance = _distance(mask)
    lines = []
    for chain, closed, loose in _chains(thinned(mask)):
        rows, cols = chain[:, 0], chain[:, 1]
        half = distance[rows, cols].astype(np.float64)
        if loose and len(chain) < _SPUR_SHARE * 2.0 * half.max():
            continue
        points = np.stack([cols, rows], axis=1) + 0.5
        # The distance to the nearest pixel outside, from centre to centre.
        widths = np.maximum(2.0 * half - 1.0, 1.0)
        lines.append(Centreline(_smooth(points, closed), _smooth(widths, closed), closed))
    return lines


def is_network(lines: Sequence[Centreline], shape: tuple[int, ...]) -> bool:
    """Whether several lines are thin beside what they make up together, (h, w) in pixels.

    A shape with many holes has lines, too, but they are broad.
    """
    widest = max(float(line.widths.max()) for line in lines)
    return len(lines) < 3 or widest <= _NETWORK_SHARE * max(shape)


def likeness(lines: Sequence[Centreline], mask: NDArray[np.bool_]) -> float:
    """How much of a mask, bool (h, w), its lines give when they are drawn: intersection over union.

    Corners and short branches are missing in the lines of what is no stroke.
    """
    drawn = np.zeros(mask.shape, np.uint8)
    for line in lines:
        places = np.rint((line.points - 0.5) * _FIXED).astype(np.int32)
        for (x, y), width in zip(places, line.widths, strict=True):
            drawn[(y + _FIXED // 2) >> _SHIFT, (x + _FIXED // 2) >> _SHIFT] = 1
            if width < 2.0:
                continue
            radius = round(width / 2.0 * _FIXED)
            cv2.circle(drawn, (int(x), int(y)), radius, 1, -1, cv2.LINE_8, _SHIFT)
    both = np.count_nonzero(mask & (drawn > 0))
    return both / max(1, np.count_nonzero(mask | (drawn > 0)))


def thinned(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask thinned to connected lines of one pixel, bool (h, w)."""
    lines = np.pad(mask, 1).astype(np.uint8)
    while True:
        before = cv2.countNonZero(lines)
        for half in (0, 1):
            lines[_removable(lines, half)] = 0
        if cv2.countNonZero(lines) == before:
            return lines[1:-1, 1:-1] > 0


def _removable(lines: NDArray[np.uint8], half: int) -> NDArray[np.bool_]:
    """The pixels that a half step of Guo and Hall's algorithm takes away."""
    p = [np.roll(lines, (-row, -col), (0, 1)) > 0 for row, col in _AROUND]
    count = sum((~p[i] & (p[(i + 1) % 8] | p[(i + 2) % 8])).astype(np.int8) for i in (0, 2, 4, 6))
    one = sum((p[(i - 1) % 8] | p[i]).astype(np.int8) for i in (0, 2, 4, 6))
    other = sum((p[i] | p[i + 1]).astype(np.int8) for i in (0, 2, 4, 6))
    least = np.minimum(one, other)
    if half == 0:
        kept = (p[0] | p[1] | ~p[3]) & p[2]
    else:
        kept = (p[4] | p[5] | ~p[7]) & p[6]
    found: NDArray[np.bool_] = (lines > 0) & (count == 1) & (least >= 2) & (least <= 3) & ~kept
    return found


def _chains(lines: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], bool, bool]]:
    """Pixels (n, 2) from one end or junction to the next; whether they close; whether one end is
    free while the other is a junction."""
    left = {(int(y), int(x)) for y, x in np.argwhere(lines)}
    beside = {at: [n for n in _neighbours(at) if n in left] for at in left}
    nodes = {at for at, near in beside.items() if len(near) != 2}
    found: list[tuple[NDArray[np.intp], bool, bool]] = []
    used: set[frozenset[tuple[int, int]]] = set()
    for start in sorted(nodes):
        if not beside[start]:
            found.append((np.array([start]), False, False))
        for step in beside[start]:
            if frozenset((start, step)) in used:
                continue
            chain = _follow([start, step], beside, nodes)
            used.add(frozenset(chain[:2]))
            used.add(frozenset(chain[-2:]))
            left.difference_update(chain)
            degrees = sorted(len(beside[at]) for at in (chain[0], chain[-1]))
            loose = degrees[0] == 1 and degrees[1] > 2
            if len(chain) > 2 or degrees[0] == 1:
                found.append((np.array(chain), False, loose))
    for start in sorted(left - nodes):
        if start in left:
            chain = _follow([start, beside[start][0]], beside, {start})
            left.difference_update(chain)
            found.append((np.array(chain[:-1]), True, False))
    return found


def _follow(
    chain: list[tuple[int, int]],
    beside: dict[tuple[int, int], list[tuple[int, int]]],
    ends: set[tuple[int, int]],
) -> list[tuple[int, int]]:
    while chain[-1] not in ends:
        ahead = [at for at in beside[chain[-1]] if at != chain[-2]]
        chain.append(ahead[0])
    return chain


def _neighbours(at: tuple[int, int]) -> list[tuple[int, int]]:
    return [(at[0] + row, at[1] + col) for row, col in _AROUND]


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    padded = np.pad(mask, 1).astype(np.uint8)
    found: NDArray[np.float32] = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return found


def _smooth(values: NDArray[np.float64], closed: bool) -> NDArray[np.float64]:
    """Without the stairs of the pixels; ends stay where they are."""
    for _ in range(_SMOOTHING_SWEEPS if len(values) > 2 else 0):
        before, after = np.roll(values, 1, axis=0), np.roll(values, -1, axis=0)
        mean = 0.25 * before + 0.5 * values + 0.25 * after
        if not closed:
            mean[0], mean[-1] = values[0], values[-1]
        values = mean
    return values
