"""A small picture of a mesh from above, as file managers and slicers show it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ...types import Mesh

__all__ = ["thumbnail_png"]

SIZE_PX = 256
# Drawn so many times larger and scaled down: smooth edges.
OVERSAMPLING = 2
MARGIN_PX = 8
# Direction to the light, at the upper left and above, unit length.
_LIGHT = np.array([-0.4, 0.5, 0.77])
# Share of its colour that a face turned away from the light keeps; one that lies flat keeps all.
_AMBIENT = 0.35
# OpenCV draws at coordinates in units of 1 / 2**4 pixel.
_SUBPIXEL_BITS = 4


def thumbnail_png(
    mesh: Mesh, colors: Sequence[tuple[float, float, float]], *, from_below: bool = False
) -> bytes:
    """A square PNG with alpha, SIZE_PX a side, as the bytes of a file.

    Shows the upward faces in their part's colour, the highest on top.

    Args:
        mesh: with at least one face, millimetres, z up.
        colors: sRGB 0..1, one per part.
        from_below: show it turned over, as what is printed face down is looked at.
    """
    side = SIZE_PX * OVERSAMPLING
    points = mesh.vertices.astype(np.float64)
    if from_below:
        points = points * [-1.0, 1.0, -1.0]
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    scale = (side - 2 * MARGIN_PX * OVERSAMPLING) / max(float((high - low).max()), 1e-9)
    flat = (points[:, :2] - (low + high) / 2.0) * scale * [1.0, -1.0] + side / 2.0
    picture = np.zeros((side, side, 4), np.uint8)
    corners = points[mesh.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    upward = np.flatnonzero(normals[:, 2] > 0.0)
    shade = _shade(normals[upward])
    color = np.empty((len(mesh.faces), 3))
    for part, rgb in zip(mesh.parts, colors, strict=True):
        color[part.faces] = rgb
    paint = np.clip(color[upward] * shade[:, None] * 255.0, 0.0, 255.0)
    order = np.argsort(corners[upward, :, 2].mean(axis=1), kind="stable")
    shapes = np.rint(flat[mesh.faces[upward]] * 2.0**_SUBPIXEL_BITS).astype(np.int32)
    for index in order:
        red, green, blue = (float(c) for c in paint[index])
        fill = (blue, green, red, 255.0)
        cv2.fillConvexPoly(picture, shapes[index], fill, cv2.LINE_8, _SUBPIXEL_BITS)
    return _encoded(picture)


def _shade(normals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Brightness (n,) of faces with normals (n, 3) of any length: 1 for one that lies flat."""
    length = np.linalg.norm(normals, axis=1)
    lit = np.clip(normals @ _LIGHT, 0.0, None) / np.maximum(length, 1e-12) / _LIGHT[2]
    return np.asarray(_AMBIENT + (1.0 - _AMBIENT) * lit)


def _encoded(picture: NDArray[np.uint8]) -> bytes:
    """PNG bytes of a BGRA picture, scaled down by OVERSAMPLING with colours weighted by alpha."""
    alpha = picture[..., 3:].astype(np.float32) / 255.0
    whole = np.concatenate([picture[..., :3] * alpha, alpha], axis=2)
    small = cv2.resize(whole, (SIZE_PX, SIZE_PX), interpolation=cv2.INTER_AREA)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6)
    small[..., 3] *= 255.0
    return bytes(cv2.imencode(".png", np.rint(small).astype(np.uint8))[1])
