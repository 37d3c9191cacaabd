"""A layer's hidden part, bounded by its visible outline going on as a person would draw it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...tiling import Box
from .curves import arc_points, corner_places, cubic_points, ray_points
from .ellipses import elliptic_curves
from .hidden_ends import HiddenEnds, hidden_ends
from .hidden_reach import hidden_reach
from .outline_chains import OutlineChains
from .pairing import Pairing, closing_partners, is_hidden, pair_ends
from .side_fill import Sides, hidden_sides

__all__ = ["MAX_ENDS", "complete_contour"]

MAX_ENDS = 256
"""A layer with more hidden ends than this is noise, and pairing them would take long."""
_CURVE_POINTS = 64
_MARGIN_PX = 3
# Handles of curves are no longer than these shares of their chords; of those that close a shape
# also than this share of the edge that is seen.
_MAX_HANDLE, _CLOSING_HANDLES, _CLOSING_SUPPORT = 1.2, (0.1, 0.7), 0.6
# A corner is no farther away than so many times the straight edge that is seen of either side,
# turns by angles between these (radians), and lies in the open by no more than the rest.
_MAX_REACH, _MIN_TURN, _MAX_TURN, _HIDDEN_SHARE = 10.0, 0.3, 2.9, 0.93


def complete_contour(
    numbers: NDArray[np.integer],
    chains: OutlineChains,
    covered: OutlineChains,
    number: int,
    window: Box,
    highest: NDArray[np.integer],
) -> tuple[Box, Sides]:
    """The hidden pixels of layer number `number`, in a box that holds all of it.

    Args:
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        chains, covered: of all layers; see `outline_chains` and `covered_chains`.
        window: bounding box of what is seen of the layer.
        highest: from `highest_in_cells`.
    """
    ends = hidden_ends(chains, number, stride=max(1, max(numbers.shape) // 1024))
    above = numbers > number
    partner = closing_partners(ends, covered, int(numbers.max()) - number)
    pairing = pair_ends(ends, partner, above)
    round_ones = elliptic_curves(chains, ends, pairing, numbers.shape)
    curves = _joined(ends, pairing, round_ones, above) + _leaving(
        ends, pairing.exits, numbers.shape
    )
    if len(pairing.exits) == 0:
        box = _reached(window, curves, numbers.shape)
        cut_off = _cut_off(box, numbers.shape)
        sides = _sides(numbers, above, number, box, curves, cut_off)
        if not sides.reaches_out:
            return box, sides
    # As in the whole frame: what is left out has no part in any of it.
    box = hidden_reach(highest, numbers, number, window, curves)
    whole = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    return box, _sides(numbers, above, number, box, curves, whole)


def _sides(
    numbers: NDArray[np.integer],
    above: NDArray[np.bool_],
    number: int,
    box: Box,
    curves: list[NDArray[np.float64]],
    cut_off: NDArray[np.bool_],
) -> Sides:
    origin = (box[1].start, box[0].start)
    visible = numbers[box] == number
    return hidden_sides(visible, above[box], cut_off, [curve - origin for curve in curves])


def _joined(
    ends: HiddenEnds,
    pairing: Pairing,
    round_ones: dict[int, NDArray[np.float64]],
    above: NDArray[np.bool_],
) -> list[NDArray[np.float64]]:
    """The curve of every pair; `round_ones` holds those that are known, by number of the pair."""
    heads, tails = pairing.heads, pairing.tails
    start, leaving = ends.anchor[heads], ends.way[heads]
    stop, arriving = ends.anchor[tails], -ends.way[tails]
    support = np.stack([ends.support[heads], ends.support[tails]], axis=1)
    # What closes a shape goes no farther on than its edge was seen.
    known = support.min(axis=1) / np.maximum(np.linalg.norm(stop - start, axis=1), 1.0)
    closing = np.clip(_CLOSING_SUPPORT * known, *_CLOSING_HANDLES)
    limit = np.where(pairing.closing, closing, _MAX_HANDLE)
    points = cubic_points(start, leaving, stop, arriving, _CURVE_POINTS, limit)
    # Straight edges meet in a corner, if there is room for one.
    corner, distance = corner_places(start, leaving, stop, arriving)
    sharp = ends.straight[heads] & ends.straight[tails]
    sharp &= (distance > 0.0).all(axis=1) & (distance < _MAX_REACH * support).all(axis=1)
    turn = np.arccos(np.clip((leaving * arriving).sum(axis=1), -1.0, 1.0))
    sharp &= (turn > _MIN_TURN) & (turn < _MAX_TURN)
    share = np.linspace(0.0, 1.0, _CURVE_POINTS // 2)[:, None]
    edges = np.concatenate(
        [
            start[:, None] + share * (corner - start)[:, None],
            corner[:, None] + share * (stop - corner)[:, None],
        ],
        axis=1,
    )
    sharp &= is_hidden(edges[:, 1:-1], above).mean(axis=1) > _HIDDEN_SHARE
    points[sharp] = edges[sharp]
    for pair, guide in enumerate(pairing.guides):
        if guide >= 0:
            guided = _guided(ends, guide, start[pair], leaving[pair], stop[pair])
            if is_hidden(guided[1:-1], above).mean() > _HIDDEN_SHARE:
                points[pair] = guided
    for pair, arc in round_ones.items():
        if is_hidden(arc[1:-1], above).mean() > _HIDDEN_SHARE:
            points[pair] = arc
    return [
        np.concatenate([ends.corner[[head]], one, ends.corner[[tail]]])
        for head, tail, one in zip(heads, tails, points, strict=True)
    ]


def _guided(
    ends: HiddenEnds,
    guide: int,
    start: NDArray[np.float64],
    leaving: NDArray[np.float64],
    stop: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The straight line between two places, or the arc around an end's center."""
    share = np.linspace(0.0, 1.0, _CURVE_POINTS)[:, None]
    if ends.straight[guide]:
        return start + share * (stop - start)
    return arc_points(start, leaving, stop, ends.center[guide], _CURVE_POINTS)


def _leaving(
    ends: HiddenEnds, exits: NDArray[np.intp], shape: tuple[int, ...]
) -> list[NDArray[np.float64]]:
    """The curve of every end that leaves the picture."""
    steps = np.linspace(0.0, float(shape[0] + shape[1]), 8 * _CURVE_POINTS)
    curves = []
    rays = ray_points(ends.anchor[exits], ends.way[exits], ends.center[exits], steps)
    for end, points in zip(exits, rays, strict=True):
        outside = ((points < -2.0) | (points > (shape[1] + 2.0, shape[0] + 2.0))).any(axis=1)
        until = int(np.argmax(outside)) + 1 if outside.any() else len(points)
        curve = np.concatenate([ends.corner[[end]], points[:until]])
        curves.append(curve if ends.is_head[end] else curve[::-1])
    return curves


def _reached(window: Box, curves: list[NDArray[np.float64]], shape: tuple[int, ...]) -> Box:
    """A box around what is seen and all curves."""
    sides = []
    for axis, side in ((1, window[0]), (0, window[1])):
        low = min([side.start, *(float(curve[:, axis].min()) for curve in curves)])
        high = max([side.stop, *(float(curve[:, axis].max()) for curve in curves)])
        size = shape[1 - axis]
        sides.append(
            slice(max(0, int(low) - _MARGIN_PX), min(size, int(np.ceil(high)) + _MARGIN_PX))
        )
    return sides[0], sides[1]


def _cut_off(box: Box, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Pixels at the border of a box beyond which the picture goes on."""
    cut = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start), bool)
    cut[0] |= box[0].start > 0
    cut[-1] |= box[0].stop < shape[0]
    cut[:, 0] |= box[1].start > 0
    cut[:, -1] |= box[1].stop < shape[1]
    return cut
