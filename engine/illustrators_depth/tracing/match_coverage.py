"""Moves outlines until they cover every pixel as far as the picture says.

The 0.5 level of coverage lies beside the edge wherever an edge is not upright, bends, or has
another one within a pixel. What an outline really covers is compared with what was measured, and
each of its points is moved by what is missing along its normal (iterative back-projection, Irani
and Peleg 1991, "Improving resolution by image registration", for outlines).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage, cell_coverage

__all__ = ["FieldStack", "hair_field", "match_coverage", "missing_along"]

Float = NDArray[np.float64]
Value = TypeVar("Value", bound=np.generic)

_MAX_ROUNDS = 4
# What is missing is summed along the normal, at these distances, so far apart.
_REACH_PX, _STEP_PX = np.array([-1.0, -0.5, 0.0, 0.5, 1.0]), 0.5
# No point moves by more in a round.
_MAX_MOVE_PX = 0.4
# Times that the moves along a ring are averaged with both neighbours: a renderer's own steps are
# no bends.
_SMOOTHING_ROUNDS = 1
# A pixel that differs by this from those on both its sides is a hair or a gap, and begins as this.
_HAIR_CONTRAST, _HAIR_COVERAGE = 0.1, 0.7
# Around a pixel of a faint stroke none is covered by more.
_MAX_HAIR_COVERAGE = 0.85
_AROUND = np.ones((3, 3), np.uint8)


def hair_field(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverage in which hairs and gaps narrower than half a pixel have outlines, float32 (h, w)."""
    height, width = covered.shape
    wide = cv2.copyMakeBorder(covered, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    ridge = np.full(covered.shape, -1.0, np.float32)
    valley = ridge.copy()
    for down, across in ((0, 1), (1, 0), (1, 1), (1, -1)):
        one = wide[1 + down : 1 + down + height, 1 + across : 1 + across + width]
        other = wide[1 - down : 1 - down + height, 1 - across : 1 - across + width]
        cv2.max(ridge, covered - cv2.max(one, other), dst=ridge)
        cv2.max(valley, cv2.min(one, other) - covered, dst=valley)
    outlined = np.where(
        (covered <= 0.5) & (ridge > _HAIR_CONTRAST), np.float32(_HAIR_COVERAGE), covered
    )
    outlined[(covered > 0.5) & (valley > _HAIR_CONTRAST)] = 1.0 - _HAIR_COVERAGE
    faint = _relative(covered)
    np.copyto(outlined, faint, where=(outlined <= 0.5) & (faint > 0.5))
    faint = 1.0 - _relative(1.0 - covered)
    np.copyto(outlined, faint, where=(outlined > 0.5) & (faint < 0.5) & (covered > 0.5))
    return outlined


def _relative(covered: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coverage as a share of the greatest around it, where that is faint too: strokes go on."""
    greatest = cv2.dilate(covered, _AROUND)
    return np.where(
        (greatest > _HAIR_CONTRAST) & (greatest < _MAX_HAIR_COVERAGE),
        covered / np.maximum(greatest, _HAIR_CONTRAST),
        0.0,
    ).astype(np.float32)


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
    target, known = FieldStack(fields), FieldStack.known(fields, seen)
    size = target.size[whose]
    fixed = (points <= 0.0) | (points >= size)
    for _ in range(_MAX_ROUNDS):
        following = points[after]
        along = following - points[before]
        length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
        # The inside lies to the right of the way (y down): this points out of it.
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
        cover = cell_coverage(points, following, whose)
        move = _missing(points, normal, whose, cover, target, known)
        for _ in range(_SMOOTHING_ROUNDS):
            move = 0.5 * move + 0.25 * (move[before] + move[after])
        moved = np.clip(points + normal * move[:, None], 0.0, size)
        points = np.where(fixed, points, moved)
    return np.split(points, begin[1:])


def missing_along(
    points: Float,
    following: Float,
    whose: NDArray[np.int64],
    target: FieldStack[np.float32],
    known: FieldStack[np.bool_],
) -> Float:
    """How far straight pieces of outlines should move outwards to cover what they should.

    Args:
        points, following: float64 (n, 2), where each piece begins and ends.
        whose: int64 (n,), number of the field that it belongs to.
        target: coverage of pixels.
        known: where that is known.

    Returns:
        float64 (n,), pixels; 0 where nothing is known.
    """
    along = following - points
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / length[:, None]
    cover = cell_coverage(np.maximum(points, 0.0), np.maximum(following, 0.0), whose)
    return _missing(0.5 * (points + following), normal, whose, cover, target, known)


def _missing(
    points: Float,
    normal: Float,
    whose: NDArray[np.int64],
    cover: CellCoverage,
    target: FieldStack[np.float32],
    known: FieldStack[np.bool_],
) -> Float:
    """Coverage that is missing along the normal at points, summed, and held to a small move."""
    size = target.size[whose]
    move = np.zeros(len(points))
    for reach in _REACH_PX.tolist():
        cells = np.floor(points + reach * normal).astype(np.int64)
        cells = np.clip(cells, 0, size - 1)
        missing = target.at(whose, cells) - cover.at(whose, cells[:, 0], cells[:, 1])
        move += np.where(known.at(whose, cells), missing, 0.0)
    return np.clip(move * _STEP_PX, -_MAX_MOVE_PX, _MAX_MOVE_PX)


class FieldStack(Generic[Value]):
    """Planes of different sizes, to be looked up together."""

    def __init__(self, planes: Sequence[NDArray[Value]]) -> None:
        self.size = np.array([plane.shape[::-1] for plane in planes], np.int64)
        pixels = self.size.prod(axis=1)
        self._begin = np.cumsum(pixels) - pixels
        self._values = np.concatenate([plane.ravel() for plane in planes])

    @staticmethod
    def known(
        fields: Sequence[NDArray[np.float32]], seen: Sequence[NDArray[np.bool_] | None]
    ) -> FieldStack[np.bool_]:
        """Where fields are known: everywhere if nothing else is said."""
        return FieldStack(
            [np.ones(field.shape, np.bool_) if own is None else own
             for field, own in zip(fields, seen, strict=True)]
        )  # fmt: skip

    def at(self, number: NDArray[np.int64], cells: NDArray[np.int64]) -> NDArray[Value]:
        place = self._begin[number] + cells[:, 1] * self.size[number, 0] + cells[:, 0]
        return np.asarray(self._values[place])
