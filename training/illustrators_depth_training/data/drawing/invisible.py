"""Boundaries between layers of one colour, which nobody can see."""

from __future__ import annotations

import numpy as np

__all__ = ["invisible_boundary_fraction", "invisible_pairs", "largest_channel"]


def invisible_boundary_fraction(index: np.ndarray, colors: np.ndarray, tolerance: int = 0) -> float:
    """Return which part of the boundary between layers has the same colour on both sides.

    index: integers (H, W), the layer at each pixel. colors: uint8 (H, W, 3), the crisp picture.
    tolerance: greatest difference per channel, 0..255, at which two pixels count as of one colour.
    0.0 without boundaries.
    """
    shades = colors.astype(np.int16)
    boundary = invisible = 0
    for axis in (0, 1):
        cut = np.diff(index, axis=axis) != 0
        length = int(cut.sum())
        if length:
            step = largest_channel(np.abs(np.diff(shades, axis=axis)))
            invisible += int((step[cut] <= tolerance).sum())
            boundary += length
    return invisible / boundary if boundary else 0.0


def invisible_pairs(
    index: np.ndarray, colors: np.ndarray, tolerance: int = 0
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of layers (lower, upper) of whose border at least half cannot be seen.

    Arguments as for `invisible_boundary_fraction`; layers are given by their index.
    """
    base = int(index.max()) + 1
    shades = colors.astype(np.int16)
    codes, unseen = [], []
    for axis in (0, 1):
        low = np.minimum(*_neighbours(index, axis)).astype(np.int64)
        high = np.maximum(*_neighbours(index, axis))
        cut = low != high
        codes.append((low * base + high)[cut])
        unseen.append((largest_channel(np.abs(np.diff(shades, axis=axis))) <= tolerance)[cut])
    pairs, places, lengths = np.unique(
        np.concatenate(codes), return_inverse=True, return_counts=True
    )
    hidden = np.bincount(places, weights=np.concatenate(unseen), minlength=len(pairs))
    return tuple((int(p) // base, int(p) % base) for p in pairs[2 * hidden >= lengths])


def _neighbours(index: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of neighbouring pixels along an axis: the latter and the former of each."""
    return (index[1:], index[:-1]) if axis == 0 else (index[:, 1:], index[:, :-1])


def largest_channel(channels: np.ndarray) -> np.ndarray:
    """Return the maximum over three channels, (H, W, 3) to (H, W).

    numpy's own reduction is slow over so short an axis.
    """
    return np.maximum(np.maximum(channels[..., 0], channels[..., 1]), channels[..., 2])
