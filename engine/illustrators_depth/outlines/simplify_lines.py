"""The lines of a network, and needless points taken out of them without moving what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["LevelLine", "simplify_lines"]


@dataclass(frozen=True)
class LevelLine:
    """A line between two meeting points, or a closed one.

    Attributes:
        points: float32 (n, 2), pixels, y up, both ends included; of a closed line the first point
            is repeated at the end. The higher side lies to the left of the way.
        low, high: levels on its right and on its left; -1 where nothing is.
        start, end: numbers of the points that it shares with other lines; equal for a closed line.
    """

    points: NDArray[np.float32]
    low: int
    high: int
    start: int
    end: int


def simplify_lines(lines: Sequence[LevelLine], tolerance: float) -> list[LevelLine]:
    """Douglas-Peucker on every line; end points stay, closed lines keep at least three points.

    Args:
        lines: with all their points.
        tolerance: in the points' unit; 0 keeps every point.

    Two lines between the same ends are kept apart: all but one get a point between their ends.
    """
    if tolerance <= 0.0:
        return list(lines)
    made = []
    straight = {_ends(line) for line in lines if len(line.points) == 2}
    for line in lines:
        if line.start == line.end:
            points = _closed(line, tolerance)
        else:
            points = _reduced(line.points, tolerance)
            if len(points) == 2 < len(line.points):
                if _ends(line) in straight:
                    points = _with_middle(line.points)
                straight.add(_ends(line))
        made.append(replace(line, points=points))
    return made


def _ends(line: LevelLine) -> tuple[int, int]:
    return min(line.start, line.end), max(line.start, line.end)


def _closed(line: LevelLine, tolerance: float) -> NDArray[np.float32]:
    """Halve the ring at the point farthest from its start, and reduce each half."""
    points = line.points
    if len(points) < 5:
        return points
    ring = points[:-1]
    away = ((ring - ring[0]) ** 2).sum(axis=1)
    far = int(np.argmax(away))
    halves = _reduced(points[: far + 1], tolerance), _reduced(points[far:], tolerance)
    if len(halves[0]) + len(halves[1]) < 5:
        # Two points only: keep each half's farthest, or the ring would have no area.
        halves = _with_middle(points[: far + 1]), _with_middle(points[far:])
    return np.concatenate([halves[0], halves[1][1:]])


def _reduced(points: NDArray[np.float32], tolerance: float) -> NDArray[np.float32]:
    if len(points) < 3:
        return points
    found = cv2.approxPolyDP(np.ascontiguousarray(points).reshape(-1, 1, 2), tolerance, False)
    return np.asarray(found, np.float32).reshape(-1, 2)


def _with_middle(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Both ends and the point farthest from the straight line between them."""
    if len(points) < 3:
        return points
    along = points[-1] - points[0]
    offset = points[1:-1] - points[0]
    distance = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0])
    middle = 1 + int(np.argmax(distance))
    return points[[0, middle, -1]]
