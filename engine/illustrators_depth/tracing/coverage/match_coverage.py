"""Moves outlines until they cover every pixel as far as the picture says.

The 0.5 level of coverage lies beside the edge wherever an edge is not upright, bends, or has
another one within a pixel. What an outline really covers is compared with what was measured, and
each of its points is moved by what is missing along its normal (iterative back-projection, Irani
and Peleg 1991, "Improving resolution by image registration", for outlines).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage, cell_coverage
from .field_stack import FieldStack, MissingCoverage

__all__ = ["CoverageTarget", "match_coverage", "missing_along"]

Float = NDArray[np.float64]


class CoverageTarget(Protocol):
    """Tells what outlines leave out."""

    def missing(self, cover: CellCoverage, number: NDArray[np.int64]) -> MissingCoverage:
        """What `cover` leaves out, for points (n,) by the numbers of their fields, rising."""
        ...


_MAX_ROUNDS = 4
# What is missing is summed along the normal, at these distances, each standing for so many pixels.
_REACH_PX, _STEP_PX = (-1.0, -0.5, 0.0, 0.5, 1.0), 0.5
# Along curves nearer by: they are long enough to average.
_CURVE_REACH_PX, _CURVE_STEP_PX = (-0.3, 0.3), 1.0
# No point moves by more in a round.
_MAX_MOVE_PX = 0.4
# Times that the moves along a ring are averaged with both neighbours: a renderer's own steps are
# no bends.
_SMOOTHING_ROUNDS = 1


def match_coverage(
    rings: Sequence[Float],
    fields: Sequence[NDArray[np.float32]],
    seen: Sequence[NDArray[np.bool_] | None],
    owner: Sequence[int],
) -> list[Float]:
    """Rings that cover each seen pixel as `fields` say, as nearly as they can.

    Args:
        rings: each float64 (n, 2), in pixels of its field; those of one field with their insides
            on the same side.
        fields: float32 (h, w), coverage of pixels.
        seen: for each field bool (h, w), where it is known; None for everywhere.
        owner: for each ring the number of its field, rising.
    """
    if not rings:
        return []
    count = np.array([len(ring) for ring in rings])
    points = np.concatenate(rings)
    whose = np.repeat(np.asarray(owner, np.int64), count)
    begin = np.cumsum(count) - count
    after, before = np.arange(1, len(points) + 1), np.arange(-1, len(points) - 1)
    after[begin + count - 1], before[begin] = begin, begin + count - 1
    target = FieldStack(fields, seen)
    size = target.size[whose]
    fixed = (points <= 0.0) | (points >= size)
    near = np.arange(len(points))
    for turn in range(_MAX_ROUNDS):
        following = points[after]
        along = following - points[before]
        length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
        # The inside lies to the right of the way (y down): this points out of it.
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
        cover = cell_coverage(points, following, whose)
        lookup = target.missing(cover, whose[near])
        missing, known = _missing(points[near], normal[near], lookup, _REACH_PX)
        move = np.zeros(len(points))
        move[near] = np.clip(missing * _STEP_PX, -_MAX_MOVE_PX, _MAX_MOVE_PX)
        if turn == 0:  # where nothing is known, nothing will be
            near = near[known]
        for _ in range(_SMOOTHING_ROUNDS):
            move = 0.5 * move + 0.25 * (move[before] + move[after])
        moved = np.clip(points + normal * move[:, None], 0.0, size)
        points = np.where(fixed, points, moved)
    return np.split(points, begin[1:])


def missing_along(
    points: Float,
    following: Float,
    whose: NDArray[np.int64],
    target: CoverageTarget,
    near: NDArray[np.intp],
) -> tuple[Float, NDArray[np.intp]]:
    """How far straight pieces of outlines should move outwards to cover what they should.

    Args:
        points, following: float64 (n, 2), where each piece begins and ends.
        whose: int64 (n,), number of the field that it belongs to, rising.
        target: coverage of pixels.
        near: intp (k,), numbers of the pieces to look at, rising.

    Returns:
        float64 (n,), pixels, 0 where nothing is known, and numbers of the pieces where it is.
    """
    first, last = points[near], following[near]
    along = last - first
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
    cover = cell_coverage(np.maximum(points, 0.0), np.maximum(following, 0.0), whose)
    middle = 0.5 * (first + last)
    lookup = target.missing(cover, whose[near])
    missing, known = _missing(middle, normal, lookup, _CURVE_REACH_PX)
    move = np.zeros(len(points))
    move[near] = np.clip(missing * _CURVE_STEP_PX, -_MAX_MOVE_PX, _MAX_MOVE_PX)
    return move, near[known]


def _missing(
    points: Float,
    normal: Float,
    missing_at: MissingCoverage,
    reaches: tuple[float, ...],
) -> tuple[Float, NDArray[np.bool_]]:
    """Coverage that is missing along the normal at points, summed, and where any of it is known."""
    move, known = np.zeros(len(points)), np.zeros(len(points), np.bool_)
    (x, y), (across_x, across_y) = np.ascontiguousarray(points.T), np.ascontiguousarray(normal.T)
    for reach in reaches:
        missing = missing_at(x + reach * across_x, y + reach * across_y)
        seen = ~np.isnan(missing)
        move += np.where(seen, missing, 0.0)
        known |= seen
    return move, known
