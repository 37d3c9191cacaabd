"""Fits cubic Bezier curves to many runs of points at once.

Schneider 1990, "An algorithm for automatically fitting digitized curves": least squares for the two
inner control points along given end tangents, a few Newton steps on the parameters, and a split at
the worst point where that is not near enough. All runs of all outlines of a picture go through each
step together, as arrays, which makes it fast in NumPy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "fit_cubics"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]

_REFINEMENTS = 3
# A run that misses by more than this many tolerances is split at once.
_SPLIT_RATIO = 4.0
_MAX_ROUNDS = 32
_MERGE_ROUNDS = 4
# Half the reach, in points, over which a tangent is measured where a run is split.
_TANGENT_REACH = 3


@dataclass(frozen=True)
class Runs:
    """Runs of points to be followed by smooth curves.

    Attributes:
        start, end: intp (n,), first and last point of each run (inclusive), start < end.
        leave, arrive: float64 (n, 2), unit tangents, both pointing into the run.
    """

    start: Int
    end: Int
    leave: Float
    arrive: Float

    def __len__(self) -> int:
        return len(self.start)

    def pick(self, which: NDArray[np.bool_] | Int) -> Runs:
        return Runs(self.start[which], self.end[which], self.leave[which], self.arrive[which])


def fit_cubics(
    points: Float, runs: Runs, tolerance: float, weight: Float | None = None
) -> tuple[Float, Int]:
    """Fit each run with one or more cubics that join smoothly.

    Args:
        points: float64 (m, 2).
        runs: disjoint but for shared ends.
        tolerance: largest distance of a point from its curve, in the points' unit.
        weight: float64 (m,), times which a point's distance counts; 1 if left out.

    Returns:
        control points float64 (k, 4, 2), in order of the runs' first points along them, and intp
        (k,), the first point of each cubic.
    """
    weight = np.ones(len(points)) if weight is None else weight
    travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    cut = np.concatenate([runs.start, runs.end])
    done_curves: list[Float] = []
    done: list[Runs] = []
    for attempt in range(_MAX_ROUNDS):
        if len(runs) == 0:
            break
        curves, error, worst = _fit_round(points, travelled, weight, runs, tolerance)
        # Two or three points always fit; the last round takes what there is.
        good = (error <= tolerance) | (runs.end - runs.start <= 2) | (attempt == _MAX_ROUNDS - 1)
        done_curves.append(curves[good])
        done.append(runs.pick(good))
        runs = _split(points, runs.pick(~good), worst[~good])
    if not done_curves:
        return np.zeros((0, 4, 2)), np.zeros(0, np.intp)
    pieces = Runs(*(np.concatenate(parts) for parts in zip(*map(_parts, done), strict=True)))
    order = np.argsort(pieces.start, kind="stable")
    curves, pieces = np.concatenate(done_curves)[order], pieces.pick(order)
    for turn in range(_MERGE_ROUNDS):
        curves, pieces = _merge(points, travelled, weight, curves, pieces, cut, tolerance, turn % 2)
    return curves, pieces.start


def _parts(runs: Runs) -> tuple[Int, Int, Float, Float]:
    return runs.start, runs.end, runs.leave, runs.arrive


def _merge(
    points: Float,
    travelled: Float,
    weight: Float,
    curves: Float,
    pieces: Runs,
    cut: Int,
    tolerance: float,
    odd: int,
) -> tuple[Float, Runs]:
    """Every other pair of cubics of one run as one cubic, where that is near enough.

    A run is split where the fit is worst, which is not where the fewest pieces begin and end.
    """
    one = np.arange(odd, len(pieces) - 1, 2)
    one = one[(pieces.end[one] == pieces.start[one + 1]) & ~np.isin(pieces.end[one], cut)]
    if len(one) == 0:
        return curves, pieces
    pairs = Runs(pieces.start[one], pieces.end[one + 1], pieces.leave[one], pieces.arrive[one + 1])
    merged, error, _ = _fit_round(points, travelled, weight, pairs, tolerance)
    good = error <= tolerance
    first, second = one[good], one[good] + 1
    curves, end, arrive = curves.copy(), pieces.end.copy(), pieces.arrive.copy()
    curves[first], end[first], arrive[first] = merged[good], pairs.end[good], pairs.arrive[good]
    kept = np.ones(len(pieces), np.bool_)
    kept[second] = False
    return curves[kept], Runs(pieces.start, end, pieces.leave, arrive).pick(kept)


def _fit_round(
    points: Float, travelled: Float, weight: Float, runs: Runs, tolerance: float
) -> tuple[Float, Float, Int]:
    """One cubic per run: control points (n, 4, 2), worst distance (n,), index of worst point."""
    curves, error, worst, t = _fit(points, travelled, weight, runs, None)
    # Better parameters mend a near miss, not more (Schneider's own rule).
    near = (error > tolerance) & (error <= _SPLIT_RATIO * tolerance)
    if near.any():
        chosen = runs.pick(near)
        kept = np.repeat(near, runs.end - runs.start + 1)
        curves[near], error[near], worst[near], _ = _fit(points, travelled, weight, chosen, t[kept])
    return curves, error, worst


def _fit(
    points: Float, travelled: Float, weight: Float, runs: Runs, t: Float | None
) -> tuple[Float, Float, Int, Float]:
    """Fit by chord length, or, starting from parameters `t`, with Newton steps; also returns t."""
    counts = runs.end - runs.start + 1
    offsets = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(counts)), counts)
    index = np.arange(len(owner)) + np.repeat(runs.start - offsets, counts)
    steps = 0 if t is None else _REFINEMENTS
    if t is None:
        length = np.maximum(travelled[runs.end] - travelled[runs.start], 1e-12)
        t = (travelled[index] - travelled[runs.start].take(owner)) / length.take(owner)
    samples = _Samples(points, runs, owner, offsets, index)
    inner = _solve(samples, t)
    for _ in range(steps):
        t = _nearer(samples, inner, t)
        inner = _solve(samples, t)
    x, y = _cubics(samples, inner)
    distance = (_cubic_at(x, t) - samples.x) ** 2 + (_cubic_at(y, t) - samples.y) ** 2
    distance *= weight[index] ** 2
    largest = np.maximum.reduceat(distance, offsets)
    # First point of each run that is as far away as its worst one.
    hits = np.flatnonzero(distance >= largest.take(owner))
    first = hits[np.flatnonzero(np.diff(owner[hits], prepend=-1))]
    curves = np.stack([points[runs.start], *inner, points[runs.end]], axis=1)
    return curves, np.sqrt(largest), index[first], t


class _Samples:
    """The points of all runs, and what each needs of its own run, coordinate by coordinate.

    Coordinates are counted from the first point of the run. Rows of their own, because NumPy passes
    over every second number of an array as slowly as over all of them.

    Attributes:
        x, y: float64 (m,), where each point lies.
        chord, leave, arrive: float64 (2, m), from its run's first to its last point, and tangents.
        run_chord, run_first: float64 (n, 2), of each run.
    """

    def __init__(self, points: Float, runs: Runs, owner: Int, offsets: Int, index: Int) -> None:
        self.runs, self.owner, self.offsets = runs, owner, offsets
        self.run_first = points[runs.start]
        self.run_chord = points[runs.end] - self.run_first
        first = self.of_run(self.run_first)
        self.x = points[:, 0].take(index) - first[0]
        self.y = points[:, 1].take(index) - first[1]
        self.chord, self.leave, self.arrive = map(
            self.of_run, (self.run_chord, runs.leave, runs.arrive)
        )

    def of_run(self, values: Float) -> Float:
        """For each point the values (n, k) of its run, float64 (k, m)."""
        return np.ascontiguousarray(values.T).take(self.owner, axis=1)

    def sums(self, values: Float) -> Float:
        """The sum over each run, float64 (n,)."""
        return np.asarray(np.add.reduceat(values, self.offsets))


def _solve(samples: _Samples, t: Float) -> tuple[Float, Float]:
    """Both inner control points (n, 2) by least squares along the tangents, for parameters `t`."""
    runs, sums = samples.runs, samples.sums
    s = 1.0 - t
    both = 3.0 * s * t
    b1, b2 = both * s, both * t
    beyond = b2 + t * t * t
    rest_x, rest_y = samples.x - samples.chord[0] * beyond, samples.y - samples.chord[1] * beyond
    c00, c11 = sums(np.square(b1)), sums(np.square(b2))
    c01 = sums(b1 * b2) * (runs.leave * runs.arrive).sum(axis=1)
    leave, arrive = samples.leave, samples.arrive
    x0 = sums(b1 * (rest_x * leave[0] + rest_y * leave[1]))
    x1 = sums(b2 * (rest_x * arrive[0] + rest_y * arrive[1]))
    determinant = c00 * c11 - c01 * c01
    safe = np.where(np.abs(determinant) > 1e-9, determinant, 1.0)
    chord = np.linalg.norm(samples.run_chord, axis=1)
    one = (x0 * c11 - x1 * c01) / safe
    two = (c00 * x1 - c01 * x0) / safe
    # Tangents that fold back or run away: the thirds of the chord (Schneider's heuristic).
    least, most = 1e-3 * chord, 3.0 * chord + 1e-9
    usable = (
        (np.abs(determinant) > 1e-9) & (one > least) & (two > least) & (one < most) & (two < most)
    )
    one = np.where(usable, one, chord / 3.0)[:, None]
    two = np.where(usable, two, chord / 3.0)[:, None]
    first = samples.run_first
    return first + runs.leave * one, first + samples.run_chord + runs.arrive * two


def _cubics(samples: _Samples, inner: tuple[Float, Float]) -> tuple[Float, Float]:
    """For each point the cubics x(t) and y(t) of its run: factors of t, t^2 and t^3, (3, m)."""
    one, two = (point - samples.run_first for point in inner)
    linear, square = 3.0 * one, 3.0 * (two - 2.0 * one)
    cube = samples.run_chord - linear - square
    x, y = (
        samples.of_run(np.stack([part[:, axis] for part in (linear, square, cube)], axis=1))
        for axis in (0, 1)
    )
    return x, y


def _cubic_at(cubic: Float, t: Float) -> Float:
    return np.asarray(((cubic[2] * t + cubic[1]) * t + cubic[0]) * t)


def _nearer(samples: _Samples, inner: tuple[Float, Float], t: Float) -> Float:
    """One Newton step of every parameter towards the nearest point of its curve."""
    down, rate = np.zeros((2, len(t)))
    for cubic, target in zip(_cubics(samples, inner), (samples.x, samples.y), strict=True):
        away = _cubic_at(cubic, t) - target
        cube = 3.0 * cubic[2] * t
        slope = (cube + 2.0 * cubic[1]) * t + cubic[0]
        bend = 2.0 * (cube + cubic[1])
        down += away * slope
        rate += slope * slope + away * bend
    step = np.where(np.abs(rate) > 1e-12, down / np.where(rate == 0.0, 1.0, rate), 0.0)
    return np.clip(t - np.clip(step, -0.1, 0.1), 0.0, 1.0)


def _split(points: Float, runs: Runs, worst: Int) -> Runs:
    """Cut each run at its worst point, away from its ends, with one tangent through the cut."""
    inset = np.minimum(2, (runs.end - runs.start) // 2)
    at = np.clip(worst, runs.start + inset, runs.end - inset)
    reach = np.minimum(_TANGENT_REACH, np.minimum(at - runs.start, runs.end - at))
    along = points[at - reach] - points[at + reach]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    chord = points[runs.start] - points[runs.end]
    along = np.where(length > 1e-9, along, chord) / np.maximum(
        np.where(length > 1e-9, length, np.linalg.norm(chord, axis=1, keepdims=True)), 1e-9
    )
    return Runs(
        np.concatenate([runs.start, at]),
        np.concatenate([at, runs.end]),
        np.concatenate([runs.leave, -along]),
        np.concatenate([along, runs.arrive]),
    )
