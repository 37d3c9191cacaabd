"""The colour of a PNG without a profile: its gamma, chromaticities and coding-independent points.

Which chunk counts, and what it means: PNG Third Edition, sections 4.3 and 11.3.2; transfer
functions and primaries by number: ITU-T H.273.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .primaries import REC_709, conversion_matrix
from .transfer import linear_to_srgb, srgb_to_linear

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..pictures.png_file import PngHeader

__all__ = ["PngColor", "png_color"]

_SRGB_GAMMA = 1 / 2.2
# Within this part of 1/2.2 a gamma is meant as sRGB's, which it approximates.
_GAMMA_TOLERANCE = 0.05
# Gammas outside of this are damage.
_MIN_GAMMA, _MAX_GAMMA = 0.01, 100.0
# The chunks gAMA and cHRM hold whole numbers: values times this.
_CHUNK_UNIT = 100_000
_GAMMA_BYTES, _CHROMATICITY_BYTES = 4, 32

# H.273's ColourPrimaries, in the order of `primaries.py`.
_PRIMARIES = {
    1: REC_709,
    4: (0.67, 0.33, 0.21, 0.71, 0.14, 0.08, 0.310, 0.316),
    5: (0.64, 0.33, 0.29, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    6: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
    7: (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
# H.273's TransferCharacteristics.
_SRGB, _LINEAR, _REC_709 = 13, 8, (1, 6, 14, 15)
_GAMMAS = {4: 1 / 2.2, 5: 1 / 2.8}
_HIGH_DYNAMIC_RANGE = {16: "PQ", 18: "HLG"}


@dataclass(frozen=True)
class PngColor:
    """How a file's values become sRGB.

    Attributes:
        name: for messages, such as "gamma 0.5".
        gamma: the exponent that encoded light; None for sRGB's curve, 0 for Rec. 709's.
        matrix: float32 3x3, from the file's linear RGB to that of Rec. 709; None where they are the
            same.
        supported: False where the file says what its colour is and we do not convert it.
    """

    name: str
    gamma: float | None = None
    matrix: NDArray[np.float32] | None = None
    supported: bool = True

    def to_srgb(self, rgb: NDArray[np.float32]) -> NDArray[np.float32]:
        """Convert float32 (..., 3), 0..1; `rgb` itself where it is not supported."""
        if not self.supported:
            return rgb
        if self.gamma is None:
            linear = srgb_to_linear(rgb)
        elif self.gamma == 0.0:
            linear = _rec_709_to_linear(rgb)
        else:
            linear = np.power(rgb, np.float32(1.0 / self.gamma)).astype(np.float32, copy=False)
        if self.matrix is not None:
            linear = linear @ self.matrix.T
        return linear_to_srgb(linear)


def _rec_709_to_linear(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Linear light from values encoded by the curve of ITU-R BT.709, section 1.2."""
    high = np.power((rgb + np.float32(0.099)) / np.float32(1.099), np.float32(1 / 0.45))
    return np.where(rgb < 0.081, rgb / np.float32(4.5), high).astype(np.float32, copy=False)


def png_color(header: PngHeader) -> PngColor | None:
    """What a file says of its colour in chunks other than a profile.

    None where it says nothing, says sRGB, or leaves it to its embedded profile.
    """
    chunks = header.color
    code = chunks.get(b"cICP", b"")  # four bytes: coding-independent code points
    coded = _coded(*code) if len(code) == 4 else None
    if coded is not None and (coded.supported or b"iCCP" not in chunks):
        return coded
    if code or b"iCCP" in chunks or b"sRGB" in chunks:
        return None
    gamma, matrix = _gamma(chunks.get(b"gAMA", b"")), _matrix(chunks.get(b"cHRM", b""))
    if gamma is None and matrix is None:
        return None
    words = [f"gamma {gamma:.4g}"] if gamma is not None else []
    words += ["chromaticities"] if matrix is not None else []
    return PngColor(" and ".join(words), gamma, matrix)


def _coded(primaries: int, transfer: int, matrix: int, full_range: int) -> PngColor | None:
    """The colour of H.273's numbers; None for sRGB."""
    name = f"cICP {primaries}/{transfer}/{matrix}/{full_range}"
    if transfer in _HIGH_DYNAMIC_RANGE:
        name = f"high dynamic range ({_HIGH_DYNAMIC_RANGE[transfer]})"
    is_known = transfer in (_SRGB, _LINEAR, *_REC_709, *_GAMMAS) and primaries in _PRIMARIES
    if not is_known or matrix != 0 or full_range != 1:
        return PngColor(name, supported=False)
    gamma = {_SRGB: None, _LINEAR: 1.0, **_GAMMAS}.get(transfer, 0.0)
    convert = conversion_matrix(_PRIMARIES[primaries])
    return None if gamma is None and convert is None else PngColor(name, gamma, convert)


def _gamma(chunk: bytes) -> float | None:
    """The exponent in a gAMA chunk; None if it is absent, damaged, or means sRGB."""
    if len(chunk) != _GAMMA_BYTES:
        return None
    gamma = int(struct.unpack(">I", chunk)[0]) / _CHUNK_UNIT
    usual = abs(gamma / _SRGB_GAMMA - 1.0) < _GAMMA_TOLERANCE
    return None if usual or not _MIN_GAMMA <= gamma <= _MAX_GAMMA else gamma


def _matrix(chunk: bytes) -> NDArray[np.float32] | None:
    """The matrix of a cHRM chunk's chromaticities; None if it is absent, damaged, or Rec. 709's."""
    if len(chunk) != _CHROMATICITY_BYTES:
        return None
    values = [value / _CHUNK_UNIT for value in struct.unpack(">8I", chunk)]
    return conversion_matrix([*values[2:], *values[:2]])  # the chunk begins with white
