"""Extrudes rings into closed slabs."""

from __future__ import annotations

from collections.abc import Sequence

import manifold3d
import numpy as np
from numpy.typing import NDArray

__all__ = ["extrude"]


def extrude(
    rings: Sequence[NDArray[np.float64]], bottom: float, top: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """A slab between two heights.

    Args:
        rings: float64 (n, 2), of disjoint polygons: outer ones counter-clockwise, holes clockwise,
            sharing no point.
        bottom, top: heights, bottom < top, in any unit.

    Returns:
        vertices float64 (2n, 3), first the lower ring points, then the same above; faces int32
        (m, 3), outward. Closed and edge-manifold by construction: the caps come from one
        triangulation that uses every ring edge exactly once (manifold3d guarantees it even where
        simplification let rings overlap by a hair), and each ring edge carries one wall.
    """
    if not rings:
        return np.zeros((0, 3)), np.zeros((0, 3), np.int32)
    points = np.concatenate(rings)
    cap = np.asarray(manifold3d.triangulate(rings), np.int32).reshape(-1, 3)
    edges = _ring_edges([len(ring) for ring in rings])
    count = len(points)
    vertices = np.empty((2 * count, 3))
    vertices[:count, :2] = vertices[count:, :2] = points
    vertices[:count, 2], vertices[count:, 2] = bottom, top
    a, b = edges[:, 0], edges[:, 1]
    faces = np.concatenate(
        [
            cap[:, ::-1],  # seen from below
            cap + count,
            np.stack([a, b, b + count], axis=1),
            np.stack([a, b + count, a + count], axis=1),
        ]
    ).astype(np.int32)
    return vertices, faces


def _ring_edges(lengths: Sequence[int]) -> NDArray[np.int32]:
    """Directed edges (from, to) of consecutive closed rings, int32 (n, 2)."""
    total = sum(lengths)
    start = np.arange(total, dtype=np.int32)
    end = start + 1
    first = np.cumsum([0, *lengths[:-1]])
    last = np.cumsum(lengths) - 1
    end[last] = first
    return np.stack([start, end], axis=1)
