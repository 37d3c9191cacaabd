"""Outlines as closed chains of cubics, and how the handles at each joint may move.

At a smooth joint both handles stay on one line, at a corner each moves freely. A line's handles
follow its ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chains", "curve_chains"]

Float = NDArray[np.float64]
Int = NDArray[np.intp]
Bool = NDArray[np.bool_]

# A joint whose handles turn by less (sine) is smooth.
_SMOOTH = np.sin(np.radians(4.0))
# Inner points this near the chord (pixels) make a line.
_STRAIGHT_PX = 0.05


@dataclass(frozen=True)
class Chains:
    """Closed chains of cubics: each ends where the next begins.

    Attributes:
        curves: float64 (n, 4, 2).
        following, before: intp (n,), the next cubic of the same ring, and the last one.
        straight: bool (n,), lines.
        basis: float64 (n, 5, 2), how a joint's parameters move its handles: two for the one that
            leaves, one that the one that arrives shares with it, two for the latter.
    """

    curves: Float
    following: Int
    before: Int
    straight: Bool
    basis: Float


def curve_chains(curves: Float, count: Int) -> Chains:
    """Which joints of outlines are smooth and which cubics straight, and what may move.

    Args:
        curves: float64 (n, 4, 2), outline after outline.
        count: intp (k,), cubics of each outline, which is closed.
    """
    last = np.cumsum(count) - 1
    following, before = np.arange(1, len(curves) + 1), np.arange(-1, len(curves) - 1)
    kept = count > 0
    following[last[kept]] = (last - count + 1)[kept]
    before[(last - count + 1)[kept]] = last[kept]
    chord = curves[:, 3] - curves[:, 0]
    length = np.maximum(np.linalg.norm(chord, axis=1), 1e-9)
    straight = np.ones(len(curves), np.bool_)
    for inner in (1, 2):
        leg = curves[:, inner] - curves[:, 0]
        straight &= np.abs(chord[:, 0] * leg[:, 1] - chord[:, 1] * leg[:, 0]) <= (
            _STRAIGHT_PX * length
        )
    into, out = curves[before, 3] - curves[before, 2], curves[:, 1] - curves[:, 0]
    a, b = np.linalg.norm(into, axis=1), np.linalg.norm(out, axis=1)
    sine = (into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]) / np.maximum(a * b, 1e-9)
    ahead = (into * out).sum(axis=1) > 0.0
    smooth = (np.abs(sine) < _SMOOTH) & ahead & (np.minimum(a, b) > 1e-3)
    along = into + out
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    most = np.maximum(np.maximum(a, b), 1e-9)[:, None]
    turns = (smooth & ~straight & ~straight[before])[:, None]
    free = np.broadcast_to(np.eye(2), (len(curves), 2, 2))
    none = np.zeros_like(along)
    rigid = smooth[:, None]
    basis = np.stack([
        np.where(rigid, along, free[:, 0]),
        np.where(rigid, np.where(turns, across * b[:, None] / most, none), free[:, 1]),
        np.where(turns, -across * a[:, None] / most, none),
        np.where(rigid, along, free[:, 0]),
        np.where(rigid, none, free[:, 1]),
    ], axis=1)  # fmt: skip
    return Chains(curves, following, before, straight, basis)
