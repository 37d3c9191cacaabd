"""Numbers for the values that the layers of 8-bit pictures consist of, in 8 or 16 bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["PLAIN_VALUES", "CodeValues", "Codes", "codes_of", "widened"]

Float32Array = NDArray[np.float32]
Codes = NDArray[np.uint8] | NDArray[np.uint16]

_EIGHT_BIT = np.arange(256, dtype=np.float32) / np.float32(255.0)
_STEPS = 4095.0
_TWELVE_BIT = np.arange(4096, dtype=np.float32) / np.float32(_STEPS)
_QUARTERS = np.array([0.25, 0.5, 0.75], np.float32)
# The value of each code; codes of no value are NaN, which equals nothing.
_VALUES = np.full(1 << 16, np.nan, np.float32)
_FIRST_EIGHT_BIT, _FIRST_QUARTER = 4096, 4352
_VALUES[:_FIRST_EIGHT_BIT] = _TWELVE_BIT
_VALUES[_FIRST_EIGHT_BIT:_FIRST_QUARTER] = _EIGHT_BIT
_VALUES[_FIRST_QUARTER : _FIRST_QUARTER + 3] = _QUARTERS


@dataclass(frozen=True, eq=False)
class CodeValues:
    """The value that each code stands for: (256,) of 8 bits, (65536,) of 16, of one dtype."""

    eight: NDArray[Any]
    sixteen: NDArray[Any]

    def of(self, codes: Codes) -> NDArray[Any]:
        """The values of codes, in their shape."""
        if codes.dtype == np.uint8:
            import cv2

            return np.asarray(cv2.LUT(np.ascontiguousarray(codes), self.eight)).reshape(codes.shape)
        return self.sixteen.take(codes, mode="clip")

    def mapped(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> CodeValues:
        return CodeValues(change(self.eight), change(self.sixteen))


PLAIN_VALUES = CodeValues(_EIGHT_BIT, _VALUES)
# The code of each 8-bit number.
_CODES = np.arange(_FIRST_EIGHT_BIT, _FIRST_QUARTER, dtype=np.uint16)


def codes_of(values: Float32Array) -> Codes | None:
    """The codes of values, in 8 bits if these are enough; None if any has none."""
    import cv2

    values = np.ascontiguousarray(values)
    # The first row tells what is worth a try.
    if _eight_bit(values[:1])[1].all():
        eight, is_eight = _eight_bit(values)
        if is_eight.all():
            return eight
    twelve = np.asarray(cv2.multiply(values, 1.0, scale=_STEPS, dtype=cv2.CV_16U), np.uint16)
    twelve = twelve.reshape(values.shape)
    is_twelve = twelve.astype(np.float32) / np.float32(_STEPS) == values
    if is_twelve.all():
        return twelve
    eight, is_eight = _eight_bit(values)
    codes = np.where(is_eight, widened(eight), twelve)
    rest = np.flatnonzero(~(is_eight | is_twelve))
    if len(rest):
        quarters = 4.0 * values.ravel()[rest]
        if not np.isin(quarters, (1.0, 2.0, 3.0)).all():
            return None
        codes.ravel()[rest] = (_FIRST_QUARTER - 1 + quarters).astype(np.uint16)
    return codes


def _eight_bit(values: Float32Array) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The nearest 8-bit numbers, and where they are exact."""
    import cv2

    numbers = np.asarray(cv2.convertScaleAbs(values, alpha=255.0), np.uint8).reshape(values.shape)
    return numbers, cv2.LUT(numbers, _EIGHT_BIT).reshape(values.shape) == values


def widened(codes: NDArray[Any]) -> NDArray[np.uint16]:
    """Codes of 8 or 16 bits as codes of 16 bits, a copy."""
    return _CODES.take(codes) if codes.dtype == np.uint8 else codes.astype(np.uint16)
