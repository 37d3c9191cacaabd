"""Outlines that are ellipses, circles among them: what is hidden of them is known."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains
from .pairing import Pairing

__all__ = ["elliptic_curves"]

# An outline is an ellipse if its pixels lie within these distances of it (root mean square and
# greatest), with so many points seen, and no more than this share of the turn hidden.
_MAX_RMS_PX, _MAX_OFF_PX, _MIN_POINTS, _MAX_HIDDEN_SHARE = 0.45, 1.6, 24, 0.62
# Points of an outline that are enough to know it by.
_SAMPLE_POINTS = 240
# The short axis is at least this share of the long one, and that at most so many times the frame.
_MIN_ROUNDNESS, _MAX_FRAMES = 0.12, 1.5
_CURVE_POINTS = 64


def elliptic_curves(
    chains: OutlineChains, ends: HiddenEnds, pairing: Pairing, frame: tuple[int, ...]
) -> dict[int, NDArray[np.float64]]:
    """By number of the pair, points (n, 2) of the arcs that complete elliptic outlines."""
    curves: dict[int, NDArray[np.float64]] = {}
    for ring in _rings(ends, pairing):
        points = [_chain_points(chains, int(ends.chain[pairing.tails[pair]])) for pair in ring]
        curves.update(_arcs(points, ends, pairing, ring, float(max(frame))))
    return curves


def _rings(ends: HiddenEnds, pairing: Pairing) -> list[list[int]]:
    """Numbers of the pairs of every closed outline: each pair's tail begins the next chain."""
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
            rings.append(ring)
    return rings


def _chain_points(chains: OutlineChains, chain: int) -> NDArray[np.float64]:
    points = chains.points[chains.starts[chain] : chains.starts[chain + 1]]
    return points[:: max(1, len(points) // _SAMPLE_POINTS)].astype(np.float64)


def _arcs(
    points: list[NDArray[np.float64]],
    ends: HiddenEnds,
    pairing: Pairing,
    ring: list[int],
    frame: float,
) -> dict[int, NDArray[np.float64]]:
    """Arcs of the ellipse through all points of a ring, if it is one."""
    every = np.concatenate(points)
    if len(every) < _MIN_POINTS:
        return {}
    center, axes, angle = cv2.fitEllipseDirect(every.astype(np.float32)[:, None])
    half = 0.5 * np.array(axes)
    if not np.isfinite(half).all() or half.max() > _MAX_FRAMES * frame:
        return {}
    if half.min() < _MIN_ROUNDNESS * half.max():
        return {}
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turn = np.array([[cos, -sin], [sin, cos]])

    def local(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((places - center) @ turn / half)

    unit = local(every)
    far = np.maximum(np.linalg.norm(unit, axis=1), 1e-6)
    off = np.abs(1.0 - 1.0 / far) * np.linalg.norm(every - center, axis=1)
    if np.sqrt((off * off).mean()) > _MAX_RMS_PX or off.max() > _MAX_OFF_PX:
        return {}
    # The way round: that of the longest chain.
    longest = local(max(points, key=len))
    step = longest[:-1, 0] * np.diff(longest[:, 1]) - longest[:-1, 1] * np.diff(longest[:, 0])
    way = 1.0 if step.sum() > 0.0 else -1.0
    curves, hidden = {}, 0.0
    for pair in ring:
        both = ends.anchor[[pairing.heads[pair], pairing.tails[pair]]]
        angles = np.arctan2(*local(both).T[::-1])
        sweep = (way * (angles[1] - angles[0])) % (2.0 * np.pi)
        hidden += sweep
        share = np.linspace(0.0, 1.0, _CURVE_POINTS)[:, None]
        at = angles[0] + way * sweep * share[:, 0]
        arc = np.stack([np.cos(at), np.sin(at)], axis=1) * half @ turn.T + center
        # From end to end exactly.
        curves[pair] = arc + (1.0 - share) * (both[0] - arc[0]) + share * (both[1] - arc[-1])
    return curves if hidden <= _MAX_HIDDEN_SHARE * 2.0 * np.pi else {}
