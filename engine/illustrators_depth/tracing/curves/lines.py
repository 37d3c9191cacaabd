"""Straight stretches of outlines as lines: distances from them, and least-squares fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["StraightEdges", "distance_off", "fit_lines", "foot"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class StraightEdges:
    """Straight stretches of rings, ring by ring in order.

    Attributes:
        ring: intp (n,), the ring that each is part of.
        first, last: intp (n,), its points, counted within the ring; `last` may run past the ring's
            end.
        centre, along: float64 (n, 2), a point of each line and its unit direction, first to last.
    """

    ring: Int
    first: Int
    last: Int
    centre: Float
    along: Float

    def __len__(self) -> int:
        return len(self.ring)

    def pick(self, which: Bool | Int) -> StraightEdges:
        return StraightEdges(
            self.ring[which], self.first[which], self.last[which],
            self.centre[which], self.along[which],
        )  # fmt: skip


def distance_off(points: Float, centre: Float, along: Float) -> Float:
    """Signed distance of points from lines, one line each."""
    away = points - centre
    return np.asarray(away[..., 0] * along[..., 1] - away[..., 1] * along[..., 0])


def foot(points: Float, centre: Float, along: Float) -> Float:
    """Points moved to the nearest place on their lines."""
    away = points - centre
    reach = away[..., 0] * along[..., 0] + away[..., 1] * along[..., 1]
    return np.asarray(centre + reach[..., None] * along)


def fit_lines(points: Float, begin: Int) -> tuple[Float, Float]:
    """The lines nearest in the mean square to runs of points, in the points' direction.

    Args:
        points: float64 (n, 2), run after run.
        begin: intp (k,), where each run begins.

    Returns:
        a point of each line and its unit direction, float64 (k, 2).
    """
    count = np.diff(np.append(begin, len(points)))
    centre = np.add.reduceat(points, begin) / count[:, None]
    away = points - np.repeat(centre, count, axis=0)
    x, y = away[:, 0], away[:, 1]
    xx, yy, xy = (np.add.reduceat(values, begin) for values in (x * x, y * y, x * y))
    angle = 0.5 * np.arctan2(2.0 * xy, xx - yy)
    along = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    chord = points[begin + count - 1] - points[begin]
    along *= np.where((chord * along).sum(axis=1) < 0.0, -1.0, 1.0)[:, None]
    return centre, along
