"""Moves outlines until they cover every pixel as far as the picture says.

The 0.5 level of coverage lies beside the edge wherever an edge is not upright, bends, or has
another one within a pixel. What an outline really covers is compared with what was measured, and
each of its points is moved by what is missing along its normal (iterative back-projection, Irani
and Peleg 1991, "Improving resolution by image registration", for outlines).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage, cell_coverage

__all__ = ["FieldStack", "hair_field", "hairs", "match_coverage", "missing_along"]

Float = NDArray[np.float64]

_MAX_ROUNDS = 4
# What is missing is summed along the normal, at these distances, each standing for so many pixels.
_REACH_PX, _STEP_PX = (-1.0, -0.5, 0.0, 0.5, 1.0), 0.5
# Along curves nearer by: they are long enough to average.
_CURVE_REACH_PX, _CURVE_STEP_PX = (-0.75, -0.25, 0.25, 0.75), 0.6
# No point moves by more in a round.
_MAX_MOVE_PX = 0.4
# Times that the moves along a ring are averaged with both neighbours: a renderer's own steps are
# no bends.
_SMOOTHING_ROUNDS = 1
# A pixel that differs by this from those on both its sides is a hair or a gap, and begins as this.
_HAIR_CONTRAST, _HAIR_COVERAGE = 0.1, 0.7
# Around a pixel of a faint stroke none is covered by more.
_MAX_HAIR_COVERAGE = 0.85
# Pixels covered by less, or by nearly all, are no hairs and no gaps.
_LEAST_PARTIAL = 0.05


def hair_field(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverage in which hairs and gaps narrower than half a pixel have outlines, float32 (h, w)."""
    places, values = hairs(covered)
    outlined = covered.copy()
    outlined.reshape(-1)[places] = values
    return outlined


def hairs(covered: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Where `hair_field` differs from the coverage: flat indices, and the values there."""
    partial = (covered > _LEAST_PARTIAL) & (covered < 1.0 - _LEAST_PARTIAL)
    places = np.flatnonzero(partial)
    wide = cv2.copyMakeBorder(covered, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    width = wide.shape[1]
    rows, cols = np.divmod(places, covered.shape[1])
    middle, around = (rows + 1) * width + cols + 1, wide.ravel()
    own = around[middle]
    greatest, least = own, own
    ridge, valley = np.full((2, len(own)), -1.0, np.float32)
    for step in (1, width, width + 1, width - 1):
        one, other = around[middle + step], around[middle - step]
        high, low = np.maximum(one, other), np.minimum(one, other)
        ridge, valley = np.maximum(ridge, own - high), np.maximum(valley, low - own)
        greatest, least = np.maximum(greatest, high), np.minimum(least, low)
    hair, gap = np.float32(_HAIR_COVERAGE), np.float32(1.0 - _HAIR_COVERAGE)
    outlined = np.where((own <= 0.5) & (ridge > _HAIR_CONTRAST), hair, own)
    outlined[(own > 0.5) & (valley > _HAIR_CONTRAST)] = gap
    faint = _relative(own, greatest)
    outlined = np.where((outlined <= 0.5) & (faint > 0.5), faint, outlined)
    faint = np.float32(1.0) - _relative(np.float32(1.0) - own, np.float32(1.0) - least)
    outlined = np.where((outlined > 0.5) & (faint < 0.5) & (own > 0.5), faint, outlined)
    changed = outlined != own
    return places[changed], outlined[changed]


def _relative(covered: NDArray[np.float32], greatest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverage as a share of the greatest around it, where that is faint too: strokes go on."""
    return np.where(
        (greatest > _HAIR_CONTRAST) & (greatest < _MAX_HAIR_COVERAGE),
        covered / np.maximum(greatest, np.float32(_HAIR_CONTRAST)),
        np.float32(0.0),
    )


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
        owner: for each ring the number of its field.
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
    for _ in range(_MAX_ROUNDS):
        following = points[after]
        along = following - points[before]
        length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
        # The inside lies to the right of the way (y down): this points out of it.
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
        cover = cell_coverage(points, following, whose)
        move = _missing(points, normal, whose, cover, target, _REACH_PX) * _STEP_PX
        move = np.clip(move, -_MAX_MOVE_PX, _MAX_MOVE_PX)
        for _ in range(_SMOOTHING_ROUNDS):
            move = 0.5 * move + 0.25 * (move[before] + move[after])
        moved = np.clip(points + normal * move[:, None], 0.0, size)
        points = np.where(fixed, points, moved)
    return np.split(points, begin[1:])


def missing_along(
    points: Float,
    following: Float,
    whose: NDArray[np.int64],
    target: FieldStack,
) -> Float:
    """How far straight pieces of outlines should move outwards to cover what they should.

    Args:
        points, following: float64 (n, 2), where each piece begins and ends.
        whose: int64 (n,), number of the field that it belongs to.
        target: coverage of pixels.

    Returns:
        float64 (n,), pixels; 0 where nothing is known.
    """
    along = following - points
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
    cover = cell_coverage(np.maximum(points, 0.0), np.maximum(following, 0.0), whose)
    middle = 0.5 * (points + following)
    move = _missing(middle, normal, whose, cover, target, _CURVE_REACH_PX) * _CURVE_STEP_PX
    return np.clip(move, -_MAX_MOVE_PX, _MAX_MOVE_PX)


def _missing(
    points: Float,
    normal: Float,
    whose: NDArray[np.int64],
    cover: CellCoverage,
    target: FieldStack,
    reaches: tuple[float, ...],
) -> Float:
    """Coverage that is missing along the normal at points, summed."""
    move = np.zeros(len(points))
    lookup = target.of(whose)
    for reach in reaches:
        cells, measured = lookup.at(points + reach * normal)
        missing = measured - cover.at(whose, cells[:, 0], cells[:, 1])
        move += np.where(np.isnan(missing), 0.0, missing)
    return move


class FieldStack:
    """Coverage in windows of different sizes, to be looked up together.

    Args:
        fields: float32 (h, w), coverage of pixels.
        seen: for each field bool (h, w), where it is known; None for everywhere.
    """

    def __init__(
        self, fields: Sequence[NDArray[np.float32]], seen: Sequence[NDArray[np.bool_] | None]
    ) -> None:
        self.size = np.array([field.shape[::-1] for field in fields], np.int64)
        pixels = self.size.prod(axis=1)
        self._begin = np.cumsum(pixels) - pixels
        self._values = np.empty(int(pixels.sum()), np.float32)
        for begin, field, known in zip(self._begin.tolist(), fields, seen, strict=True):
            own = self._values[begin : begin + field.size].reshape(field.shape)
            np.copyto(own, field)
            if known is not None:
                np.copyto(own, np.float32(np.nan), where=~known)

    def of(self, number: NDArray[np.int64]) -> FieldLookup:
        """Fields for points (n,), by their numbers."""
        return FieldLookup(self._values, self._begin[number], self.size[number])


@dataclass(frozen=True)
class FieldLookup:
    """The field of each of many points: where its values begin, and its width and height."""

    values: NDArray[np.float32]
    begin: NDArray[np.int64]
    size: NDArray[np.int64]

    def at(self, points: Float) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The pixels in which points (n, 2) lie, and their coverage, NaN where it is unknown."""
        cells = np.clip(np.floor(points).astype(np.int64), 0, self.size - 1)
        return cells, self.values[self.begin + cells[:, 1] * self.size[:, 0] + cells[:, 0]]
