"""Colour primaries: matrices from the RGB of one set of chromaticities to that of another.

A set is (red x, y, green x, y, blue x, y, white x, y) in CIE 1931. White points are adapted with
the Bradford transform, as ICC.1 does. Source: SMPTE RP 177, "Derivation of Basic Television Color
Equations".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["REC_709", "conversion_matrix", "luminance_weights"]

REC_709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)

# Chromaticities nearer than this are the same ones, rounded.
_TOLERANCE = 2e-3

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def conversion_matrix(primaries: Sequence[float]) -> NDArray[np.float32] | None:
    """3x3 from linear RGB of these primaries to linear Rec. 709 RGB.

    None when there is nothing to convert, or the primaries span no colours.
    """
    if np.allclose(primaries, REC_709, atol=_TOLERANCE):
        return None
    try:
        matrix = np.linalg.inv(_to_xyz(REC_709)) @ _adaptation(primaries) @ _to_xyz(primaries)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return None
    if not np.isfinite(matrix).all():
        return None
    return matrix.astype(np.float32)


def luminance_weights(primaries: Sequence[float]) -> tuple[float, float, float]:
    """How much of luminance red, green and blue give; they add up to 1."""
    try:
        red, green, blue = (float(weight) for weight in _to_xyz(primaries)[1])
    except (np.linalg.LinAlgError, ZeroDivisionError):
        return luminance_weights(REC_709)
    usable = np.isfinite([red, green, blue]).all() and abs(green) > _TOLERANCE
    return (red, green, blue) if usable else luminance_weights(REC_709)


def _to_xyz(primaries: Sequence[float]) -> NDArray[np.float64]:
    """3x3 from linear RGB to XYZ, with white at Y = 1."""
    points = np.array(primaries, np.float64).reshape(4, 2)
    columns = np.stack([_xyz(x, y) for x, y in points[:3]], axis=1)
    scale: NDArray[np.float64] = np.linalg.solve(columns, _xyz(*points[3]))
    return columns * scale


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    if y == 0.0:
        raise ZeroDivisionError("chromaticity")
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _adaptation(primaries: Sequence[float]) -> NDArray[np.float64]:
    """3x3 in XYZ from the primaries' white to that of Rec. 709."""
    source, target = _BRADFORD @ _xyz(*primaries[6:8]), _BRADFORD @ _xyz(*REC_709[6:8])
    matrix: NDArray[np.float64] = np.linalg.inv(_BRADFORD) @ np.diag(target / source) @ _BRADFORD
    return matrix
