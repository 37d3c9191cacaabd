"""The outlines that are seen in a label map, as chains from junction to junction.

Every border between two layers is part of the outline of the upper one. A chain follows it, along
the cracks between pixels, until a still higher layer or the picture's border comes in between:
there the outline goes on unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["HIDDEN_END", "OutlineChains", "covered_chains", "outline_chains"]

# Ways along the cracks, y down; turning left is one less.
_EAST, _SOUTH, _WEST, _NORTH = range(4)
_STEP_ROW = np.array([0, 1, 0, -1])
_STEP_COL = np.array([1, 0, -1, 0])
# From a vertex to the pixels ahead on the left and on the right of a way, and behind on the right;
# a vertex has the number of the pixel to its lower right.
_AHEAD_LEFT = np.array([[-1, 0], [0, 0], [0, -1], [-1, -1]])
_AHEAD_RIGHT = np.array([[0, 0], [0, -1], [-1, -1], [-1, 0]])
_BEHIND_RIGHT = np.array([[0, -1], [-1, -1], [-1, 0], [0, 0]])
_FRAME_END, HIDDEN_END = 1, 2
"""Kinds of ends: at the picture's border, and under a higher layer."""


@dataclass(frozen=True)
class OutlineChains:
    """Open chains; closed outlines, which nothing hides, are left out.

    Attributes:
        points: float32 (n, 2), x and y (down) in pixels of the middles of the cracks, chain after
            chain. The layer lies to the left of the way.
        starts: int (m + 1,), where each chain begins in `points`, and n.
        number: int (m,), layer index + 1 of each chain.
        corners: float32 (m, 2, 2), x and y of the vertices at which each chain begins and ends.
        lower: int (m,), number on the right of each chain's first crack.
        kinds: uint8 (m, 2), kind of end at the beginning and the end.
    """

    points: NDArray[np.float32]
    starts: NDArray[np.intp]
    number: NDArray[np.intp]
    lower: NDArray[np.intp]
    corners: NDArray[np.float32]
    kinds: NDArray[np.uint8]


def outline_chains(numbers: NDArray[np.integer], split_by_lower: bool = False) -> OutlineChains:
    """The chains of a label map.

    Args:
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers, bottom to top.
        split_by_lower: chains also end where the lower number changes: every chain is the border
            of two numbers.
    """
    width = numbers.shape[1]
    # Beyond the border lies something above everything.
    beyond = int(numbers.max()) + 1
    padded = np.pad(numbers.astype(np.int32), 1, constant_values=beyond)
    vertex, way, number = _cracks(numbers)
    if len(vertex) == 0:
        return _chained(np.zeros(0, np.intp), vertex, way, number, number, padded, width)
    code = vertex * 4 + way
    order = np.argsort(code)
    code, vertex, way, number = code[order], vertex[order], way[order], number[order]
    row, col = np.divmod(vertex, width + 1)
    row, col = row + _STEP_ROW[way], col + _STEP_COL[way]
    # In the padded map the pixel to a vertex' lower right is one further on.
    left = padded[row + 1 + _AHEAD_LEFT[way, 0], col + 1 + _AHEAD_LEFT[way, 1]]
    right = padded[row + 1 + _AHEAD_RIGHT[way, 0], col + 1 + _AHEAD_RIGHT[way, 1]]
    turn = np.where(left != number, -1, np.where(right != number, 0, 1))
    facing = np.where(turn == -1, left, right)
    lower = padded[row + 1 + _BEHIND_RIGHT[way, 0], col + 1 + _BEHIND_RIGHT[way, 1]]
    same = facing == lower if split_by_lower else facing < number
    goes_on = (turn == 1) | same
    after = np.searchsorted(code, (row * (width + 1) + col) * 4 + (way + turn) % 4)
    after = np.where(goes_on, after, np.arange(len(code)))
    return _chained(after, vertex, way, number, lower, padded, width)


def covered_chains(numbers: NDArray[np.integer]) -> OutlineChains:
    """The borders along which higher layers cut layers off, in the same form.

    Where an outline leads into what is hidden, such a chain begins; it ends where an outline comes
    out again.
    """
    return outline_chains(numbers.max() - numbers)


def _cracks(
    numbers: NDArray[np.integer],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """First vertex, way and upper number of every crack between two numbers."""
    width = numbers.shape[1]
    across = np.flatnonzero(numbers[:, 1:] != numbers[:, :-1])
    row, col = np.divmod(across, max(1, width - 1))
    one, other = numbers[row, col].astype(np.intp), numbers[row, col + 1].astype(np.intp)
    south = other > one
    upright = (row + ~south) * (width + 1) + col + 1
    number = np.maximum(one, other)
    upright_way = np.where(south, _SOUTH, _NORTH)
    down = np.flatnonzero(numbers[1:] != numbers[:-1])
    row, col = np.divmod(down, width)
    one, other = numbers[row, col].astype(np.intp), numbers[row + 1, col].astype(np.intp)
    east = one > other
    level = (row + 1) * (width + 1) + col + ~east
    return (
        np.concatenate([upright, level]),
        np.concatenate([upright_way, np.where(east, _EAST, _WEST)]),
        np.concatenate([number, np.maximum(one, other)]),
    )


def _chained(
    after: NDArray[np.intp],
    vertex: NDArray[np.intp],
    way: NDArray[np.intp],
    number: NDArray[np.intp],
    lower: NDArray[np.integer],
    padded: NDArray[np.int32],
    width: int,
) -> OutlineChains:
    """Sort cracks along their chains, given the crack after each (itself at a chain's end)."""
    last, distance = _chain_ends(after)
    is_end = after == np.arange(len(after))
    open_ones = np.flatnonzero(is_end[last]) if len(after) else np.zeros(0, np.intp)
    order = open_ones[np.lexsort((-distance[open_ones], last[open_ones]))]
    chain = last[order]
    starts = np.flatnonzero(np.append(True, chain[1:] != chain[:-1])) if len(order) else order
    row, col = np.divmod(vertex[order], width + 1)
    step = np.stack([_STEP_COL[way[order]], _STEP_ROW[way[order]]], axis=1)
    begin = np.stack([col, row], axis=1)
    ends = np.append(starts[1:], len(order))[: len(starts)] - 1
    corners = np.stack([begin[starts], begin[ends] + step[ends]], axis=1)
    owner = number[order][starts]
    around = padded[
        corners[..., 1, None, None] + np.array([[0], [1]]), corners[..., 0, None, None] + [0, 1]
    ].reshape(-1, 2, 4)
    beyond = int(padded[0, 0])
    hidden = ((around > owner[:, None, None]) & (around < beyond)).any(axis=2)
    return OutlineChains(
        points=(begin + 0.5 * step).astype(np.float32),
        starts=np.append(starts, len(order)).astype(np.intp),
        number=owner,
        lower=lower[order][starts].astype(np.intp),
        corners=corners.astype(np.float32),
        kinds=np.where(hidden, HIDDEN_END, _FRAME_END).astype(np.uint8),
    )


def _chain_ends(after: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The last crack of the chain that each belongs to, and how many steps it is away.

    Every round doubles how far each looks ahead (list ranking, Wyllie 1979); closed chains never
    come to an end, and what is given for them has no meaning.
    """
    last = after.copy()
    distance = (after != np.arange(len(after))).astype(np.intp)
    for _ in range(max(1, len(after)).bit_length()):
        further = last[last]
        if np.array_equal(further, last):
            break
        distance += distance[last]
        last = further
    return last, distance
