"""Traces a field's 0.5 level into polygons with holes, exact at the picture's border."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import contourpy
import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Polygon", "contour_polygons"]

_LEVEL = 0.5
# Polygons smaller than this many square pixels are crumbs of the tracing.
_MIN_AREA = 0.05


@dataclass(frozen=True)
class Polygon:
    """One outer ring, counter-clockwise (y up), and its holes, clockwise.

    Each ring is float64 (n, 2) in pixels, not repeated at the end: x from the picture's left edge,
    y **up** from its lower edge, so that the whole picture is [0, W] x [0, H].
    """

    outer: NDArray[np.float64]
    holes: tuple[NDArray[np.float64], ...] = ()

    @property
    def rings(self) -> tuple[NDArray[np.float64], ...]:
        return (self.outer, *self.holes)


def contour_polygons(field: NDArray[np.float32], simplify: float = 0.1) -> list[Polygon]:
    """Polygons of the area where `field` exceeds 0.5.

    Args:
        field: float32 (H, W), sampled at pixel centres; see `smooth_field`.
        simplify: Douglas-Peucker tolerance in pixels, 0 keeps every point.

    Returns:
        Disjoint polygons; rings share no point. Where the area reaches the picture's border the
        outline runs exactly along it, corners included.
    """
    height, width = field.shape
    # The grid's outermost lines are the picture's edges, half a pixel beyond the last centres, so
    # that the contouring library closes shapes along the true border.
    padded = np.pad(field, 1, mode="edge")
    x = np.concatenate([[0.0], np.arange(width) + 0.5, [float(width)]])
    y = np.concatenate([[0.0], np.arange(height) + 0.5, [float(height)]])
    generator = contourpy.contour_generator(
        x=x, y=y, z=padded, fill_type=contourpy.FillType.OuterOffset, corner_mask=False
    )
    points_list, offsets_list = generator.filled(_LEVEL, np.inf)
    polygons = []
    for points, offsets in zip(points_list, offsets_list, strict=True):
        rings = [
            _tidy(np.asarray(points[a : b - 1], np.float64), simplify, float(width), float(height))
            for a, b in pairwise(offsets)
        ]
        if len(rings[0]) < 3 or abs(_area(rings[0])) < _MIN_AREA:
            continue
        holes = [r for r in rings[1:] if len(r) >= 3 and abs(_area(r)) >= _MIN_AREA]
        polygons.append(
            Polygon(
                _oriented(_flip(rings[0], height), counter_clockwise=True),
                tuple(_oriented(_flip(r, height), counter_clockwise=False) for r in holes),
            )
        )
    return polygons


def _area(ring: NDArray[np.float64]) -> float:
    """Signed area, positive when counter-clockwise in a y-up frame."""
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def _flip(ring: NDArray[np.float64], height: int) -> NDArray[np.float64]:
    return np.stack([ring[:, 0], height - ring[:, 1]], axis=1)


def _oriented(ring: NDArray[np.float64], *, counter_clockwise: bool) -> NDArray[np.float64]:
    return ring if (_area(ring) > 0) == counter_clockwise else ring[::-1]


def _tidy(
    ring: NDArray[np.float64], simplify: float, width: float, height: float
) -> NDArray[np.float64]:
    """Simplify a closed ring, never moving it off the border or past its corners."""
    ring = _without_repeats(ring)
    if simplify <= 0.0 or len(ring) < 5:
        return ring
    # Starting at the sharpest turn: the start point is the one that simplification always keeps.
    turn = turning(ring)
    ring = np.roll(ring, -int(np.argmax(turn)), axis=0)
    reduced = cv2.approxPolyDP(ring.astype(np.float32).reshape(-1, 1, 2), simplify, True)
    tidy = reduced.reshape(-1, 2).astype(np.float64)
    tidy[:, 0] = np.clip(tidy[:, 0], 0.0, width)
    tidy[:, 1] = np.clip(tidy[:, 1], 0.0, height)
    return tidy if len(tidy) >= 3 else ring


def _without_repeats(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    keep = np.any(np.abs(ring - np.roll(ring, 1, axis=0)) > 1e-9, axis=1)
    return ring[keep]


def turning(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute turning angle at every point of a ring, radians."""
    before = ring - np.roll(ring, 1, axis=0)
    after = np.roll(ring, -1, axis=0) - ring
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    dot = (before * after).sum(axis=1)
    return np.abs(np.arctan2(cross, dot))
