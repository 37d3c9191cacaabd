"""A layer's hidden part, bounded by its visible outline going on as a person would draw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box
from ...raster.window import mask_window
from .closings import PartWidths, beyond_closings
from .curves import arc_points, cubic_points, ray_points
from .hidden_ends import HiddenEnds, hidden_ends
from .hidden_reach import cut_off, hidden_reach
from .nearest_side import settle_unclear, unclear_reach
from .outline_chains import OutlineChains
from .pairing import Pairing, closing_partners, corner_paths, is_hidden, pair_ends
from .primitives import primitive_curves
from .side_fill import hidden_sides
from .symmetry import mirror_axis, mirrored_side

__all__ = ["MAX_ENDS", "complete_contour"]

MAX_ENDS = 256
"""A layer with more hidden ends than this is noise, and pairing them would take long."""
_CURVE_POINTS = 64
_MARGIN_PX = 3
# Handles of curves are no longer than these shares of their chords; of those that close a shape
# also than so many times the edge that is seen.
_MAX_HANDLE, _CLOSING_HANDLES, _CLOSING_SUPPORT = 1.2, (0.1, 0.7), 1.0
# A corner, line or arc lies in the open by no more than the rest.
_HIDDEN_SHARE = 0.93


def complete_contour(
    numbers: NDArray[np.integer],
    chains: OutlineChains,
    covered: OutlineChains,
    number: int,
    window: Box,
    highest: NDArray[np.integer],
) -> tuple[Box, NDArray[np.bool_]]:
    """The pixels of layer number `number`, hidden ones among them, in a box that holds all of it.

    Args:
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        chains, covered: of all layers; see `outline_chains` and `covered_chains`.
        window: bounding box of what is seen of the layer.
        highest: from `highest_in_cells`.
    """
    ends = hidden_ends(chains, number, stride=max(1, max(numbers.shape) // 1024))
    above = numbers > number
    partner, border = closing_partners(ends, covered, int(numbers.max()) - number)
    pairing = pair_ends(ends, partner, above)
    primitives = primitive_curves(chains, ends, pairing, numbers.shape)
    joined, guessed = _joined(ends, pairing, primitives, above)
    curves = joined + _leaving(ends, pairing.exits, numbers.shape)
    # Primitives are known better than by their symmetry.
    known_shape = len(primitives) == len(ends.chain) / 2
    axis = None if known_shape else mirror_axis(chains, ends, numbers, number)
    mirrored = None if axis is None else mirrored_side(axis, numbers, number)
    near = _reached(window, [], numbers.shape)
    widths = PartWidths(numbers[near] == number, (near[0].start, near[1].start))
    if mirrored is not None and mirrored[1].any():
        window = _union(window, mask_window(mirrored[1], _MARGIN_PX))
    closings = [
        np.concatenate([joined[pair], _chain_points(covered, border[pairing.heads[pair]])[::-1]])
        for pair in guessed
    ]
    shape = _Shape(number, curves, closings, widths, mirrored)
    box = _reached(window, curves, numbers.shape, unclear_reach(widths.widest))
    own = _filled(shape, numbers, above, box, cut_off(box, numbers.shape))
    if own is None:
        # As in the whole frame: what is left out has no part in any of it.
        box = hidden_reach(highest, numbers, number, window, curves)
        own = _filled(shape, numbers, above, box, None)
        assert own is not None
    return box, own


@dataclass(frozen=True)
class _Shape:
    """What bounds layer number `number`: the curves of its outline, closed polygons of guessed
    ones, the widths of its parts, and where its mirror image tells, and what; see
    `mirrored_side`."""

    number: int
    curves: list[NDArray[np.float64]]
    closings: list[NDArray[np.float64]]
    widths: PartWidths
    mirrored: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None


def _filled(
    shape: _Shape,
    numbers: NDArray[np.integer],
    above: NDArray[np.bool_],
    box: Box,
    open_border: NDArray[np.bool_] | None,
) -> NDArray[np.bool_] | None:
    """The layer's pixels in a box; None if that is too small to tell, or to hold them.

    `open_border` has the pixels of the box beyond which the picture goes on; None if that does not
    matter.
    """
    visible, hidden = numbers[box] == shape.number, above[box]
    origin = box[0].start, box[1].start
    border = np.zeros(visible.shape, bool) if open_border is None else open_border
    sides = hidden_sides(visible, hidden, border, [curve - origin[::-1] for curve in shape.curves])
    if sides.reaches_out:
        return None
    own, unclear = sides.own, sides.unclear
    if shape.closings:
        own &= ~beyond_closings(visible, origin, shape.widths, shape.closings)
    if shape.mirrored is not None:
        known, image = (part[box] for part in shape.mirrored)
        own, unclear = np.where(known, image, own), unclear & ~known
    own |= visible
    if unclear.any():
        settled = settle_unclear(own, unclear, visible, hidden, shape.widths.widest)
        if open_border is not None and (settled & open_border).any():
            return None
        own |= settled
    return own


def _union(one: Box, other: Box) -> Box:
    rows, cols = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, cols


def _chain_points(chains: OutlineChains, chain: int) -> NDArray[np.float64]:
    return chains.points[chains.starts[chain] : chains.starts[chain + 1]].astype(np.float64)


def _joined(
    ends: HiddenEnds,
    pairing: Pairing,
    primitives: dict[int, NDArray[np.float64]],
    above: NDArray[np.bool_],
) -> tuple[list[NDArray[np.float64]], list[int]]:
    """The curve of every pair, and the numbers of the pairs that close a part, who knows where.

    `primitives` holds the curves of known shape, by number of the pair.
    """
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
    edges, _, sharp = corner_paths(ends, heads, tails, _CURVE_POINTS)
    sharp &= is_hidden(edges[:, 1:-1], above).mean(axis=1) > _HIDDEN_SHARE
    points[sharp] = edges[sharp]
    guessed = pairing.closing & ~sharp
    for pair, guide in enumerate(pairing.guides):
        if guide >= 0:
            guided = _guided(ends, guide, start[pair], leaving[pair], stop[pair])
            if is_hidden(guided[1:-1], above).mean() > _HIDDEN_SHARE:
                points[pair], guessed[pair] = guided, False
    curves = list(points)
    for pair, arc in primitives.items():
        if is_hidden(arc[1:-1], above).mean() > _HIDDEN_SHARE:
            curves[pair], guessed[pair] = arc, False
    whole = [
        np.concatenate([ends.corner[[head]], one, ends.corner[[tail]]])
        for head, tail, one in zip(heads, tails, curves, strict=True)
    ]
    return whole, np.flatnonzero(guessed).tolist()


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


def _reached(
    window: Box, curves: list[NDArray[np.float64]], shape: tuple[int, ...], spare: int = 0
) -> Box:
    """A box around what is seen, with so many pixels to spare, and all curves."""
    sides = []
    for axis, side in ((1, window[0]), (0, window[1])):
        low = min([side.start - spare, *(float(curve[:, axis].min()) for curve in curves)])
        high = max([side.stop + spare, *(float(curve[:, axis].max()) for curve in curves)])
        size = shape[1 - axis]
        sides.append(
            slice(max(0, int(low) - _MARGIN_PX), min(size, int(np.ceil(high)) + _MARGIN_PX))
        )
    return sides[0], sides[1]
