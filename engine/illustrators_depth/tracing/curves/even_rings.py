"""Closed outlines as evenly spaced points, all rings of a picture in one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["HIDDEN_BELOW", "SPACING_PX", "EvenRings", "next_of_ring", "resample", "smooth_hidden"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

# Distance between points of the resampled outline, in pixels.
SPACING_PX = 0.75
_MIN_POINTS = 8
HIDDEN_BELOW = 0.5
"""Points that weigh less than this are hidden."""
# Rounds of averaging with both neighbours; each moves a kink by at most a quarter of a step.
_HIDDEN_ROUNDS = 6


@dataclass(frozen=True)
class EvenRings:
    """Closed rings in one array; `neighbour` follows them around.

    Attributes:
        points: float64 (m, 2), in pixels.
        start, count: intp (rings,), where each ring begins and how many points it has.
        weight: float64 (m,), times which a point's distance counts; less than `HIDDEN_BELOW` where
            nobody sees it.
    """

    points: Float
    start: Int
    count: Int
    weight: Float

    @property
    def hidden(self) -> Bool:
        return np.asarray(self.weight < HIDDEN_BELOW)

    @cached_property
    def owner(self) -> Int:
        return np.repeat(np.arange(len(self.start)), self.count)

    def neighbour(self, index: Int, owner: Int, step: Int | int) -> Int:
        first = self.start[owner]
        return first + (index - first + step) % self.count[owner]


def resample(rings: Sequence[Float], weights: Sequence[Float]) -> EvenRings:
    """Points along rings, `SPACING_PX` apart, at least a few on each.

    Args:
        rings: each float64 (n, 2), closed, not repeated at the end, in pixels.
        weights: for each ring float64 (n,).
    """
    closed = [np.concatenate([ring, ring[:1]]) for ring in rings]
    sizes = np.array([len(ring) for ring in closed])
    joined = np.concatenate(closed)
    first = np.cumsum(sizes) - sizes
    steps = np.linalg.norm(np.diff(joined, axis=0), axis=1)
    # The jump from one ring to the next: any positive length, since nothing is sampled there.
    steps[first[1:] - 1] = 1.0
    travelled = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-9))])
    begin = travelled[first]
    length = travelled[first + sizes - 1] - begin
    count = np.maximum(_MIN_POINTS, np.rint(length / SPACING_PX)).astype(np.intp)
    start = np.cumsum(count) - count
    owner = np.repeat(np.arange(len(count)), count)
    local = np.arange(int(count.sum())) - start[owner]
    where = begin[owner] + local * (length / count)[owner]
    x = np.interp(where, travelled, joined[:, 0])
    y = np.interp(where, travelled, joined[:, 1])
    weight = np.interp(where, travelled, np.concatenate([np.append(w, w[:1]) for w in weights]))
    return EvenRings(np.stack([x, y], axis=1), start.astype(np.intp), count, weight)


def smooth_hidden(rings: EvenRings) -> EvenRings:
    """The same rings with their hidden stretches smoothed: those outlines are invented."""
    at = np.flatnonzero(rings.hidden)
    if len(at) == 0:
        return rings
    owner = rings.owner[at]
    before, after = rings.neighbour(at, owner, -1), rings.neighbour(at, owner, 1)
    points = rings.points.copy()
    for _ in range(_HIDDEN_ROUNDS):
        points[at] = 0.5 * points[at] + 0.25 * (points[before] + points[after])
    return EvenRings(points, rings.start, rings.count, rings.weight)


def next_of_ring(ring: Int) -> Int:
    """For rows sorted by their ring: the next row of the same one, the first after the last."""
    after = np.arange(1, len(ring) + 1)
    begin = np.flatnonzero(np.append(True, ring[1:] != ring[:-1])[: len(ring)])
    after[np.append(begin[1:], len(ring))[: len(begin)] - 1] = begin
    return after
