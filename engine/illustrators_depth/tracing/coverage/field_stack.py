"""Measured coverage of many windows in one array, to look up all outlines of a picture at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FieldLookup", "FieldStack"]

Float = NDArray[np.float64]


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
