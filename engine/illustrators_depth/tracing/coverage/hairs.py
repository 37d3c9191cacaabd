"""Strokes and gaps narrower than half a pixel: coverage in which they have outlines, too."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["hair_field", "hairs"]

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
