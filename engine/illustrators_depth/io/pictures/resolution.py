"""A picture's resolution: how many of its pixels make an inch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

__all__ = ["dpi_of_info", "dpi_of_tiff", "turned_dpi"]

# Beyond these a resolution is a mistake of the writer; 1 is what Pillow gives for none at all.
_MIN_DPI, _MAX_DPI = 2.0, 100_000.0

_CM_PER_INCH = 2.54
_UNIT_INCH, _UNIT_CM = 2, 3  # TIFF ResolutionUnit
_FIRST_TURNED = 5  # EXIF orientations from 5 on swap width and height


def dpi_of_info(info: Mapping[Any, Any]) -> tuple[float, float] | None:
    """Pixels per inch along x and y from Pillow's `info`; None when the file does not say."""
    dpi = info.get("dpi")
    if not isinstance(dpi, tuple | list) or len(dpi) != 2:
        return None
    return _plausible(dpi[0], dpi[1])


def dpi_of_tiff(x: Any, y: Any, unit: int) -> tuple[float, float] | None:
    """Pixels per inch from TIFF's XResolution, YResolution and ResolutionUnit."""
    factor = {_UNIT_INCH: 1.0, _UNIT_CM: _CM_PER_INCH}.get(unit)
    if factor is None or x is None or y is None:
        return None
    return _plausible(x, y, factor)


def turned_dpi(dpi: tuple[float, float] | None, orientation: int) -> tuple[float, float] | None:
    """The resolution once EXIF `orientation` (1 to 8) has been applied to the pixels."""
    if dpi is None or orientation < _FIRST_TURNED:
        return dpi
    return dpi[1], dpi[0]


def _plausible(x: Any, y: Any, factor: float = 1.0) -> tuple[float, float] | None:
    try:
        values = (float(Fraction(x)) * factor, float(Fraction(y)) * factor)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not all(math.isfinite(v) and _MIN_DPI <= v <= _MAX_DPI for v in values):
        return None
    # Metres and fractions round: 300 dpi is 11811 pixels per metre, which reads as 299.9994.
    return tuple(float(round(v)) if abs(v - round(v)) < 0.02 else v for v in values)  # type: ignore[return-value]
