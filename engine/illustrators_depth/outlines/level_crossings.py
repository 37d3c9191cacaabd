"""Where the outlines of nested masks cross the pixel grid, one place for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .smooth_field import REACH, TILE, smooth_tile, sweep_count

__all__ = ["LevelCrossings", "level_crossings"]

_LEVEL = np.float32(0.5)


@dataclass(frozen=True)
class LevelCrossings:
    """Places between neighbouring pixels of different level.

    Attributes:
        across: float32 (H, W - 1), 0..1: how far from each pixel's centre to that of its right
            neighbour the outline runs; without meaning where both have the same level.
        down: float32 (H - 1, W): the same towards the lower neighbour.
        joined: int64 (n, 3), sorted: (row, column, level) of the squares of four pixels, named by
            their upper left one, whose two opposite pixels of at least this level hang together.
    """

    across: NDArray[np.float32]
    down: NDArray[np.float32]
    joined: NDArray[np.int64]


def level_crossings(levels: NDArray[np.int32], smoothing: float) -> LevelCrossings:
    """Smooth the outlines of all masks `levels >= k` as `smooth_field` does, brought together.

    Where several masks end between the same two pixels their outlines would lie a hair apart, from
    what else is near each of them; here all take the mean place, so that they coincide exactly.

    Args:
        levels: int32 (H, W).
        smoothing: 0 (pixel outlines) .. 1.
    """
    height, width = levels.shape
    sweeps = sweep_count(smoothing)
    across = np.full((height, width - 1), _LEVEL)
    down = np.full((height - 1, width), _LEVEL)
    joined: list[NDArray[np.int64]] = []
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            rows = slice(max(0, top - REACH), min(height, top + TILE + REACH))
            cols = slice(max(0, left - REACH), min(width, left + TILE + REACH))
            # One row and column further, for the steps to the next tile.
            inner = (
                slice(top - rows.start, min(top + TILE + 1, height) - rows.start),
                slice(left - cols.start, min(left + TILE + 1, width) - cols.start),
            )
            around = levels[rows, cols]
            present = _distinct(around[inner])
            if len(present) == 1:
                continue
            right, below, saddles = _tile(around, inner, present, sweeps)
            across[top : top + TILE, left : left + TILE] = right[:TILE]
            down[top : top + TILE, left : left + TILE] = below[:, :TILE]
            joined.append(saddles + np.array([top, left, 0]))
    found = np.concatenate(joined) if joined else np.zeros((0, 3), np.int64)
    return LevelCrossings(across, down, np.unique(found, axis=0))


def _distinct(levels: NDArray[np.int32]) -> NDArray[np.int32]:
    """The levels that occur, rising; counting is faster than sorting here."""
    low = int(levels.min())
    return (np.flatnonzero(np.bincount((levels - low).ravel())) + low).astype(np.int32)


def _tile(
    around: NDArray[np.int32],
    inner: tuple[slice, slice],
    present: NDArray[np.int32],
    sweeps: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """Crossings to the right and below, and joined squares, of the inner part of one tile."""
    shape = around[inner].shape
    right = np.zeros((shape[0], shape[1] - 1), np.float32)
    below = np.zeros((shape[0] - 1, shape[1]), np.float32)
    joined = []
    for lower, level in pairwise(present):
        mask = around >= level
        field = smooth_tile(mask, sweeps) if sweeps else mask.astype(np.float32)
        mask, field = mask[inner], field[inner]
        # All masks between `lower` and `level` are this one.
        weight = np.float32(level - lower)
        _add(right, weight, mask[:, :-1] != mask[:, 1:], field[:, :-1], field[:, 1:])
        _add(below, weight, mask[:-1] != mask[1:], field[:-1], field[1:])
        diagonal = (mask[:-1, :-1] == mask[1:, 1:]) & (mask[:-1, 1:] == mask[1:, :-1])
        where = np.nonzero(diagonal & (mask[:-1, :-1] != mask[:-1, 1:]))
        r, c = where
        total = field[r, c] + field[r, c + 1] + field[r + 1, c] + field[r + 1, c + 1]
        together = total > 4.0 * _LEVEL
        joined.append(np.stack([r, c, np.full(len(r), level)], axis=1)[together])
    levels = around[inner]
    step_right = np.abs(levels[:, 1:] - levels[:, :-1]).astype(np.float32)
    step_below = np.abs(levels[1:] - levels[:-1]).astype(np.float32)
    half = np.full(1, _LEVEL)
    return (
        np.where(step_right > 0, right / np.maximum(step_right, 1), half),
        np.where(step_below > 0, below / np.maximum(step_below, 1), half),
        np.concatenate(joined).astype(np.int64),
    )


def _add(
    total: NDArray[np.float32],
    weight: np.float32,
    differ: NDArray[np.bool_],
    one: NDArray[np.float32],
    other: NDArray[np.float32],
) -> None:
    """Add the weighted place of a mask's crossings to `total`."""
    first, second = one[differ], other[differ]
    total[differ] += weight * (_LEVEL - first) / (second - first)
