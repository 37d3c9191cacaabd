"""Closed outlines: chains that are seen and the pairs of hidden ends between them, all around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains
from .pairing import Pairing

__all__ = ["MIN_RING_POINTS", "Ring", "closed_rings", "sections"]

MIN_RING_POINTS = 24
"""An outline of fewer visible points is not known well enough to be a primitive."""
# Points of a chain that are enough to know it by.
_SAMPLE_POINTS = 240
# Points of the curve of a pair.
_CURVE_POINTS = 64


@dataclass(frozen=True)
class Ring:
    """One closed outline.

    Attributes:
        pairs: numbers of the pairs of hidden ends on it, in order.
        chains: float64 (n, 2), points of the chain that follows each pair.
    """

    pairs: list[int]
    chains: list[NDArray[np.float64]]

    @property
    def points(self) -> NDArray[np.float64]:
        """All that is seen of it, (n, 2)."""
        return np.concatenate(self.chains)


def closed_rings(chains: OutlineChains, ends: HiddenEnds, pairing: Pairing) -> list[Ring]:
    """All closed outlines of a layer: each pair's tail begins the next chain."""
    pair_of_head = {int(ends.chain[head]): pair for pair, head in enumerate(pairing.heads)}
    rest = dict.fromkeys(range(len(pairing.heads)))
    rings = []
    while rest:
        ring, pair = [], next(iter(rest))
        while pair in rest:
            del rest[pair]
            ring.append(pair)
            pair = pair_of_head.get(int(ends.chain[pairing.tails[pair]]), -1)
        if pair == ring[0]:
            after = [_chain_points(chains, int(ends.chain[pairing.tails[p]])) for p in ring]
            rings.append(Ring(ring, after))
    return [ring for ring in rings if sum(map(len, ring.chains)) >= MIN_RING_POINTS]


def _chain_points(chains: OutlineChains, chain: int) -> NDArray[np.float64]:
    points = chains.points[chains.starts[chain] : chains.starts[chain + 1]]
    return points[:: max(1, len(points) // _SAMPLE_POINTS)].astype(np.float64)


def sections(
    outline: NDArray[np.float64], ring: Ring, ends: HiddenEnds, pairing: Pairing, max_share: float
) -> dict[int, NDArray[np.float64]]:
    """By number of the pair, the parts of a whole outline that its ends lead along.

    Args:
        outline: float64 (m, 2), a closed polygon, the layer on its left; its last point is not its
            first.
        max_share: of the outline that may be hidden; more, and nothing is given.
    """
    closed = np.concatenate([outline, outline[:1]])
    step = np.hypot(*np.diff(closed, axis=0).T)
    at = np.concatenate([[0.0], np.cumsum(step)])
    curves, hidden = {}, 0.0
    for pair in ring.pairs:
        both = ends.anchor[[pairing.heads[pair], pairing.tails[pair]]]
        start, stop = (_place(closed, at, anchor) for anchor in both)
        length = (stop - start) % at[-1]
        hidden += length
        even = np.linspace(0.0, length, _CURVE_POINTS)
        corners = (at[:-1] - start) % at[-1]
        way = np.unique(np.concatenate([even, corners[corners < length]]))
        place = (start + way) % at[-1]
        curve = np.stack([np.interp(place, at, closed[:, axis]) for axis in (0, 1)], axis=1)
        # From end to end exactly.
        share = (way / max(length, 1e-9))[:, None]
        curve += (1.0 - share) * (both[0] - curve[0]) + share * (both[1] - curve[-1])
        curves[pair] = curve
    return curves if hidden <= max_share * at[-1] else {}


def _place(
    closed: NDArray[np.float64], at: NDArray[np.float64], point: NDArray[np.float64]
) -> float:
    """How far along a closed polygon the place nearest to a point lies."""
    begin, step = closed[:-1], np.diff(closed, axis=0)
    square = np.maximum((step * step).sum(axis=1), 1e-12)
    share = np.clip(((point - begin) * step).sum(axis=1) / square, 0.0, 1.0)
    off = begin + share[:, None] * step - point
    nearest = int(np.argmin((off * off).sum(axis=1)))
    return float(at[nearest] + share[nearest] * (at[nearest + 1] - at[nearest]))
