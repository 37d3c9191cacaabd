"""What junctions of outlines say about which of two regions lies above the other.

Where three regions meet, the border that goes straight through belongs to the upper one, and the
other two run on under it (T-junctions). And where a border ends at a region and another one goes on
from it on its far side in the same line or arc, that region hides what joins them ("relatability",
Kellman and Shipley 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import bending, cubic_points, turn_angles
from .hidden_ends import HiddenEnds, fitted_ends
from .outline_chains import outline_chains
from .pairing import guiding_ends

__all__ = ["OrderEvidence", "order_evidence"]

# Points of a border that are looked at from either end.
_REACH_PX = 64
# Borders of fewer points say nothing.
_MIN_CHAIN_POINTS = 5
# Two borders are one line if they turn by less than about this, radians.
_STRAIGHT_TURN = 0.35
# Of very many borders that end at one region the longest are compared.
_MAX_STEMS = 48
# Pairs of borders that are compared at once, for the sake of memory.
_BLOCK_PAIRS = 16384
# Points of a continuation that are looked at to see whether it stays inside of a region, how much
# of it has to, the bending above which nothing relates, and pixels to its sides that are looked at.
_SAMPLE_COUNT, _MIN_INSIDE, _MAX_BENDING, _ASIDE_PX = 16, 0.85, 4.0, 1.5


@dataclass(frozen=True)
class OrderEvidence:
    """Evidence for P pairs of touching regions.

    Attributes:
        regions: int32 (P, 2), region numbers, the smaller one first, rising.
        t_junctions: float32 (P,), T-junctions at which the second region goes through above the
            first, minus those at which the first does above the second, each 0..1.
        relatability: float32 (P,), the same for borders that go on on the far side of a region.
    """

    regions: NDArray[np.int32]
    t_junctions: NDArray[np.float32]
    relatability: NDArray[np.float32]


def order_evidence(labels: NDArray[np.int32]) -> OrderEvidence:
    """Evidence for the order of all touching regions of a picture.

    Args:
        labels: int32 (H, W), region numbers from 0; negative pixels belong to no region.
    """
    numbers = labels.astype(np.intp) + 1
    numbers[numbers < 0] = 0
    chains = outline_chains(numbers, split_by_lower=True)
    pairs = np.stack([chains.lower, chains.number], axis=1) - 1
    chain = np.flatnonzero(np.diff(chains.starts) >= _MIN_CHAIN_POINTS)
    ends = fitted_ends(
        chains, np.repeat(chain, 2), np.tile([False, True], len(chain)), 1, _REACH_PX
    )
    third = _third_region(numbers, ends, pairs[ends.chain] + 1) - 1
    votes = [_t_junctions(ends, pairs[ends.chain], third), _relatable(ends, pairs, third, labels)]
    touching = np.unique(pairs[(pairs >= 0).all(axis=1)], axis=0)
    count = int(numbers.max(initial=0)) + 1
    keys = touching[:, 0] * count + touching[:, 1]
    t_junctions, relatability = (_summed(vote, keys, count) for vote in votes)
    return OrderEvidence(touching.astype(np.int32), t_junctions, relatability)


_Votes = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def _summed(votes: _Votes, keys: NDArray[np.intp], count: int) -> NDArray[np.float32]:
    """Votes (upper, lower, weight) by touching pair, signed."""
    upper, lower, weight = votes
    key = np.minimum(upper, lower) * count + np.maximum(upper, lower)
    place = np.minimum(np.searchsorted(keys, key), max(0, len(keys) - 1))
    known = keys[place] == key if len(keys) else np.zeros(len(key), bool)
    signed = np.where(upper > lower, weight, -weight)
    total = np.bincount(place[known], signed[known], minlength=len(keys))
    return total.astype(np.float32)


def _third_region(
    numbers: NDArray[np.intp], ends: HiddenEnds, pair: NDArray[np.intp]
) -> NDArray[np.intp]:
    """The number that meets a border's two where it ends; 0 where there is none, or several."""
    padded = np.pad(numbers, 1)
    col, row = ends.corner.T.astype(np.intp)
    around = np.stack([padded[row + r, col + c] for r in (0, 1) for c in (0, 1)], axis=1)
    other = np.where((around != pair[:, :1]) & (around != pair[:, 1:]), around, 0)
    third = other.max(axis=1)
    single = ((other == third[:, None]) | (other == 0)).all(axis=1)
    return np.where(single, third, 0)


def _t_junctions(ends: HiddenEnds, pair: NDArray[np.intp], third: NDArray[np.intp]) -> _Votes:
    """For each end, whether the two other borders there go straight on into one another."""
    # Junctions by the place of their corner; there, each end by the region that it leads to.
    key = ends.corner[:, 1] * 65536.0 + ends.corner[:, 0]
    order = np.lexsort((third, key))
    order = order[third[order] >= 0]
    starts = np.flatnonzero(np.diff(key[order], prepend=-1.0))
    size = np.diff(starts, append=len(order))
    triple = order[starts[size == 3][:, None] + np.arange(3)] if len(order) else order[:, None]
    upper, lower, weight = [], [], []
    for stem, one, other in ((0, 1, 2), (1, 0, 2), (2, 0, 1)) if triple.shape[1] == 3 else ():
        top = ends.tangent[triple[:, one]] * ends.tangent[triple[:, other]]
        turn = np.arccos(np.clip(-top.sum(axis=1), -1.0, 1.0))
        share = np.exp(-((turn / _STRAIGHT_TURN) ** 2))
        for side in (0, 1):
            upper.append(third[triple[:, stem]])
            lower.append(pair[triple[:, stem], side])
            weight.append(share)
    return _joined_votes(upper, lower, weight)


def _relatable(
    ends: HiddenEnds,
    pairs: NDArray[np.intp],
    third: NDArray[np.intp],
    labels: NDArray[np.int32],
) -> _Votes:
    """For every two borders that end at one region, how well one goes on as the other below it."""
    stems = np.flatnonzero(third >= 0)
    stems = stems[np.lexsort((-ends.support[stems], third[stems]))]
    one, other = _every_two(np.flatnonzero(np.diff(third[stems], prepend=-1)), len(stems))
    upper, lower, weight = [], [], []
    for begin in range(0, len(one), _BLOCK_PAIRS):
        block = slice(begin, begin + _BLOCK_PAIRS)
        first, second = stems[one[block]], stems[other[block]]
        shared = [pairs[ends.chain[first], i] == pairs[ends.chain[second], j] for i, j in _SIDES]
        both = np.logical_or.reduce(shared)
        first, second = first[both], second[both]
        region = third[first]
        share = _relation(ends, first, second, labels, region)
        for (side, _), agree in zip(_SIDES, shared, strict=True):
            agree = agree[both]
            upper.append(region[agree])
            lower.append(pairs[ends.chain[first[agree]], side])
            weight.append(share[agree])
    return _joined_votes(upper, lower, weight)


def _every_two(starts: NDArray[np.intp], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of every two of the first `_MAX_STEMS` of each run of `count` sorted stems."""
    sizes = np.minimum(np.diff(starts, append=count), _MAX_STEMS)
    one, other = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for size in np.unique(sizes).tolist():
        low, high = np.nonzero(np.triu(np.ones((size, size), bool), 1))
        first = starts[sizes == size][:, None]
        one.append((first + low).ravel())
        other.append((first + high).ravel())
    return np.concatenate(one), np.concatenate(other)


_SIDES = ((0, 0), (0, 1), (1, 0), (1, 1))


def _relation(
    ends: HiddenEnds,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    labels: NDArray[np.int32],
    region: NDArray[np.intp],
) -> NDArray[np.float64]:
    """How well each two ends go on as one another inside their region, 0..1."""
    start, leaving = ends.anchor[first], ends.tangent[first]
    stop, arriving = ends.anchor[second], -ends.tangent[second]
    length, one, other = turn_angles(start, leaving, stop, arriving)
    bend = bending(one, other)
    bend = np.where(guiding_ends(ends, first, second), 0.1 * bend, bend)
    points = cubic_points(start, leaving, stop, arriving, _SAMPLE_COUNT)[:, 1:-1]
    # On both of its sides: else it runs along a border that is seen.
    chord = (stop - start) / np.maximum(length, 1e-6)[:, None]
    aside = _ASIDE_PX * np.stack([chord[:, 1], -chord[:, 0]], axis=1)[:, None]
    inside = np.minimum(
        _share_inside(points + aside, labels, region), _share_inside(points - aside, labels, region)
    )
    support = np.minimum(ends.support[first], ends.support[second])
    share = np.exp(-bend) / (1.0 + 0.25 * length / np.maximum(support, 4.0))
    return np.where((inside >= _MIN_INSIDE) & (bend < _MAX_BENDING), share, 0.0)


def _share_inside(
    points: NDArray[np.float64], labels: NDArray[np.int32], region: NDArray[np.intp]
) -> NDArray[np.float64]:
    """The share of each row of points, x and y (n, k, 2), that lies in its region (n,)."""
    height, width = labels.shape
    col = np.clip(np.floor(points[..., 0]).astype(np.intp), 0, width - 1)
    row = np.clip(np.floor(points[..., 1]).astype(np.intp), 0, height - 1)
    return np.asarray((labels[row, col] == region[:, None]).mean(axis=1))


def _joined_votes(
    upper: list[NDArray[np.intp]], lower: list[NDArray[np.intp]], weight: list[NDArray[np.float64]]
) -> _Votes:
    if not upper:
        return np.zeros(0, np.intp), np.zeros(0, np.intp), np.zeros(0)
    return np.concatenate(upper), np.concatenate(lower), np.concatenate(weight)
