"""Finds exact and near duplicates across all sources by two small fingerprints per picture.

Two pictures are near duplicates when their difference hashes (256 bits) differ in few bits *and*
their 8 x 8 colour thumbnails agree everywhere: a recoloured or retouched variant is no duplicate.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from dataclasses import dataclass

import cv2
import numpy as np

__all__ = ["DuplicateFilter", "Fingerprint", "fingerprint"]

_SIDE = 16
_BAND_COUNT = 16  # of 16 bits: with at most 15 differing bits one band is equal
_MAX_DIFFERING_BITS = 8
_MAX_MEAN_DIFFERENCE = 3.0
_MAX_DIFFERENCE = 20.0


@dataclass(frozen=True)
class Fingerprint:
    """exact: hash of picture and index; shape: 32 bytes; thumbnail: uint8 (8, 8, 3) as bytes."""

    exact: str
    shape: bytes
    thumbnail: bytes

    def to_json(self) -> list[str]:
        encoded = [base64.b85encode(part).decode("ascii") for part in (self.shape, self.thumbnail)]
        return [self.exact, *encoded]

    @staticmethod
    def from_json(parts: list[str]) -> Fingerprint:
        return Fingerprint(parts[0], base64.b85decode(parts[1]), base64.b85decode(parts[2]))


def fingerprint(rgb: np.ndarray, index: np.ndarray) -> Fingerprint:
    """Return the fingerprints of a pair: uint8 (H, W, 3) and int (H, W)."""
    content = hashlib.sha256(np.ascontiguousarray(rgb).tobytes())
    content.update(index.astype("<i4").tobytes())
    small = cv2.resize(
        np.ascontiguousarray(rgb), (_SIDE + 1, _SIDE), interpolation=cv2.INTER_AREA
    ).astype(np.int32)
    # Weighted unevenly, so that hues of equal lightness still make an edge.
    grey = small @ np.array([3, 5, 2])
    bits = np.packbits(grey[:, 1:] > grey[:, :-1])
    thumbnail = cv2.resize(np.ascontiguousarray(rgb), (8, 8), interpolation=cv2.INTER_AREA)
    return Fingerprint(content.hexdigest()[:32], bits.tobytes(), thumbnail.tobytes())


class DuplicateFilter:
    """Remembers pictures and says whether the next one was met before."""

    def __init__(self, *, near: bool = True) -> None:
        self._near = near
        self._exact: set[str] = set()
        self._bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
        self._count = 0
        self._shapes = np.zeros((1024, _SIDE * _SIDE // 8), np.uint8)
        self._thumbnails = np.zeros((1024, 8 * 8 * 3), np.int16)

    def verdict(self, print_: Fingerprint) -> str | None:
        """Return "duplicate", "near-duplicate" or None; what is new is remembered."""
        if print_.exact in self._exact:
            return "duplicate"
        self._exact.add(print_.exact)
        if not self._near:
            return None
        shape = np.frombuffer(print_.shape, np.uint8)
        thumbnail = np.frombuffer(print_.thumbnail, np.uint8).astype(np.int16)
        width = len(print_.shape) // _BAND_COUNT
        bands = [(i, print_.shape[i * width : (i + 1) * width]) for i in range(_BAND_COUNT)]
        # A band of zeros or ones is a plain area that thousands share: it tells nothing.
        telltale_bands = [b for b in bands if b[1].strip(b"\x00") and b[1].strip(b"\xff")] or bands[
            :1
        ]
        candidates = sorted({number for band in telltale_bands for number in self._bands[band]})
        if candidates and self._any_close(shape, thumbnail, np.array(candidates)):
            return "near-duplicate"
        self._remember(shape, thumbnail)
        for band in telltale_bands:
            self._bands[band].append(self._count - 1)
        return None

    def _any_close(self, shape: np.ndarray, thumbnail: np.ndarray, candidates: np.ndarray) -> bool:
        step = np.abs(self._thumbnails[candidates] - thumbnail)
        candidates = candidates[
            (step.max(axis=1) <= _MAX_DIFFERENCE) & (step.mean(axis=1) <= _MAX_MEAN_DIFFERENCE)
        ]
        bits = np.unpackbits(self._shapes[candidates] ^ shape, axis=1).sum(axis=1)
        return bool((bits <= _MAX_DIFFERING_BITS).any())

    def _remember(self, shape: np.ndarray, thumbnail: np.ndarray) -> None:
        if self._count == len(self._shapes):
            self._shapes = np.concatenate([self._shapes, np.zeros_like(self._shapes)])
            self._thumbnails = np.concatenate([self._thumbnails, np.zeros_like(self._thumbnails)])
        self._shapes[self._count] = shape
        self._thumbnails[self._count] = thumbnail
        self._count += 1
