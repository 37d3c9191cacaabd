"""Which hidden ends of a layer's outlines belong together.

Every head (where an outline leads into what is hidden) goes on to a tail (where one comes out), or
leaves the picture: the assignment of least bending ("relatability", Kellman and Shipley 1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .assignment import least_cost_assignment
from .curves import bending, corner_places, cubic_points, ray_points, turn_angles
from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains

__all__ = ["Pairing", "closing_partners", "corner_paths", "guiding_ends", "is_hidden", "pair_ends"]

# Points of a curve at which it is tested whether it stays hidden.
_SAMPLE_COUNT = 24
# Cost of a curve that nothing hides all along; a half circle bends for 10.
_VISIBLE_COST = 60.0
# Cost of a gap, by the logarithm of its length against the outline seen at both of its ends.
_GAP_COST = 1.2
# Highest cost of closing a part of the shape where it is cut off.
_CLOSING_COST = 3.0
# Costs of an end that leaves the picture, and of one without a partner.
_EXIT_COST, _UNPAIRED_COST = 2.5, 40.0
# Cost of a corner where straight edges meet, and of how far that is from what is seen of them.
_CORNER_COST, _CORNER_GAP_COST = 0.5, 1.2
# A corner is at most so many times as far away as either straight edge is long where it is seen,
# and turns by an angle between these (radians).
_MAX_CORNER_RATIO, _MIN_TURN, _MAX_TURN = 10.0, 0.3, 2.9
# One line or circle explains both ends if it passes the other within so many pixels, more where it
# is fitted to little; then bending costs this share.
_MISS_PX, _MISS_SHARE, _MAX_MISS_PX, _ONE_CURVE_COST = 1.0, 0.4, 4.0, 0.1
# Directions are known to this many pixels over the length that is seen.
_DIRECTION_PX = 0.7


@dataclass(frozen=True)
class Pairing:
    """Which ends of a layer belong together, leave the picture or stay without a partner.

    Attributes:
        heads, tails: int (p,), ends that belong together.
        exits: int (e,), ends whose outline leaves the picture.
        unpaired: int (a,), ends without a partner.
        closing: bool (p,), whether each pair closes one part of the shape where it is cut off.
        guides: int (p,), of each pair, the end whose line or circle explains the other end, too;
            -1 where neither's does.
    """

    heads: NDArray[np.intp]
    tails: NDArray[np.intp]
    exits: NDArray[np.intp]
    unpaired: NDArray[np.intp]
    closing: NDArray[np.bool_]
    guides: NDArray[np.intp]


def closing_partners(
    ends: HiddenEnds, covered: OutlineChains, number: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each end, the one at the other end of the border along which its part is cut off, and the
    number of that border among the covered chains; or -1.

    Args:
        covered: of the whole picture.
        number: of the layer among them.
    """
    own = np.flatnonzero(covered.number == number)
    partner, border = np.full((2, len(ends.chain)), -1, np.intp)
    places = zip(ends.corner.tolist(), ends.is_head.tolist(), strict=True)
    end_at = {(*corner, is_head): end for end, (corner, is_head) in enumerate(places)}
    for chain in own.tolist():
        one, other = covered.corners[chain].tolist()
        head, tail = end_at.get((*one, True), -1), end_at.get((*other, False), -1)
        if head >= 0 and tail >= 0:
            partner[head], partner[tail] = tail, head
            border[head] = border[tail] = chain
    return partner, border


def pair_ends(ends: HiddenEnds, partner: NDArray[np.intp], above: NDArray[np.bool_]) -> Pairing:
    """Pair the ends of one layer.

    Args:
        partner: the first of `closing_partners`.
        above: bool (H, W), where a higher layer is seen.
    """
    heads, tails = np.flatnonzero(ends.is_head), np.flatnonzero(~ends.is_head)
    guides = _guides(ends)[np.ix_(heads, tails)]
    closing = partner[heads][:, None] == tails[None]
    cost = _pair_costs(ends, heads, tails, guides >= 0, closing, above)
    exit_cost = _exit_costs(ends, above)
    # What an end costs without a partner: a pair has to be cheaper than both of its ends apart.
    single_cost = np.minimum(exit_cost, _UNPAIRED_COST)
    gain = np.minimum(cost - single_cost[heads][:, None] - single_cost[tails][None], 0.0)
    row, col = _assigned(gain)
    paired = gain[row, col] < 0.0
    row, col = row[paired], col[paired]
    single = np.concatenate([np.delete(heads, row), np.delete(tails, col)])
    leaves = exit_cost[single] < _UNPAIRED_COST
    return Pairing(
        heads=heads[row],
        tails=tails[col],
        exits=single[leaves],
        unpaired=single[~leaves],
        closing=closing[row, col],
        guides=guides[row, col],
    )


def _assigned(cost: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the assignment of least cost."""
    if 0 in cost.shape:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    if cost.shape[0] <= cost.shape[1]:
        return np.arange(cost.shape[0]), least_cost_assignment(cost)
    return least_cost_assignment(cost.T), np.arange(cost.shape[1])


def _pair_costs(
    ends: HiddenEnds,
    heads: NDArray[np.intp],
    tails: NDArray[np.intp],
    one_curve: NDArray[np.bool_],
    closing: NDArray[np.bool_],
    above: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Costs (heads, tails) of bending, of the gap, and of the curve's visible share."""
    shape = (len(heads), len(tails), 2)
    start, leaving = (
        np.broadcast_to(v[heads][:, None], shape) for v in (ends.anchor, ends.tangent)
    )
    stop = np.broadcast_to(ends.anchor[tails][None], shape)
    arriving = np.broadcast_to(-ends.tangent[tails][None], shape)
    length, one, other = turn_angles(start, leaving, stop, arriving)
    one, other = (
        np.sign(angle) * np.maximum(np.abs(angle) - _DIRECTION_PX / known, 0.0)
        for angle, known in (
            (one, ends.support[heads][:, None]),
            (other, ends.support[tails][None]),
        )
    )
    bend = bending(one, other) * np.where(one_curve, _ONE_CURVE_COST, 1.0)
    support = np.minimum(ends.support[heads][:, None], ends.support[tails][None])
    gap = _GAP_COST * np.log1p(length / np.maximum(support, 4.0))
    bend = np.where(closing, np.minimum(bend, _CLOSING_COST), bend + gap)
    points = cubic_points(start, leaving, stop, arriving, _SAMPLE_COUNT)
    cost = bend + _VISIBLE_COST * _visible_share(points, above)
    rows, cols, corner_cost = _corner_costs(ends, heads, tails, above)
    cost[rows, cols] = np.minimum(cost[rows, cols], corner_cost)
    return np.asarray(cost)


def _corner_costs(
    ends: HiddenEnds, heads: NDArray[np.intp], tails: NDArray[np.intp], above: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Rows and columns of the pairs whose straight edges meet in a corner, and what that costs."""
    row, col = np.nonzero(ends.straight[heads][:, None] & ends.straight[tails][None])
    paths, distance, fits = corner_paths(ends, heads[row], tails[col], 2 * _SAMPLE_COUNT)
    row, col, paths, distance = row[fits], col[fits], paths[fits], distance[fits]
    support = np.stack([ends.support[heads[row]], ends.support[tails[col]]], axis=1)
    gap = np.log1p(distance / np.maximum(support, 4.0)).mean(axis=1)
    return (
        row,
        col,
        _CORNER_COST + _CORNER_GAP_COST * gap + _VISIBLE_COST * _visible_share(paths, above),
    )


def corner_paths(
    ends: HiddenEnds, heads: NDArray[np.intp], tails: NDArray[np.intp], count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Where the straight edges of n pairs would meet.

    Returns:
        Points (n, count, 2) from end to corner to end, how far either end is from the corner,
        (n, 2), and which pairs, of straight ends, have room for a corner, (n,).
    """
    start, leaving = ends.anchor[heads], ends.tangent[heads]
    stop, arriving = ends.anchor[tails], -ends.tangent[tails]
    support = np.stack([ends.support[heads], ends.support[tails]], axis=1)
    corner, distance = corner_places(start, leaving, stop, arriving)
    fits = ends.straight[heads] & ends.straight[tails]
    fits &= (distance > 0.0).all(axis=1) & (distance < _MAX_CORNER_RATIO * support).all(axis=1)
    turn = np.arccos(np.clip((leaving * arriving).sum(axis=1), -1.0, 1.0))
    fits &= (turn > _MIN_TURN) & (turn < _MAX_TURN)
    share = np.linspace(0.0, 1.0, count // 2)[:, None]
    paths = np.concatenate(
        [
            start[:, None] + share * (corner - start)[:, None],
            corner[:, None] + share * (stop - corner)[:, None],
        ],
        axis=1,
    )
    return paths, distance, fits


def _guides(ends: HiddenEnds) -> NDArray[np.intp]:
    """For every two ends, the one whose line or circle explains the other's outline, or -1."""
    rows = np.arange(len(ends.chain))
    explains = _explains(ends, rows[:, None], rows[None])
    # The one that is known from more.
    order = ends.support[:, None] >= ends.support[None]
    first = explains & (order | ~explains.T)
    return np.where(first, rows[:, None], np.where(explains.T, rows[None], -1))


def guiding_ends(
    ends: HiddenEnds, first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the line or circle of one of two ends explains the other's outline, too."""
    return _explains(ends, first, second) | _explains(ends, second, first)


def _explains(
    ends: HiddenEnds, first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether the line or circle of the first end runs along what is seen at the second."""
    anchor, tangent, center = ends.anchor[first], ends.tangent[first], ends.center[first]
    seen = ends.seen[second]
    offset = seen - anchor[..., None, :]
    cross = offset[..., 0] * tangent[..., None, 1] - offset[..., 1] * tangent[..., None, 0]
    ahead = (offset * tangent[..., None, :]).sum(axis=-1)
    straight_miss = np.where(ahead > 0.0, np.abs(cross), np.inf)
    radius = np.linalg.norm(anchor - center, axis=-1)
    distance = np.linalg.norm(seen - center[..., None, :], axis=-1)
    round_miss = np.abs(distance - radius[..., None])
    miss = np.where(ends.straight[first][..., None], straight_miss, round_miss).max(axis=-1)
    gap = np.linalg.norm(ends.anchor[second] - anchor, axis=-1)
    allowed = _MISS_PX + _MISS_SHARE * gap / ends.support[first]
    return np.asarray(miss < np.minimum(allowed, _MAX_MISS_PX))


def _exit_costs(ends: HiddenEnds, above: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Cost, for each end, of continuing along its line or circle until it leaves the picture."""
    height, width = above.shape
    steps = np.linspace(0.0, float(height + width), 4 * _SAMPLE_COUNT)[1:]
    points = ray_points(ends.anchor, ends.tangent, ends.center, steps)
    inside = ((points >= 0.0) & (points < (width, height))).all(axis=2)
    # Only as far as the first place outside.
    inside = np.logical_and.accumulate(inside, axis=1)
    seen = inside & ~is_hidden(points, above)
    share = seen.sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    length = inside.sum(axis=1) * (steps[0])
    gap = _GAP_COST * np.log1p(length / np.maximum(ends.support, 4.0))
    return np.asarray(_EXIT_COST + gap + 2.0 * _VISIBLE_COST * share)


def _visible_share(points: NDArray[np.float64], above: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the points (..., k, 2), but for the first and last, that nothing hides."""
    inner = points[..., 1:-1, :]
    return np.asarray(1.0 - is_hidden(inner, above).mean(axis=-1))


def is_hidden(points: NDArray[np.float64], above: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether places are under a higher layer or outside of the picture."""
    height, width = above.shape
    col, row = (np.floor(points[..., i]).astype(np.intp) for i in (0, 1))
    outside = (col < 0) | (row < 0) | (col >= width) | (row >= height)
    return outside | above[np.clip(row, 0, height - 1), np.clip(col, 0, width - 1)]
