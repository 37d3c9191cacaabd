"""Traces a field's 0.5 level into closed rings: marching squares, all cells at once."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import nonzero_places

__all__ = ["contour_rings", "ring_areas", "short_contour_rings"]

_LEVEL = np.float32(0.5)
# Sides of a cell: top, right, bottom, left. Corners of a case: 1 top left, 2 top right,
# 4 bottom right, 8 bottom left. Each case enters through one side and leaves through another so
# that the inside lies to the right of the way (y down).
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
WAYS = {
    1: (_TOP, _LEFT), 2: (_RIGHT, _TOP), 3: (_RIGHT, _LEFT), 4: (_BOTTOM, _RIGHT),
    6: (_BOTTOM, _TOP), 7: (_BOTTOM, _LEFT), 8: (_LEFT, _BOTTOM), 9: (_TOP, _BOTTOM),
    11: (_RIGHT, _BOTTOM), 12: (_LEFT, _RIGHT), 13: (_TOP, _RIGHT), 14: (_LEFT, _TOP),
}  # fmt: skip
# Two opposite corners inside: joined across the middle, or kept apart (two ways each).
SADDLES = {
    (5, True): ((_BOTTOM, _LEFT), (_TOP, _RIGHT)),
    (5, False): ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    (10, True): ((_LEFT, _TOP), (_RIGHT, _BOTTOM)),
    (10, False): ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
}


def contour_rings(field: NDArray[np.float32]) -> list[NDArray[np.float64]]:
    """Closed rings around the area where `field` exceeds 0.5.

    Args:
        field: float32 (H, W), sampled at pixel centres.

    Returns:
        rings float64 (n, 2), not repeated at the end: x from the left edge, y **down** from the
        upper edge. Outer rings and holes run opposite ways round. Where the area reaches the border
        the ring runs exactly along it, corners included.
    """
    return _rings(field, _cases(field))


def short_contour_rings(
    field: NDArray[np.float32], max_points: float
) -> list[NDArray[np.float64]] | None:
    """As `contour_rings`; None, soon, where rings would have more points than `max_points`."""
    case = _cases(field)
    if np.count_nonzero(_is_crossed(case)) > max_points:
        return None
    return _rings(field, case)


def _rings(field: NDArray[np.float32], case: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    entry, leave = _ways(field, case)
    if len(entry) == 0:
        return []
    loops, sizes = _loops(entry, leave)
    points = _places(field, loops)
    kept = _is_new(points, sizes)
    left = np.add.reduceat(kept.astype(np.intp), np.cumsum(sizes) - sizes)
    rings = np.split(points[kept], np.cumsum(left)[:-1])
    return [ring for ring in rings if len(ring) >= 3]


def _cases(field: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Which corners of each cell are inside, uint8 (H + 3, W + 3)."""
    # The border's values once more on the border itself, and nothing beyond it.
    inside = cv2.copyMakeBorder((field > _LEVEL).view(np.uint8), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    corners = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0.0)
    return np.asarray(
        corners[:-1, :-1] + 2 * corners[:-1, 1:] + 4 * corners[1:, 1:] + 8 * corners[1:, :-1]
    )


def _is_crossed(case: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Cells that an outline passes."""
    # Case 0 wraps around to 255: one comparison finds the cases 1 to 14.
    return case - np.uint8(1) < 14


def _loops(
    entry: NDArray[np.intp], leave: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The entries of all ways, loop after loop in the order one passes them, and loops' sizes."""
    place = np.empty(int(entry.max()) + 1, np.int32)  # read only where it is written
    place[entry] = np.arange(len(entry), dtype=np.int32)
    following = place[leave].tolist()
    walk: list[int] = []
    starts = []
    for start in range(len(following) - 1, -1, -1):
        at = start
        if following[at] < 0:  # a way that was passed leads nowhere any more
            continue
        starts.append(len(walk))
        while at >= 0:
            walk.append(at)
            following[at], at = -1, following[at]
        walk.pop()  # the loop's first way once more
    sizes = np.diff(np.append(starts, len(walk)))
    return entry[walk], sizes


def _is_new(points: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each point differs from the one before it on its ring."""
    before = np.arange(-1, len(points) - 1)
    end = np.cumsum(sizes)
    before[end - sizes] = end - 1
    step = np.abs(points - points[before])
    return np.asarray(np.maximum(step[:, 0], step[:, 1]) > 1e-9)


def ring_areas(rings: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Enclosed area of each ring, (n,), without sign."""
    if not rings:
        return np.zeros(0)
    points = np.concatenate(rings)
    sizes = np.array([len(ring) for ring in rings])
    begin = np.cumsum(sizes) - sizes
    after = np.arange(1, len(points) + 1)
    after[begin + sizes - 1] = begin
    x, y = points[:, 0], points[:, 1]
    cross = x * y[after] - x[after] * y
    return np.abs(np.add.reduceat(cross, begin)) / 2.0


def _ways(
    field: NDArray[np.float32], case: NDArray[np.uint8]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For every way through a cell, the grid edges it enters and leaves by."""
    width = case.shape[1] + 1  # of the corners
    rows, cols = nonzero_places(_is_crossed(case))
    kind = case[rows, cols]
    cell = rows * width + cols
    enter = np.full(16, -1)
    exit_ = np.full(16, -1)
    for number, (one, other) in WAYS.items():
        enter[number], exit_[number] = one, other
    plain = enter[kind] >= 0
    entries = [edge_number(cell[plain], enter[kind[plain]], width)]
    exits = [edge_number(cell[plain], exit_[kind[plain]], width)]
    for number in (5, 10):
        chosen = kind == number
        r, c = rows[chosen], cols[chosen]
        around = ((r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1))
        middle = np.sum([_value(field, *corner) for corner in around], axis=0)
        for joined in (True, False):
            some = cell[chosen][(middle > 4.0 * _LEVEL) == joined]
            for one, other in SADDLES[number, joined]:
                entries.append(edge_number(some, np.full(len(some), one), width))
                exits.append(edge_number(some, np.full(len(some), other), width))
    return np.concatenate(entries), np.concatenate(exits)


def edge_number(cell: NDArray[np.intp], side: NDArray[np.intp], width: int) -> NDArray[np.intp]:
    """Number of a cell's side: even for an edge to the right of a grid point, odd for one down."""
    shift = np.array([0, 2, 2 * width, 0])  # to the grid point that the side starts from
    upright = np.array([0, 1, 0, 1])
    return 2 * cell + shift[side] + upright[side]


def _value(
    field: NDArray[np.float32], row: NDArray[np.intp], col: NDArray[np.intp]
) -> NDArray[np.float32]:
    """The field at grid points: its border's values once more around it, then zeros."""
    height, width = field.shape
    value = field[np.clip(row - 2, 0, height - 1), np.clip(col - 2, 0, width - 1)]
    beyond = (row < 1) | (row > height + 2) | (col < 1) | (col > width + 2)
    return np.where(beyond, np.float32(0.0), value)


def _places(field: NDArray[np.float32], edges: NDArray[np.intp]) -> NDArray[np.float64]:
    """Where the level crosses grid edges, (n, 2), in the picture's coordinates."""
    height, width = field.shape[0] + 4, field.shape[1] + 4
    upright = edges & 1
    row, col = np.divmod(edges >> 1, width)
    one = _value(field, row, col).astype(np.float64)
    other = _value(field, row + upright, col + 1 - upright).astype(np.float64)
    share = (float(_LEVEL) - one) / (other - one)
    # Grid lines: twice the border, the pixel centres, twice the opposite border.
    xs = np.clip(np.arange(width) - 1.5, 0.0, width - 4.0)
    ys = np.clip(np.arange(height) - 1.5, 0.0, height - 4.0)
    x = xs[col] + share * (xs[col + 1 - upright] - xs[col])
    y = ys[row] + share * (ys[row + upright] - ys[row])
    return np.stack([x, y], axis=1)
