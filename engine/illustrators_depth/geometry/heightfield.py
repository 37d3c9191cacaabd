"""A solid over the continuous depth: a grid on top, walls around, a flat base below."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..settings import ReliefSettings
from ..types import DepthMap, Mesh, MeshPart
from .layer_heights import field_heights

__all__ = ["heightfield"]


def heightfield(depth: DepthMap, settings: ReliefSettings) -> Mesh:
    """Raise a depth map into one closed solid.

    The farthest point is `base_mm` high and the nearest `base_mm + height_mm`; a flat depth map
    gives a plain plate of the base's thickness. `total_mm` and `layer_height_mm` apply as in
    `field_heights`. Vertices lie on a grid that spans the picture from
    edge to edge, so the size is exactly `size_mm` along the longest side.
    """
    height_px, width_px = depth.shape
    scale = settings.size_mm / max(height_px, width_px)
    top = _resample(depth.normalized(), settings.max_vertices)
    rows, cols = top.shape
    x = np.linspace(0.0, width_px * scale, cols)
    y = np.linspace(height_px * scale, 0.0, rows)
    base, total = field_heights(settings).tops
    z = base + top.astype(np.float64) * (total - base)
    grid_x, grid_y = np.meshgrid(x, y)
    upper = np.stack([grid_x, grid_y, z], axis=-1).reshape(-1, 3)
    border = _border(rows, cols)
    lower = upper[border].copy()
    lower[:, 2] = 0.0
    vertices = np.concatenate([upper, lower])
    faces = np.concatenate(
        [_grid_faces(rows, cols), _wall_faces(border, rows * cols), _base_faces(rows, cols)]
    )
    size = np.array([width_px * scale, height_px * scale])
    part = MeshPart("relief", -1, slice(0, len(vertices)), slice(0, len(faces)))
    return Mesh(
        vertices.astype(np.float32),
        faces.astype(np.int32),
        (vertices[:, :2] / size).astype(np.float32),
        (part,),
    )


def _resample(values: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """Values on a grid with a vertex on every picture edge and at most `most` vertices."""
    height, width = values.shape
    shrink = min(1.0, np.sqrt(most / float((height + 1) * (width + 1))))
    rows, cols = max(2, int((height + 1) * shrink)), max(2, int((width + 1) * shrink))
    if shrink < 1.0:
        values = cv2.resize(
            values, (max(1, cols - 1), max(1, rows - 1)), interpolation=cv2.INTER_AREA
        )
    # Pixel centres to grid corners: the mean of the four pixels around each corner.
    padded = np.pad(values, 1, mode="edge")
    corners = 0.25 * (padded[:-1, :-1] + padded[1:, :-1] + padded[:-1, 1:] + padded[1:, 1:])
    # Averaging takes the tips off; stretch back so that the height asked for is the height made.
    return DepthMap(corners.astype(np.float32)).normalized()


def _grid_faces(rows: int, cols: int) -> NDArray[np.int64]:
    """Two triangles per cell, counter-clockwise seen from above (row 0 is the far edge)."""
    index = np.arange(rows * cols).reshape(rows, cols)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    return np.concatenate([np.stack([a, c, d], axis=1), np.stack([a, d, b], axis=1)])


def _border(rows: int, cols: int) -> NDArray[np.int64]:
    """Grid indices once around, counter-clockwise seen from above, from the far left corner."""
    index = np.arange(rows * cols).reshape(rows, cols)
    return np.concatenate([index[:-1, 0], index[-1, :-1], index[:0:-1, -1], index[0, :0:-1]])


def _wall_faces(border: NDArray[np.int64], offset: int) -> NDArray[np.int64]:
    above, above_next = border, np.roll(border, -1)
    below = offset + np.arange(len(border))
    below_next = np.roll(below, -1)
    return np.concatenate(
        [
            np.stack([below, below_next, above_next], axis=1),
            np.stack([below, above_next, above], axis=1),
        ]
    )


def _base_faces(rows: int, cols: int) -> NDArray[np.int64]:
    """Triangulate the flat rectangle below from its border points alone, facing down.

    Left and right border points pair up row by row into a ladder of quads; the far and the near
    edge each close as a fan onto the ladder's first and last rung. So every border edge is used
    exactly once and no point is added.
    """
    ring = rows * cols + np.arange(2 * (rows + cols) - 4)
    left = ring[:rows]  # far to near
    near = ring[rows - 1 : rows + cols - 1]  # left to right
    right = ring[rows + cols - 2 : 2 * rows + cols - 2][::-1]  # far to near
    far = np.append(ring[2 * rows + cols - 3 :], ring[0])[::-1]  # left to right
    if rows == 2:
        # A strip between the far and the near edge.
        return _strip(far, near)
    faces = [_strip(left[1:-1], right[1:-1], flip=True)]
    # Near fan from the last rung's left end, far fan from the first rung's right end; each leaves
    # one triangle to the rung's other end.
    faces.append(_fan(left[-2], near[::-1]))
    faces.append(np.array([[left[-2], near[-1], right[-2]]])[:, ::-1])
    faces.append(_fan(right[1], far))
    faces.append(np.array([[right[1], far[0], left[1]]])[:, ::-1])
    return np.concatenate(faces)


def _strip(
    one: NDArray[np.int64], other: NDArray[np.int64], *, flip: bool = False
) -> NDArray[np.int64]:
    """Two triangles between each pair of consecutive points of two equal rows."""
    a, b, c, d = one[:-1], one[1:], other[:-1], other[1:]
    faces = np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])
    return faces[:, ::-1] if flip else faces


def _fan(apex: np.int64, ring: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.stack([np.full(len(ring) - 1, apex), ring[:-1], ring[1:]], axis=1)
