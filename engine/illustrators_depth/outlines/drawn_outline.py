"""Outlines that a layer's file drew, which are finer than any that its pixels give."""

from __future__ import annotations

import zlib

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..types import Layer

__all__ = ["drawn_area", "drawn_rings", "drawn_shapes", "mask_sum"]

_FEWEST_PX2 = 0.05


def mask_sum(
    mask: NDArray[np.bool_], window: tuple[int, int, int, int], frame: tuple[int, int]
) -> int:
    """What tells one mask, in its place, from another: 0 to 2**32 - 1."""
    place = np.array([*window, *frame], np.int64).tobytes()
    return zlib.crc32(np.packbits(mask).tobytes(), zlib.crc32(place))


def drawn_shapes(layer: Layer) -> tuple[tuple[NDArray[np.float32], ...], ...] | None:
    """The shapes that a layer was drawn with; None where there are none, or an edit changed it."""
    outline = layer.outline
    if outline is None or not outline.shapes:
        return None
    fits = outline.mask_sum == mask_sum(layer.mask_crop, layer.window, layer.frame)
    return outline.shapes if fits else None


def drawn_area(layer: Layer) -> manifold3d.CrossSection | None:
    """What a layer's shapes cover together, in pixels of the frame, y down; None as above."""
    shapes = drawn_shapes(layer)
    if shapes is None:
        return None
    rings = [np.asarray(ring, np.float64) for rings in shapes for ring in rings]
    # Each shape's rings run around it one way and around its holes the other.
    return manifold3d.CrossSection(rings, manifold3d.FillRule.Positive)


def drawn_rings(layer: Layer, simplify: float) -> list[NDArray[np.float64]] | None:
    """A layer's outlines as `outline_rings` gives them, in pixels of the frame; None as above.

    Args:
        layer: one that may have an outline of its own.
        simplify: how far points may lie off the lines that take their place, in pixels.
    """
    area = drawn_area(layer)
    if area is None:
        return None
    rings = [ring for ring in area.simplify(max(simplify, 1e-4)).to_polygons() if len(ring) > 2]
    flipped = [np.stack([r[:, 0], layer.frame[0] - r[:, 1]], axis=1)[::-1] for r in rings]
    return [np.ascontiguousarray(r) for r in flipped if abs(_area(r)) >= _FEWEST_PX2]


def _area(ring: NDArray[np.float64]) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
