"""Layers as a draughtsman would redraw them: lines with a width, and filled shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.outlines import outline_rings, smooth_field
from illustrators_depth.outlines.centrelines import (
    Centreline,
    centrelines,
    is_line,
    is_network,
    likeness,
)
from illustrators_depth.types import Layer

from ..layer_opacity import paint_opacity

__all__ = ["DrawnShape", "drawn_shapes"]

# Parts of fewer pixels are dust of the segmentation.
_MIN_PIXELS = 6
# Lines that give less of a part than this when drawn are not what it is.
_MIN_LIKENESS = 0.9
# Points of a line stand this far apart, as a share of its width and in pixels at least.
_STEP_SHARE, _MIN_STEP_PX = 0.5, 2.0


@dataclass(frozen=True)
class DrawnShape:
    """A line or a filled shape.

    Attributes:
        points: float64 (n, 2), pixels of the whole picture, y up from its lower edge.
        widths: float64 (n,), pixels, of a line; None for a filled shape.
        closed: whether the last point is joined to the first.
        color: sRGB 0..1.
        opacity: 0..1: how much it covers.
    """

    points: NDArray[np.float64]
    widths: NDArray[np.float64] | None
    closed: bool
    color: tuple[float, float, float]
    opacity: float = 1.0


def drawn_shapes(
    layer: Layer, smoothing: float, simplify: float, lines: bool = True
) -> list[DrawnShape]:
    """The parts of a layer's completed mask, larger ones first: lines where they are lines.

    Args:
        layer: the layer.
        smoothing, simplify: of outlines, as in `ReliefSettings`.
        lines: whether parts may be lines at all.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        layer.mask_crop.astype(np.uint8), connectivity=8
    )
    order = sorted(range(1, count), key=lambda part: -int(stats[part, cv2.CC_STAT_AREA]))
    shapes: list[DrawnShape] = []
    for part in order:
        if stats[part, cv2.CC_STAT_AREA] < _MIN_PIXELS:
            break
        x, y, width, height = (int(v) for v in stats[part, :4])
        box = slice(y, y + height), slice(x, x + width)
        mask = labels[box] == part
        color, opacity = _paint_of(layer, box, mask)
        top, left = layer.window[0] + y, layer.window[1] + x
        bottom_margin = layer.frame[0] - top - height
        skeleton = centrelines(mask) if lines and is_line(mask) else []
        is_line_art = bool(skeleton) and is_network(skeleton, mask.shape)
        if is_line_art and likeness(skeleton, mask) >= _MIN_LIKENESS:
            paint = color, opacity
            shapes += [_line(c, left, top, layer.frame[0], paint) for c in skeleton]
        else:
            rings = _rings(mask, smoothing, simplify, (top, left))
            shapes += [
                DrawnShape(ring + np.array([left, bottom_margin]), None, True, color, opacity)
                for ring in _without_holes(rings)
            ]
    return shapes


def _paint_of(
    layer: Layer, box: tuple[slice, slice], mask: NDArray[np.bool_]
) -> tuple[tuple[float, float, float], float]:
    """The mean color of a part and how much it covers; paint covers fully but for its rim."""
    visible = mask & layer.visible_crop[box]
    pixels = layer.rgba_crop[box][visible if visible.any() else mask]
    weights = pixels[:, 3].astype(np.float64) + 1e-6
    red, green, blue = np.average(pixels[:, :3], axis=0, weights=weights)
    return (float(red), float(green), float(blue)), paint_opacity(pixels[:, 3])


def _line(
    line: Centreline,
    left: int,
    top: int,
    frame_height: int,
    paint: tuple[tuple[float, float, float], float],
) -> DrawnShape:
    step = max(_MIN_STEP_PX, _STEP_SHARE * float(np.median(line.widths)))
    last = len(line.points) - (0 if line.closed else 1)
    indices = np.unique(np.rint(np.linspace(0, last, max(2, round(last / step) + 1))).astype(int))
    indices = indices[indices < len(line.points)]
    points = line.points[indices] + np.array([left, top])
    points[:, 1] = frame_height - points[:, 1]
    return DrawnShape(points, line.widths[indices], line.closed, *paint)


def _rings(
    mask: NDArray[np.bool_], smoothing: float, simplify: float, origin: tuple[int, int]
) -> list[NDArray[np.float64]]:
    if mask.all():
        height, width = (float(v) for v in mask.shape)
        return [np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])]
    return outline_rings(smooth_field(mask, smoothing, origin=origin), simplify)


def _without_holes(rings: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Outer rings; each goes into its holes and comes back on the same way.

    Strokes have no holes, and a way there and back has no width.
    """
    areas = [cv2.contourArea(ring.astype(np.float32), oriented=True) for ring in rings]
    outer = [ring for ring, area in zip(rings, areas, strict=True) if area > 0.0]
    for hole in (ring for ring, area in zip(rings, areas, strict=True) if area < 0.0):
        point = (float(hole[0, 0]), float(hole[0, 1]))
        holders = [i for i, ring in enumerate(outer) if _holds(ring, point)]
        if holders:
            outer[holders[0]] = _bridge(outer[holders[0]], hole)
    return outer


def _holds(ring: NDArray[np.float64], point: tuple[float, float]) -> bool:
    return cv2.pointPolygonTest(ring.astype(np.float32), point, False) > 0


def _bridge(ring: NDArray[np.float64], hole: NDArray[np.float64]) -> NDArray[np.float64]:
    """One ring that runs around both, by the shortest way between two of their points."""
    distances = ((ring[:, None] - hole[None]) ** 2).sum(axis=2)
    ring_index, hole_index = np.unravel_index(int(distances.argmin()), distances.shape)
    detour = np.concatenate([hole[hole_index:], hole[: hole_index + 1]])
    return np.concatenate([ring[: ring_index + 1], detour, ring[ring_index:]])
