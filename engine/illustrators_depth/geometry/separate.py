"""Keeps points apart that a mesh file would run together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["separate_twins"]

_ROUNDS = 8


def separate_twins(
    vertices: NDArray[np.floating], faces: NDArray[np.int32], step: float
) -> NDArray[np.float32]:
    """Nudge vertices that fall on one another in 32 bits, sideways and inwards, until none do.

    A solid may touch itself in a point or an upright edge: two vertices, one place. STL has no
    vertex numbers, so every reader would weld them into an edge with four faces.

    Args:
        vertices: float (V, 3).
        faces: int32 (F, 3).
        step: how far to nudge along x and y, in the vertices' unit; z never changes.

    Returns:
        float32 (V, 3), all different unless _ROUNDS were not enough (exact mirror images).
    """
    moved = vertices.astype(np.float32)
    for attempt in range(_ROUNDS):
        _, inverse, counts = np.unique(moved, axis=0, return_inverse=True, return_counts=True)
        twins = np.flatnonzero(counts[np.ravel(inverse)] > 1)
        if len(twins) == 0:
            break
        # Towards the middle of its own faces: each twin goes its own way, into its own material.
        is_twin = np.zeros(len(moved), bool)
        is_twin[twins] = True
        touching = faces[is_twin[faces].any(axis=1)]
        middles = moved[touching].astype(np.float64).mean(axis=1)
        total = np.zeros((len(moved), 3))
        number = np.zeros(len(moved))
        for corner in range(3):
            np.add.at(total, touching[:, corner], middles)
            np.add.at(number, touching[:, corner], 1.0)
        towards = total[twins] / np.maximum(number[twins], 1.0)[:, None] - moved[twins]
        towards[:, 2] = 0.0
        length = np.linalg.norm(towards, axis=1, keepdims=True)
        shift = towards / np.maximum(length, 1e-12) * step * (attempt + 1)
        moved[twins] = (moved[twins] + shift).astype(np.float32)
    return moved
