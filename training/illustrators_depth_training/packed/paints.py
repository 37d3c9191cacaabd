"""What a travel pack paints each layer with: one colour, or the plane that fits its colours best.

A flat drawing comes back as exactly the palette of its index, without blended edges.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..samples.drawings import Drawing

__all__ = ["fit_planes", "paint", "paint_numbers"]

_INNER = np.ones((3, 3), np.uint8)
_MIN_FITTED_PX = 24
"""Layers of fewer pixels get their mean colour."""
_SMALLEST_SINGULAR_SHARE = 1e-3
_MAX_PLANE = 2048.0
"""Float16 holds whole numbers up to this."""


def fit_planes(drawing: Drawing) -> NDArray[np.float16]:
    """What each layer is painted with: float16 (N, 3 of RGB, 3).

    Colour at the picture's middle, and its change along x and along y over half of the longer side.
    Layers that the palette knows to be flat have their exact colour and no change.
    """
    index = drawing.index
    planes = np.zeros((int(drawing.meta["layers"]), 3, 3), np.float16)
    palette = drawing.meta.get("palette") or [None] * len(planes)
    for layer in np.unique(index).tolist():
        color = palette[layer - 1] if layer <= len(palette) else None
        if color is not None:
            planes[layer - 1, :, 0] = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        else:
            planes[layer - 1] = _fitted(drawing.rgb, index == layer)
    return planes


def _fitted(rgb: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The plane through a layer's colours, away from its blended edges where there is room."""
    inner = cv2.erode(mask.view(np.uint8), _INNER) > 0
    where = np.nonzero(inner if inner.any() else mask)
    x, y = _coordinates(mask.shape)
    ones = np.ones(len(where[0]))
    design = np.stack([ones, x[where[1]], y[where[0]]], axis=1)
    colors = rgb[where].astype(np.float64)
    if len(ones) < _MIN_FITTED_PX:
        design[:, 1:] = 0.0
    # A layer that is as thin as a line says nothing of the change across it.
    solution = np.linalg.lstsq(design, colors, rcond=_SMALLEST_SINGULAR_SHARE)[0]
    return np.asarray(np.clip(solution.T, -_MAX_PLANE, _MAX_PLANE))


def _coordinates(frame: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = frame
    half = max(height, width) / 2
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / half
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) / half
    return x.astype(np.float32), y.astype(np.float32)


def paint(index: NDArray[np.int32], planes: NDArray[np.float16]) -> NDArray[np.uint8]:
    """The picture of an index map and its layers' paints: uint8 (H, W, 3)."""
    wide = planes.astype(np.float32)
    if not wide[:, :, 1:].any():
        return np.clip(np.round(wide[:, :, 0]), 0, 255).astype(np.uint8)[index - 1]
    picture = wide[:, :, 0][index - 1]
    x, y = _coordinates(index.shape)
    picture = picture + wide[:, :, 1][index - 1] * x[None, :, None]
    picture += wide[:, :, 2][index - 1] * y[:, None, None]
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def paint_numbers(index: NDArray[np.int32], planes: NDArray[np.float16]) -> NDArray[np.int32]:
    """The index map with layers of the same paint as one."""
    alike = np.unique(planes.reshape(len(planes), 9), axis=0, return_inverse=True)[1]
    return alike.reshape(-1).astype(np.int32)[index - 1]
