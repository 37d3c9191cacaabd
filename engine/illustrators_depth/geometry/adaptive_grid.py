"""A grid over a height map, fine where the map is not flat: a balanced quadtree, as triangles.

A cell is divided where the map leaves the straight line between its corners by more than a
tolerance, here or in any part of it (the error measure of right-triangulated terrain: Lindstrom et
al. 1996; Evans et al. 2001). Neighbouring cells differ by at most one division (a restricted
quadtree). The larger one is a fan of triangles around its middle, and the corner that two smaller
neighbours share is a vertex of the fan, so there is no crack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Grid", "adaptive_grid"]

LEVELS = 6  # cells are 1, 2, 4 ... up to 2**LEVELS samples wide
# A larger map is sampled more sparsely, to bound the memory for errors and divisions.
MAX_SAMPLES = 20_000_000
# Steps of the search for the smallest tolerance that `max_vertices` allow.
BISECTIONS = 6
# Rows sampled at a time: OpenCV's remap takes at most 32767, and its maps need memory.
_REMAP_ROWS = 1024


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
        tolerance: largest error, in the map's own unit; larger where `max_vertices` do not
            suffice for it.
        max_vertices: about the largest number of vertices.
        adaptive: divide cells where the map is not flat; False makes every cell one pixel, or as
            small as `max_vertices` allows.

    Returns:
        The grid; the map is sampled at one vertex per pixel or a little denser.
    """
    height, width = values.shape
    scale = min(1.0, (MAX_SAMPLES / (height * width)) ** 0.5)
    if not adaptive:
        scale = min(scale, (max_vertices / ((height + 1) * (width + 1))) ** 0.5)
    cell = 2**LEVELS if adaptive else 1
    rows, columns = (
        max(1, round(side * scale / cell) if cell == 1 else -int(-side * scale // cell)) * cell
        for side in (height, width)
    )
    samples = _sample(values, rows, columns)
    if not adaptive:
        return _triangulate(samples, [np.ones((rows, columns), bool)], [])
    return _triangulate(samples, *_divide_within(_errors(samples), tolerance, max_vertices))


def _divide_within(
    errors: list[NDArray[np.float32]], tolerance: float, max_vertices: int
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
    """The division (see `_divide`) at the tolerance, or about the finest of `max_vertices`."""
    division = _divide(errors, tolerance)
    if _vertex_count(division[0]) <= max_vertices:
        return division
    low, high = tolerance, max(2.0 * tolerance, 1e-6)
    while _vertex_count((division := _divide(errors, high))[0]) > max_vertices and high < 1e30:
        low, high = high, 2.0 * high
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        candidate = _divide(errors, middle)
        if _vertex_count(candidate[0]) <= max_vertices:
            division, high = candidate, middle
        else:
            low = middle
    return division


def _vertex_count(leaves: list[NDArray[np.bool_]]) -> int:
    """About how many vertices there are: a corner for each cell, a middle for each fan."""
    return sum(int(leaf.sum()) * (2 if level else 1) for level, leaf in enumerate(leaves))


def _sample(values: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """The map at the corners of rows x columns cells, float32 (rows + 1, columns + 1)."""
    height, width = values.shape
    x = np.linspace(-0.5, width - 0.5, columns + 1, dtype=np.float32)
    y = np.linspace(-0.5, height - 0.5, rows + 1, dtype=np.float32)
    corners = np.empty((rows + 1, columns + 1), np.float32)
    for start in range(0, rows + 1, _REMAP_ROWS):
        part = y[start : start + _REMAP_ROWS]
        corners[start : start + _REMAP_ROWS] = cv2.remap(
            values,
            np.broadcast_to(x, (len(part), columns + 1)).copy(),
            np.broadcast_to(part[:, None], (len(part), columns + 1)).copy(),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return corners


def _errors(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """How far the map leaves the plane through the corners of each cell.

    One float32 (rows, columns) per level, of cells 2, 4, 8 ... samples wide, in the map's unit. A
    cell's error is at least that of its parts.
    """
    errors: list[NDArray[np.float32]] = []
    for level in range(1, LEVELS + 1):
        side, half = 2**level, 2 ** (level - 1)
        corner = samples[::side, ::side]
        nw, ne, sw, se = corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]
        across = np.abs(samples[::side, half::side] - (corner[:, :-1] + corner[:, 1:]) / 2.0)
        down = np.abs(samples[half::side, ::side] - (corner[:-1] + corner[1:]) / 2.0)
        error = np.abs(samples[half::side, half::side] - (nw + ne + sw + se) / 4.0)
        for edge_error in (across[:-1], across[1:], down[:, :-1], down[:, 1:]):
            np.maximum(error, edge_error, out=error)
        if errors:
            np.maximum(error, _pool(errors[-1]), out=error)
        errors.append(error)
    return errors


def _divide(
    errors: list[NDArray[np.float32]], tolerance: float
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
    """Divide cells whose error exceeds the tolerance, and neighbours of much smaller ones.

    Returns:
        leaves: bool (rows, columns) per level, of cells 1, 2, 4 ... samples wide: not divided.
        split: the same of cells 2, 4, 8 ... samples wide: divided.
    """
    split = [error > tolerance for error in errors]
    for level in range(1, len(split)):
        inner = _pool(split[level - 1])
        touched = inner.copy()
        touched[1:] |= inner[:-1]
        touched[:-1] |= inner[1:]
        touched[:, 1:] |= inner[:, :-1]
        touched[:, :-1] |= inner[:, 1:]
        split[level] |= touched
    leaves = [_grow(split[0])]
    for level in range(len(split)):
        is_coarsest = level + 1 == len(split)
        present = np.ones_like(split[level]) if is_coarsest else _grow(split[level + 1])
        leaves.append(present & ~split[level])
    return leaves, split


def _pool(cells: NDArray[Any]) -> NDArray[Any]:
    """The largest of each two by two cells (of bool: whether any is set)."""
    upper = np.maximum(cells[::2, ::2], cells[::2, 1::2])
    return np.maximum(upper, np.maximum(cells[1::2, ::2], cells[1::2, 1::2]))


def _grow(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Each cell's value at its two by two parts."""
    return cells.repeat(2, axis=0).repeat(2, axis=1)


def _triangulate(
    samples: NDArray[np.float32], leaves: list[NDArray[np.bool_]], split: list[NDArray[np.bool_]]
) -> Grid:
    """The grid of a division: two triangles for a cell of one sample, a fan for each larger one."""
    rows, columns = samples.shape[0] - 1, samples.shape[1] - 1
    stride = columns + 1
    pieces: list[NDArray[np.int64]] = []
    for level, leaf in enumerate(leaves):
        row, column = np.nonzero(leaf)
        side = 2**level
        nw = row * side * stride + column * side
        ne, sw = nw + side, nw + side * stride
        se = sw + side
        if level == 0:
            pieces += [np.stack(t, axis=1) for t in ((nw, sw, se), (nw, se, ne))]
            continue
        is_split = split[level - 1]
        half_side = side // 2
        middle = nw + half_side * stride + half_side
        sides = (  # counter-clockwise seen from above: start, end, middle, and the cell across it
            (nw, sw, nw + half_side * stride, row, column - 1),
            (sw, se, sw + half_side, row + 1, column),
            (se, ne, ne + half_side * stride, row, column + 1),
            (ne, nw, nw + half_side, row - 1, column),
        )
        for start, end, half, across_row, across_column in sides:
            inside = (
                (across_row >= 0)
                & (across_column >= 0)
                & (across_row < is_split.shape[0])
                & (across_column < is_split.shape[1])
            )
            is_halved = np.zeros(len(row), bool)
            is_halved[inside] = is_split[across_row[inside], across_column[inside]]
            is_whole = ~is_halved
            pieces.append(np.stack([middle[is_whole], start[is_whole], end[is_whole]], axis=1))
            pieces.append(np.stack([middle[is_halved], start[is_halved], half[is_halved]], axis=1))
            pieces.append(np.stack([middle[is_halved], half[is_halved], end[is_halved]], axis=1))
    faces = np.concatenate(pieces)
    used = np.zeros(samples.size, bool)
    used[faces.ravel()] = True
    vertex_number = np.cumsum(used, dtype=np.int32) - 1
    index = np.flatnonzero(used)
    uv = np.stack([index % stride / columns, 1.0 - index // stride / rows], axis=1)
    lower_rim = np.arange(rows * stride, samples.size)  # left to right
    right_rim = np.arange(samples.size - 1, -1, -stride)
    upper_rim = np.arange(columns, -1, -1)
    left_rim = np.arange(0, samples.size, stride)
    ring = np.concatenate([lower_rim, right_rim[1:], upper_rim[1:], left_rim[1:-1]])
    return Grid(
        uv.astype(np.float32),
        samples.ravel()[index],
        vertex_number[faces].astype(np.int32),
        vertex_number[ring[used[ring]]],
    )
