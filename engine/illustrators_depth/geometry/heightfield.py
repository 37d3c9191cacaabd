"""A solid over the continuous depth: an adaptive grid on top, walls around, a flat base below."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..settings import ReliefSettings
from ..types import DepthMap, Mesh, MeshPart
from .adaptive_grid import adaptive_grid
from .layer_heights import field_heights

__all__ = ["heightfield"]

# The surface strays by no more than this from the depth, a quarter of a thin printer layer.
TOLERANCE_MM = 0.05
# Details smaller than this are not printed: three quarters of the width of the usual nozzle.
FINEST_MM = 0.3
# Vertices that a relief of this size has at most by default: fewer than 300 000 triangles.
DEFAULT_VERTICES, DEFAULT_SIZE_MM = 135_000, 200.0


def heightfield(depth: DepthMap, settings: ReliefSettings) -> Mesh:
    """Raise a depth map into one closed solid.

    The farthest point is `base_mm` high and the nearest `base_mm + height_mm`; a flat depth map
    gives a plain plate of the base's thickness. `total_mm` and `layer_height_mm` apply as in
    `field_heights`. The grid spans the picture from edge to edge, so the size is exactly `size_mm`
    along the longest side; it is fine where the depth is not flat, to within TOLERANCE_MM as far as
    `max_vertices` allows (0: DEFAULT_VERTICES, more for a larger relief), and never finer than
    FINEST_MM.

    Returns a mesh of one part, "relief". Raises InputError as `field_heights` does.
    """
    height_px, width_px = depth.shape
    scale = settings.size_mm / max(height_px, width_px)
    base, total = field_heights(settings).tops
    values = _printable(depth.normalized(), scale)
    enlargement = max(1.0, settings.size_mm / DEFAULT_SIZE_MM)
    max_vertices = settings.max_vertices or int(DEFAULT_VERTICES * enlargement**2)
    grid = adaptive_grid(values, TOLERANCE_MM / (total - base), max_vertices)
    size = np.array([width_px * scale, height_px * scale])
    # Sampling lowers peaks and raises pits: stretched back, the relief has the height asked for.
    relative = DepthMap(grid.values[None]).normalized()[0].astype(np.float64)
    upper = np.column_stack([grid.uv.astype(np.float64) * size, base + relative * (total - base)])
    lower = upper[grid.border]
    lower[:, 2] = 0.0
    middle = np.array([[*(size / 2.0), 0.0]])
    vertices = np.concatenate([upper, lower, middle])
    faces = np.concatenate([grid.faces, _skirt(grid.border, len(upper))])
    part = MeshPart("relief", -1, slice(0, len(vertices)), slice(0, len(faces)))
    return Mesh(
        vertices.astype(np.float32),
        faces.astype(np.int32),
        (vertices[:, :2] / size).astype(np.float32),
        (part,),
    )


def _printable(values: NDArray[np.float32], pixel_mm: float) -> NDArray[np.float32]:
    """The map, shrunk where its pixels, `pixel_mm` wide, are finer than FINEST_MM."""
    shrink = pixel_mm / FINEST_MM
    if shrink >= 1.0:
        return values
    height, width = (max(2, math.ceil(side * shrink)) for side in values.shape)
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _skirt(border: NDArray[np.int32], first: int) -> NDArray[np.int64]:
    """Walls from the rim to points below it, and a base that fans from the point in its middle.

    Args:
        border: the rim's vertices, counter-clockwise seen from above.
        first: number of the point below the rim's first; the others follow, then the middle.
    """
    above, above_next = border.astype(np.int64), np.roll(border, -1).astype(np.int64)
    below = first + np.arange(len(border))
    below_next = np.roll(below, -1)
    middle = np.full(len(border), first + len(border))
    return np.concatenate(
        [
            np.stack([below, below_next, above_next], axis=1),
            np.stack([below, above_next, above], axis=1),
            np.stack([middle, below_next, below], axis=1),
        ]
    )
