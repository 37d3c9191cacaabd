"""A layer's hidden part, bounded by its visible outline going on as a person would draw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import Box
from ...raster.window import cut_off, mask_window
from .guesses import (
    PartWidths,
    beyond_closings,
    convex_paint,
    paint_in_loop,
    settle_unclear,
    unclear_reach,
)
from .hidden_curves import (
    closing_borders,
    exit_curves,
    pair_curves,
    part_ends,
    raise_domes,
    slip_sheets,
)
from .hidden_ends import hidden_ends
from .hidden_reach import hidden_reach
from .outline_chains import OutlineChains
from .pairing import closing_partners, pair_ends
from .primitives import primitive_curves
from .side_fill import hidden_sides
from .symmetry import mirror_axis, mirrored_side

__all__ = ["MAX_ENDS", "complete_contour"]

MAX_ENDS = 256
"""A layer with more hidden ends than this is noise, and pairing them would take long."""
_MARGIN_PX = 3


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
    near = _reached(window, [], numbers.shape)
    widths = PartWidths(numbers[near] == number, (near[0].start, near[1].start))
    joined, guessed = pair_curves(ends, pairing, primitives, above, widths, numbers, number)
    guessed = part_ends(joined, guessed, ends, pairing, above)
    borders = closing_borders(covered, border[pairing.heads[guessed]])
    guessed, borders = slip_sheets(
        joined, guessed, borders, chains, ends, pairing, above, numbers, number
    )
    guessed, borders = raise_domes(joined, guessed, borders, widths, numbers, number)
    curves = joined + exit_curves(ends, pairing.exits, numbers.shape)
    # Primitives are known better than by their symmetry.
    known_shape = len(primitives) == len(ends.chain) / 2
    axis = None if known_shape else mirror_axis(chains, ends, numbers, number)
    mirrored = None if axis is None else mirrored_side(axis, numbers, number)
    if mirrored is not None and mirrored[1].any():
        window = _union(window, mask_window(mirrored[1], _MARGIN_PX))
    closings = [
        np.concatenate([joined[pair], edge[::-1]])
        for pair, edge in zip(guessed, borders, strict=True)
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
        paint = paint_in_loop(numbers[box], shape.number, unclear, border)
        if paint is None:
            return None
        body = convex_paint(own, unclear, border)
        if body is None:
            return None
        own |= paint
        unclear, visible, hidden = unclear & ~paint, visible | paint, hidden & ~paint
        settled = settle_unclear(own, unclear, visible, hidden, shape.widths.widest)
        if open_border is not None and (settled & open_border).any():
            return None
        own |= settled | body
    return own


def _union(one: Box, other: Box) -> Box:
    rows, cols = (
        slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, cols


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
