"""One closed slab per layer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..outlines import outline_rings, smooth_field
from ..outlines.drawn_outline import drawn_rings
from ..settings import ReliefSettings
from ..threads import parallel_map
from ..types import Layer, LayerStack, Mesh
from .assemble import Piece, assemble
from .extrude import extrude
from .layer_heights import layer_heights

__all__ = ["stacked_slabs"]

# Outlines that are traced at a time.
MAX_PARALLEL_OUTLINES = 4
# Tolerance for outlines from a vector file, as a share of the one for outlines from pixels: the
# file says exactly where they run.
DRAWN_SHARE = 0.2


def stacked_slabs(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """Extrude every shown layer's completed mask into a slab of its own.

    Slab k (from 0) lies between k (thickness + gap) and that plus thickness, unless `layer_mm`,
    `total_mm` or `layer_height_mm` say otherwise (see `layer_heights`). Layers whose mask is empty
    are left out.

    Raises InputError when no layer is shown, or as `layer_heights` does.
    """
    shown = stack.shown()
    if not shown:
        return assemble(stack, settings, [])
    heights = layer_heights(len(shown), settings)

    def outline(layer: Layer) -> list[NDArray[np.float64]]:
        drawn = drawn_rings(layer, DRAWN_SHARE * settings.simplify) if settings.smoothing else None
        if drawn is not None:
            return drawn
        return _outline(layer.mask_crop, layer.window, stack.height, settings)

    layers = [layer for _, layer in shown]
    pixels = sum((x.window[2] - x.window[0]) * (x.window[3] - x.window[1]) for x in layers)
    outlines = parallel_map(outline, layers, pixels, MAX_PARALLEL_OUTLINES)
    pieces: list[Piece] = []
    for number, ((index, layer), rings) in enumerate(zip(shown, outlines, strict=True)):
        vertices, faces = extrude(rings, heights.bottoms[number], heights.tops[number])
        if len(faces):
            pieces.append(Piece(layer.name, index, layer.color, vertices, faces))
    return assemble(stack, settings, pieces)


def _outline(
    mask: NDArray[np.bool_],
    window: tuple[int, int, int, int],
    frame_height: int,
    settings: ReliefSettings,
) -> list[NDArray[np.float64]]:
    """Smooth outline of a mask given in a window, in full-frame pixels (y up)."""
    top, left, bottom, right = window
    if mask.all():
        width, height = float(right - left), float(bottom - top)
        rings = [np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])]
    else:
        field = smooth_field(mask, settings.smoothing, origin=(top, left))
        rings = outline_rings(field, settings.simplify)
    shift = np.array([float(left), float(frame_height - bottom)])
    return [ring + shift for ring in rings]
