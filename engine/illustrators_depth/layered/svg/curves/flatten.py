"""Curves as polylines that stray from them by no more than a tolerance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .path_data import Subpath

__all__ = ["Polyline", "flatten"]

MAX_PIECES = 512


@dataclass(frozen=True)
class Polyline:
    """A flattened subpath.

    Attributes:
        points: float64 (n, 2), no two in a row alike; of a closed one the first is not repeated.
        joint: bool (n,), whether curves meet there rather than going on smoothly.
        closed: whether the last point is joined to the first.
    """

    points: NDArray[np.float64]
    joint: NDArray[np.bool_]
    closed: bool


def flatten(subpath: Subpath, tolerance: float) -> Polyline:
    """Points along a subpath; chords stray from it by `tolerance` at most, in its own units."""
    cubics = subpath.cubics
    start = np.asarray([subpath.start], np.float64)
    if not len(cubics):
        return Polyline(start, np.ones(1, bool), subpath.closed)
    # A curve strays from n chords by an eighth of its second derivative, over n squared.
    bend = np.maximum(
        np.linalg.norm(cubics[:, 0] - 2 * cubics[:, 1] + cubics[:, 2], axis=1),
        np.linalg.norm(cubics[:, 1] - 2 * cubics[:, 2] + cubics[:, 3], axis=1),
    )
    count = np.clip(np.ceil(np.sqrt(0.75 * bend / tolerance)), 1, MAX_PIECES).astype(np.int64)
    owner = np.repeat(np.arange(len(cubics)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    step = np.arange(len(owner)) - first + 1
    t = (step / count[owner])[:, None]
    a, b, c, d = (cubics[owner, i] for i in range(4))
    u = 1.0 - t
    points = u * u * (u * a + 3 * t * b) + t * t * (3 * u * c + t * d)
    joint = step == count[owner]
    points[joint] = cubics[:, 3]
    points, joint = np.concatenate([start, points]), np.concatenate([[True], joint])
    distinct = np.append(True, (np.abs(np.diff(points, axis=0)) > 1e-12).any(axis=1))
    points, joint = points[distinct], joint[distinct]
    if subpath.closed and len(points) > 1 and np.allclose(points[0], points[-1], atol=1e-9):
        points, joint = points[:-1], joint[:-1]
    return Polyline(points, joint, subpath.closed)
