"""A grid over a height map, fine where the map is not flat: a balanced quadtree, as triangles.

A cell is divided where the map leaves the straight line between its corners by more than a
tolerance, here or in any part of it (the error measure of right-triangulated terrain: Lindstrom et
al. 1996; Evans et al. 2001). Neighbors differ by at most one division, and the larger one is a fan
that takes up the smaller ones' corner, so there is no crack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "adaptive_grid"]

LEVELS = 6  # the largest cell is 2 to this power wide
MAX_SAMPLES = 20_000_000
BISECTIONS = 6  # of the tolerance, where there are too many vertices


@dataclass(frozen=True)
class Grid:
    """Triangles over the unit square.

    Attributes:
        uv: float32 (V, 2), 0..1, v up.
        values: float32 (V,): the map at each vertex.
        faces: int32 (F, 3), counter-clockwise seen from above.
        border: int32 (B,): the vertices along the rim, once around, counter-clockwise.
    """

    uv: NDArray[np.float32]
    values: NDArray[np.float32]
    faces: NDArray[np.int32]
    border: NDArray[np.int32]


def adaptive_grid(
    values: NDArray[np.float32], tolerance: float, max_vertices: int, adaptive: bool = True
) -> Grid:
    """Triangulate a height map.

    Args:
        values: float32 (H, W), row 0 on top; the rim of the square is the rim of its pixels.
        tolerance: largest error, in the map's own unit; larger where
            `max_vertices` do not suffice for it.
        max_vertices: at most about this many.
        adaptive: else every cell is one pixel, or as small as `max_vertices` allows.

    Returns:
        The grid; the map is sampled at one vertex per pixel or a little denser.
    """
    height, width = values.shape
    share = min(1.0, (MAX_SAMPLES / (height * width)) ** 0.5)
    if not adaptive:
        share = min(share, (max_vertices / ((height + 1) * (width + 1))) ** 0.5)
    unit = 2**LEVELS if adaptive else 1
    rows, columns = (
        max(1, round(n * share / unit) if unit == 1 else -int(-n * share // unit)) * unit
        for n in (height, width)
    )
    samples = _sample(values, rows, columns)
    if not adaptive:
        return _triangulate(samples, [np.ones((rows, columns), bool)], [])
    return _triangulate(samples, *_fitting(_errors(samples), tolerance, max_vertices))


def _fitting(
    errors: list[NDArray[np.float32]], tolerance: float, max_vertices: int
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
    """The division (see `_divide`) at the tolerance, or the finest that `max_vertices` allow."""
    divided = _divide(errors, tolerance)
    if _vertex_count(divided[0]) <= max_vertices:
        return divided
    low, high = tolerance, max(2.0 * tolerance, 1e-6)
    while _vertex_count((divided := _divide(errors, high))[0]) > max_vertices and high < 1e30:
        low, high = high, 2.0 * high
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        finer = _divide(errors, middle)
        if _vertex_count(finer[0]) <= max_vertices:
            divided, high = finer, middle
        else:
            low = middle
    return divided


def _vertex_count(leaves: list[NDArray[np.bool_]]) -> int:
    """About how many vertices: every leaf brings one of its own, and a fan another one."""
    return sum(int(leaf.sum()) * (2 if level else 1) for level, leaf in enumerate(leaves))


def _sample(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """The map at the corners of rows x columns cells, float32 (rows + 1, columns + 1)."""
    height, width = values.shape
    x = np.linspace(-0.5, width - 0.5, columns + 1, dtype=np.float32)
    y = np.linspace(-0.5, height - 0.5, rows + 1, dtype=np.float32)
    corners = np.empty((rows + 1, columns + 1), np.float32)
    for start in range(0, rows + 1, 1024):  # remap takes at most 32767 rows, and less memory so
        part = y[start : start + 1024]
        corners[start : start + 1024] = cv2.remap(
            values,
            np.broadcast_to(x, (len(part), columns + 1)).copy(),
            np.broadcast_to(part[:, None], (len(part), columns + 1)).copy(),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return corners


def _errors(d: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Per level (cells of 2, 4, 8 ... samples): how far the map leaves the cell's corners."""
    found: list[NDArray[np.float32]] = []
    for level in range(1, LEVELS + 1):
        s, h = 2**level, 2 ** (level - 1)
        corner = d[::s, ::s]
        a, b, c, e = corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]
        across = np.abs(d[::s, h::s] - (corner[:, :-1] + corner[:, 1:]) / 2.0)
        down = np.abs(d[h::s, ::s] - (corner[:-1] + corner[1:]) / 2.0)
        error = np.abs(d[h::s, h::s] - (a + b + c + e) / 4.0)
        for other in (across[:-1], across[1:], down[:, :-1], down[:, 1:]):
            np.maximum(error, other, out=error)
        if found:
            np.maximum(error, _pool(found[-1]), out=error)
        found.append(error)
    return found


def _divide(
    errors: list[NDArray[np.float32]], tolerance: float
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
    """Which cells stay whole, per level from single ones up, and which are divided (from twos)."""
    split = [error > tolerance for error in errors]
    for level in range(1, len(split)):
        inner = _pool(split[level - 1])
        near = inner.copy()
        near[1:] |= inner[:-1]
        near[:-1] |= inner[1:]
        near[:, 1:] |= inner[:, :-1]
        near[:, :-1] |= inner[:, 1:]
        split[level] |= near
    leaves = [_grow(split[0])]
    for level in range(len(split)):
        top = level + 1 == len(split)
        there = np.ones_like(split[level]) if top else _grow(split[level + 1])
        leaves.append(there & ~split[level])
    return leaves, split


def _pool(cells: NDArray[Any]) -> NDArray[Any]:
    """The largest of each two by two."""
    upper = np.maximum(cells[::2, ::2], cells[::2, 1::2])
    return np.maximum(upper, np.maximum(cells[1::2, ::2], cells[1::2, 1::2]))


def _grow(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return cells.repeat(2, axis=0).repeat(2, axis=1)


def _triangulate(
    samples: NDArray[np.float32], leaves: list[NDArray[np.bool_]], split: list[NDArray[np.bool_]]
) -> Grid:
    rows, columns = samples.shape[0] - 1, samples.shape[1] - 1
    stride = columns + 1
    pieces: list[NDArray[np.int64]] = []
    for level, leaf in enumerate(leaves):
        row, column = np.nonzero(leaf)
        s = 2**level
        nw = row * s * stride + column * s
        ne, sw = nw + s, nw + s * stride
        se = sw + s
        if level == 0:
            pieces += [np.stack(t, axis=1) for t in ((nw, sw, se), (nw, se, ne))]
            continue
        finer = split[level - 1]
        h = s // 2
        middle = nw + h * stride + h
        edges = (  # counter-clockwise seen from above, and who lives across
            (nw, sw, nw + h * stride, row, column - 1),
            (sw, se, sw + h, row + 1, column),
            (se, ne, ne + h * stride, row, column + 1),
            (ne, nw, nw + h, row - 1, column),
        )
        for start, end, half, i, j in edges:
            inside = (i >= 0) & (j >= 0) & (i < finer.shape[0]) & (j < finer.shape[1])
            two = np.zeros(len(row), bool)
            two[inside] = finer[i[inside], j[inside]]
            one = ~two
            pieces.append(np.stack([middle[one], start[one], end[one]], axis=1))
            pieces.append(np.stack([middle[two], start[two], half[two]], axis=1))
            pieces.append(np.stack([middle[two], half[two], end[two]], axis=1))
    faces = np.concatenate(pieces)
    used = np.zeros(samples.size, bool)
    used[faces.ravel()] = True
    number = np.cumsum(used, dtype=np.int32) - 1
    index = np.flatnonzero(used)
    uv = np.stack([index % stride / columns, 1.0 - index // stride / rows], axis=1)
    along = np.arange(rows * stride, samples.size)  # the lower rim, left to right
    up = np.arange(samples.size - 1, -1, -stride)
    back = np.arange(columns, -1, -1)
    down = np.arange(0, samples.size, stride)
    ring = np.concatenate([along, up[1:], back[1:], down[1:-1]])
    return Grid(
        uv.astype(np.float32),
        samples.ravel()[index],
        number[faces].astype(np.int32),
        number[ring[used[ring]]],
    )
