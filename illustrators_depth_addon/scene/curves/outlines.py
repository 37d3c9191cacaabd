"""Outlines of layers as cubic curves: few points, corners where there are corners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.outlines import outline_rings, smooth_field
from illustrators_depth.tracing.curves.follow_rings import follow_rings
from illustrators_depth.types import Layer

__all__ = ["Cubics", "layer_cubics"]

# float64 (k, 4, 2): k cubics around one closed outline, pixels of the picture, y up from its lower
# edge; each begins where the one before ends.
Cubics = NDArray[np.float64]

_CORNER_DEGREES = 45.0
# Outlines around less, square pixels, are dust of the segmentation.
_MIN_AREA = 4.0
# Room around a mask in which its outline bends.
_MARGIN_PX = 2


def layer_cubics(
    layers: Sequence[Layer], smoothing: float, tolerance: float
) -> dict[int, list[Cubics]]:
    """Outlines of the completed masks of some layers, holes among them, by uid.

    Args:
        layers: the layers.
        smoothing: of outlines, as in `ReliefSettings`.
        tolerance: how far a curve may stray from the outline, pixels.
    """
    rings = {layer.uid: _rings(layer, smoothing) for layer in layers}
    all_rings = [ring for rings_of_layer in rings.values() for ring in rings_of_layer]
    curves = iter(follow_rings(all_rings, tolerance, _CORNER_DEGREES))
    return {uid: [next(curves) for _ in rings_of_layer] for uid, rings_of_layer in rings.items()}


def _rings(layer: Layer, smoothing: float) -> list[NDArray[np.float64]]:
    """Outlines in the picture's frame; where it ends they run exactly along its border."""
    (top, left, bottom, right), (height, width) = layer.window, layer.frame
    margins = [
        (min(_MARGIN_PX, top), min(_MARGIN_PX, height - bottom)),
        (min(_MARGIN_PX, left), min(_MARGIN_PX, width - right)),
    ]
    mask = np.pad(layer.mask_crop, margins)
    if mask.all():
        rows, columns = (float(n) for n in mask.shape)
        rings = [np.array([[0.0, 0.0], [columns, 0.0], [columns, rows], [0.0, rows]])]
    else:
        origin = (top - margins[0][0], left - margins[1][0])
        rings = outline_rings(smooth_field(mask, smoothing, origin=origin), 0.0)
    shift = np.array([left - margins[1][0], height - bottom - margins[0][1]], np.float64)
    return [ring + shift for ring in rings if _area(ring) >= _MIN_AREA]


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
