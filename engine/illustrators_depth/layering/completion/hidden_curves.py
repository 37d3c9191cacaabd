"""The curves of a layer's hidden outline, from the ends of what is seen of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .curves import arc_points, cubic_points, polyline_points, ray_points
from .guesses import PartWidths, dome_over, rectangle_corners, rod_depth, sheet_outline
from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains
from .pairing import Pairing, corner_paths, is_hidden

__all__ = [
    "closing_borders",
    "exit_curves",
    "pair_curves",
    "part_ends",
    "raise_domes",
    "slip_sheets",
]

_CURVE_POINTS = 64
# Handles of curves are no longer than these shares of their chords; of those that close a shape
# also than so many times the edge that is seen, or than this share of the part's width.
_MAX_HANDLE, _CLOSING_HANDLES, _CLOSING_SUPPORT, _SEEN_WIDTHS = 1.2, (0.1, 0.7), 1.0, 0.5
# Ends of one straight edge: the cosine between their ways, and of the chord with them, at least;
# and so many pixels next to an end are not asked whether they are hidden.
_MIN_PARTING, _SKIPPED_PX = 0.98, 3
# A corner, line or arc lies in the open by no more than the rest.
_HIDDEN_SHARE = 0.93
# Outlines no farther apart than this, in pixels, to any of these sides, are taken for one.
_SHARED_OUTLINE_PX = 1.5
_AROUND = np.array([(0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)], np.float64)


def pair_curves(
    ends: HiddenEnds,
    pairing: Pairing,
    primitives: dict[int, NDArray[np.float64]],
    above: NDArray[np.bool_],
    widths: PartWidths,
    numbers: NDArray[np.integer],
    number: int,
) -> tuple[list[NDArray[np.float64]], list[int]]:
    """The curve of every pair, and the numbers of the pairs that close a part, who knows where.

    `primitives` holds the curves of known shape, by number of the pair; `above` is where a layer
    is seen that lies above layer `number` of `numbers`, bool (H, W).
    """
    heads, tails = pairing.heads, pairing.tails
    start, leaving = ends.anchor[heads], ends.tangent[heads]
    stop, arriving = ends.anchor[tails], -ends.tangent[tails]
    support = np.stack([ends.support[heads], ends.support[tails]], axis=1)
    # What closes a shape goes no farther on than its edge was seen, or it is wide.
    wide = [[widths.beside(ends.corner[end]) for end in side] for side in (heads, tails)]
    seen = np.maximum(support.min(axis=1), _SEEN_WIDTHS * np.reshape(wide, (2, -1)).min(axis=0))
    known = seen / np.maximum(np.linalg.norm(stop - start, axis=1), 1.0)
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
            if _runs_beside_hidden(guided, numbers, number):
                points[pair], guessed[pair] = guided, False
    curves = list(points)
    for pair in np.flatnonzero(guessed & ends.straight[heads] & ends.straight[tails]):
        both = start[pair], stop[pair], leaving[pair], arriving[pair]
        rod = _rod_end(*both, float(support[pair].min()), above)
        if rod is not None:
            curves[pair], guessed[pair] = rod, False
    for pair, arc in primitives.items():
        if _runs_beside_hidden(arc, numbers, number):
            curves[pair], guessed[pair] = arc, False
    whole = [
        np.concatenate([ends.corner[[head]], one, ends.corner[[tail]]])
        for head, tail, one in zip(heads, tails, curves, strict=True)
    ]
    return whole, np.flatnonzero(guessed).tolist()


def _runs_beside_hidden(
    curve: NDArray[np.float64], numbers: NDArray[np.integer], number: int
) -> bool:
    """Whether a curve is hidden, or runs along the outline of what hides it: both may share one.

    Not so beside what is seen of the layer: there it would only close it along the cut.
    """
    places = np.floor(curve[1:-1, None] + _SHARED_OUTLINE_PX * _AROUND).astype(np.intp)
    outside = ((places < 0) | (places >= numbers.shape[::-1])).any(axis=2)
    row, col = (np.clip(places[..., 1 - axis], 0, numbers.shape[axis] - 1) for axis in (0, 1))
    seen = numbers[row, col]
    hidden, own = outside | (seen > number), ~outside & (seen == number)
    hidden[:, 1:] &= ~own.any(axis=1)[:, None]
    return bool(hidden.any(axis=1).mean() > _HIDDEN_SHARE)


def _rod_end(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    leaving: NDArray[np.float64],
    arriving: NDArray[np.float64],
    support: float,
    above: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """The end of a rod with straight edges up to it; None if it is none, or would not be hidden."""
    rod = rod_depth(start, stop, leaving, arriving, support, above)
    if rod is None:
        return None
    depth, way = rod
    begin, end = start + depth * way, stop + depth * way
    cap = cubic_points(begin, way, end, -way, _CURVE_POINTS, _CLOSING_HANDLES[1])
    if is_hidden(cap, above).mean() <= _HIDDEN_SHARE:
        return None
    return np.concatenate([start[None], cap, stop[None]])


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


def exit_curves(
    ends: HiddenEnds, exits: NDArray[np.intp], shape: tuple[int, ...]
) -> list[NDArray[np.float64]]:
    """The curve of every end that leaves the picture."""
    steps = np.linspace(0.0, float(shape[0] + shape[1]), 8 * _CURVE_POINTS)
    curves = []
    rays = ray_points(ends.anchor[exits], ends.tangent[exits], ends.center[exits], steps)
    for end, points in zip(exits, rays, strict=True):
        outside = ((points < -2.0) | (points > (shape[1] + 2.0, shape[0] + 2.0))).any(axis=1)
        until = int(np.argmax(outside)) + 1 if outside.any() else len(points)
        curve = np.concatenate([ends.corner[[end]], points[:until]])
        curves.append(curve if ends.is_head[end] else curve[::-1])
    return curves


def part_ends(
    curves: list[NDArray[np.float64]],
    guessed: list[int],
    ends: HiddenEnds,
    pairing: Pairing,
    above: NDArray[np.bool_],
) -> list[int]:
    """Let both ends of one straight edge go straight on, in `curves`, where they were a closing.

    A curve from the one to the other would run back along the edge itself: a stripe of which one
    edge is seen has its other edge elsewhere.

    Args:
        curves, guessed: from `pair_curves`; a curve is added for each pair that is parted.
        above: bool (H, W), where a higher layer is seen.

    Returns:
        The pairs that are still guessed.
    """
    rest = []
    for pair in guessed:
        both = pairing.heads[pair], pairing.tails[pair]
        one, other = ends.tangent[both[0]], ends.tangent[both[1]]
        chord = ends.anchor[both[1]] - ends.anchor[both[0]]
        straight = bool(ends.straight[list(both)].all())
        if straight and one @ other < -_MIN_PARTING and chord @ one < 0.0 and _aligned(chord, one):
            head, tail = (_straight_on(ends, end, above) for end in both)
            curves[pair] = head
            curves.append(tail[::-1])
        else:
            rest.append(pair)
    return rest


def _aligned(chord: NDArray[np.float64], way: NDArray[np.float64]) -> bool:
    return bool(-(chord @ way) >= _MIN_PARTING * np.hypot(*chord))


def _straight_on(ends: HiddenEnds, end: int, above: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Points from an end straight on until what hides it ends."""
    steps = np.arange(0.0, float(sum(above.shape)))[:, None]
    points = ends.anchor[end] + steps * ends.tangent[end]
    # Right at the end the outline itself may show.
    shown = np.flatnonzero(~is_hidden(points[_SKIPPED_PX:], above))
    until = len(points) if len(shown) == 0 else _SKIPPED_PX + int(shown[0])
    return np.concatenate([ends.corner[[end]], points[:until]])


def closing_borders(covered: OutlineChains, numbers: NDArray[np.intp]) -> list[NDArray[np.float64]]:
    """Points (n, 2) of the borders along which parts are cut off, given their numbers."""
    spans = zip(covered.starts[numbers], covered.starts[numbers + 1], strict=True)
    return [covered.points[first:last].astype(np.float64) for first, last in spans]


def raise_domes(
    curves: list[NDArray[np.float64]],
    guessed: list[int],
    borders: list[NDArray[np.float64]],
    widths: PartWidths,
    numbers: NDArray[np.integer],
    number: int,
) -> tuple[list[int], list[NDArray[np.float64]]]:
    """Put domes in the place of guessed curves that cut through what is seen, in `curves` itself.

    Args:
        curves, guessed: from `pair_curves`.
        borders: of the guessed ones, from `closing_borders`.
        widths: of the layer's parts.
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        number: of the layer.

    Returns:
        What is still guessed, and its borders.
    """

    def dome(pair: int, border: NDArray[np.float64]) -> NDArray[np.float64] | None:
        curve = curves[pair]
        width = max(widths.beside(curve[0]), widths.beside(curve[-1]))
        return dome_over(curve, border, width, numbers, number)

    return _replace_guessed(curves, guessed, borders, dome)


def slip_sheets(
    curves: list[NDArray[np.float64]],
    guessed: list[int],
    borders: list[NDArray[np.float64]],
    chains: OutlineChains,
    ends: HiddenEnds,
    pairing: Pairing,
    above: NDArray[np.bool_],
    numbers: NDArray[np.integer],
    number: int,
) -> tuple[list[int], list[NDArray[np.float64]]]:
    """Let rectangles of which three sides are seen go on, in `curves` itself.

    Args:
        curves, guessed: from `pair_curves`.
        borders: of the guessed ones, from `closing_borders`.
        chains: of the whole picture.
        above: bool (H, W), where a higher layer is seen.
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        number: of the layer.

    Returns:
        What is still guessed, and its borders.
    """

    def sheet(pair: int, border: NDArray[np.float64]) -> NDArray[np.float64] | None:
        head, tail = pairing.heads[pair], pairing.tails[pair]
        if ends.chain[head] != ends.chain[tail] or not ends.straight[[head, tail]].all():
            return None
        first, last = chains.starts[ends.chain[head]], chains.starts[ends.chain[head] + 1]
        seen = chains.points[first:last].astype(np.float64)
        both = ends.anchor[head], ends.anchor[tail], ends.tangent[head], -ends.tangent[tail]
        fourth_side = sheet_outline(seen, border, *both)
        if fourth_side is None:
            fourth_side = rectangle_corners(seen, *both, above)
        if fourth_side is None:
            return None
        whole = np.concatenate([ends.corner[[head]], fourth_side, ends.corner[[tail]]])
        even = polyline_points(whole, 2 * _CURVE_POINTS)
        return whole if _runs_beside_hidden(even, numbers, number) else None

    return _replace_guessed(curves, guessed, borders, sheet)


def _replace_guessed(
    curves: list[NDArray[np.float64]],
    guessed: list[int],
    borders: list[NDArray[np.float64]],
    better: Callable[[int, NDArray[np.float64]], NDArray[np.float64] | None],
) -> tuple[list[int], list[NDArray[np.float64]]]:
    """Put better curves in the place of guessed ones, in `curves` itself.

    `better` gives a pair's curve or None. Returns what is still guessed, and its borders.
    """
    rest, rest_borders = [], []
    for pair, border in zip(guessed, borders, strict=True):
        curve = better(pair, border)
        if curve is None:
            rest.append(pair)
            rest_borders.append(border)
        else:
            curves[pair] = curve
    return rest, rest_borders
