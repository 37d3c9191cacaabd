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
    index = np.arange(int(counts.sum())) - offsets[owner] + runs.start[owner]
    target = points.take(index, axis=0)
    steps = 0 if t is None else _REFINEMENTS
    if t is None:
        length = np.maximum(travelled[runs.end] - travelled[runs.start], 1e-12)
        t = (travelled[index] - travelled[runs.start[owner]]) / length[owner]
    curves = _solve(target, t, owner, offsets, runs, points)
    for _ in range(steps):
        t = _nearer(curves.take(owner, axis=0), target, t)
        curves = _solve(target, t, owner, offsets, runs, points)
    away = target - _evaluate(curves.take(owner, axis=0), t)
    distance = _dot(away, away) * weight[index] ** 2
    largest = np.maximum.reduceat(distance, offsets)
    # First point of each run that is as far away as its worst one.
    hits = np.flatnonzero(distance >= largest[owner])
    _, first = np.unique(owner[hits], return_index=True)
    return curves, np.sqrt(largest), index[hits[first]], t


def _solve(target: Float, t: Float, owner: Int, offsets: Int, runs: Runs, points: Float) -> Float:
    """Least-squares lengths of both tangents, for given parameters."""
    first, last = points[runs.start], points[runs.end]
    s = 1.0 - t
    b0, b1, b2, b3 = s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t
    rest = (
        target
        - first.take(owner, axis=0) * (b0 + b1)[:, None]
        - last.take(owner, axis=0) * (b2 + b3)[:, None]
    )
    cross = _dot(runs.leave, runs.arrive)
    c00 = np.add.reduceat(b1 * b1, offsets)
    c11 = np.add.reduceat(b2 * b2, offsets)
    c01 = np.add.reduceat(b1 * b2, offsets) * cross
    x0 = np.add.reduceat(b1 * _dot(rest, runs.leave.take(owner, axis=0)), offsets)
    x1 = np.add.reduceat(b2 * _dot(rest, runs.arrive.take(owner, axis=0)), offsets)
    determinant = c00 * c11 - c01 * c01
    safe = np.where(np.abs(determinant) > 1e-9, determinant, 1.0)
    chord = np.linalg.norm(last - first, axis=1)
    one = (x0 * c11 - x1 * c01) / safe
    two = (c00 * x1 - c01 * x0) / safe
    # Tangents that fold back or run away: the thirds of the chord (Schneider's heuristic).
    least, most = 1e-3 * chord, 3.0 * chord + 1e-9
    usable = (
        (np.abs(determinant) > 1e-9) & (one > least) & (two > least) & (one < most) & (two < most)
    )
    one = np.where(usable, one, chord / 3.0)[:, None]
    two = np.where(usable, two, chord / 3.0)[:, None]
    return np.stack([first, first + runs.leave * one, last + runs.arrive * two, last], axis=1)


def _evaluate(curves: Float, t: Float) -> Float:
    s = 1.0 - t
    return _blend((s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t), curves)


def _nearer(curves: Float, target: Float, t: Float) -> Float:
    """One Newton step of every parameter towards the nearest point of its curve."""
    legs = 3.0 * (curves[:, 1:] - curves[:, :-1])
    bends = 2.0 * (legs[:, 1:] - legs[:, :-1])
    s = 1.0 - t
    slope = _blend((s * s, 2.0 * s * t, t * t), legs)
    bend = _blend((s, t), bends)
    away = _evaluate(curves, t) - target
    down = _dot(away, slope)
    rate = _dot(slope, slope) + _dot(away, bend)
    step = np.where(np.abs(rate) > 1e-12, down / np.where(rate == 0.0, 1.0, rate), 0.0)
    return np.clip(t - np.clip(step, -0.1, 0.1), 0.0, 1.0)


# Spelled out for the two coordinates: einsum and indexing by rows take several times as long.
def _dot(one: Float, other: Float) -> Float:
    return np.asarray(one[:, 0] * other[:, 0] + one[:, 1] * other[:, 1])


def _blend(weights: tuple[Float, ...], points: Float) -> Float:
    """Sums of weights[i] (n,) x points[:, i] (n, 2) over i."""
    made = np.zeros((len(points), 2))
    for number, weight in enumerate(weights):
        made[:, 0] += weight * points[:, number, 0]
        made[:, 1] += weight * points[:, number, 1]
    return made


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
