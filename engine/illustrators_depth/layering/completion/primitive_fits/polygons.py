"""Outlines that are regular polygons: what is hidden of them is known."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["regular_polygon"]

# An outline is a regular polygon if its points lie within these distances of it.
_MAX_RMS_PX, _MAX_OFF_PX = 0.5, 1.7
_MIN_SIDES, _MAX_SIDES = 3, 12
# Edges bend by no more than this, and are so long, in pixels.
_BENT_PX, _MIN_EDGE_PX = 1.5, 8.0
# Two corners turn alike if they differ by no more than this (radians).
_SAME_TURN = 0.12


def regular_polygon(chains: list[NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """The corners of the regular polygon that an outline lies on.

    Args:
        chains: float64 (n, 2) each, x and y, the parts that are seen, in order.

    Returns:
        float64 (sides, 2), in the order of the chains; None if there is none. Two corners in a
        row have to be seen.
    """
    seen = [_corners(chain) for chain in chains]
    corners, turns = max(seen, key=lambda one: len(one[0]))
    if len(corners) < 2 or np.ptp(turns) > _SAME_TURN:
        return None
    sides = round(2.0 * np.pi / abs(float(np.mean(turns))))
    if not _MIN_SIDES <= sides <= _MAX_SIDES:
        return None
    turn = np.exp(2j * np.pi / sides * np.sign(turns[0]))
    places = corners[:, 0] + 1j * corners[:, 1]
    spoke, center = _fit(places, turn ** np.arange(len(places)))
    # All corners that are seen, wherever: each by the spoke that it is nearest to.
    every = np.concatenate([one for one, _ in seen])
    places = every[:, 0] + 1j * every[:, 1]
    number = np.rint(np.angle((places - center) / spoke) / np.angle(turn))
    spoke, center = _fit(places, turn**number)
    whole = center + spoke * turn ** np.arange(sides)
    polygon = np.stack([whole.real, whole.imag], axis=1)
    off = _distance(np.concatenate(chains), polygon)
    if np.sqrt((off * off).mean()) > _MAX_RMS_PX or off.max() > _MAX_OFF_PX:
        return None
    return polygon


def _fit(places: NDArray[np.complex128], spokes: NDArray[np.complex128]) -> tuple[complex, complex]:
    """The first spoke and the center of least squares."""
    matrix = np.stack([spokes, np.ones(len(spokes))], axis=1)
    spoke, center = np.linalg.lstsq(matrix, places, rcond=None)[0]
    return complex(spoke), complex(center)


def _corners(chain: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the straight edges of a chain meet, (n, 2), and by how much it turns there."""
    rough = cv2.approxPolyDP(chain.astype(np.float32)[:, None], _BENT_PX, False)[:, 0]
    split = [int(np.argmin(((chain - place) ** 2).sum(axis=1))) for place in rough]
    lines = []
    for begin, stop in pairwise(split):
        edge = chain[begin + 1 : stop]
        if len(edge) < 3 or np.linalg.norm(edge[-1] - edge[0]) < _MIN_EDGE_PX:
            continue
        middle = edge.mean(axis=0)
        way = np.linalg.svd(edge - middle, full_matrices=False)[2][0]
        lines.append((middle, way * np.sign(way @ (edge[-1] - edge[0]))))
    corners, turns = [], []
    for (one, first), (other, second) in pairwise(lines):
        cross = first[0] * second[1] - first[1] * second[0]
        if abs(cross) < 0.2:
            continue
        gap = other - one
        corners.append(one + first * (gap[0] * second[1] - gap[1] * second[0]) / cross)
        turns.append(np.arctan2(cross, first @ second))
    return np.array(corners).reshape(-1, 2), np.array(turns)


def _distance(points: NDArray[np.float64], polygon: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each point, (n,), lies from the sides of a polygon."""
    step = np.roll(polygon, -1, axis=0) - polygon
    offset = points[:, None] - polygon
    share = np.clip((offset * step).sum(axis=2) / (step * step).sum(axis=1), 0.0, 1.0)
    return np.asarray(np.linalg.norm(offset - share[..., None] * step, axis=2).min(axis=1))
