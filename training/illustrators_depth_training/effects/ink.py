"""Ink: lines over the borders of layers, or a dark silhouette that shows between its patches.

Both conventions can draw nearly the same picture; clip art mostly has the second one.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .noise import Field, soft_noise
from .shading import border_distance

__all__ = ["ink_over", "ink_under"]

Rng = np.random.Generator
_MAX_INKED = 0.5  # of a drawing: thin lines would drown in ink
_INK_SHARE = 0.5  # coverage from which on a pixel belongs to the ink


def ink_over(rng: Rng, drawing: LayeredImage) -> LayeredImage:
    """Draw lines of varying width along all borders, as one layer on top."""
    cover = _line_cover(rng, drawing.index, rng.uniform(0.6, 2.2))
    top = int(drawing.index.max()) + 1
    return _with_layer(drawing, cover, _ink_color(rng), top, drawing.index, drawing.hides)


def ink_under(rng: Rng, drawing: LayeredImage) -> LayeredImage:
    """Put a silhouette beneath everything but the page; it shows around and between all layers.

    The layers become patches side by side, whose order is free: the silhouette alone is hidden.
    """
    index = np.where(drawing.index > 1, drawing.index + 1, drawing.index)
    if not (index > 1).any():
        return drawing
    inside = (index > 1).astype(np.uint8)
    line = rng.uniform(0.8, 2.6)
    cover = _line_cover(rng, drawing.index, line)
    around = cv2.dilate(inside, np.ones((3, 3), np.uint8), iterations=max(1, round(line)))
    cover = np.where(around > 0, cover, 0.0).astype(np.float32)
    no_pairs = None if drawing.hides is None else np.zeros((0, 2), np.int32)
    return _with_layer(drawing, cover, _ink_color(rng), 2, index, no_pairs, under=True)


def _line_cover(rng: Rng, index: NDArray[np.int32], width_px: float) -> Field:
    """Coverage 0..1 by lines along all borders, about 2 x width_px wide, thicker here and there."""
    scale = max(index.shape) / 192
    width = width_px * scale
    swell = 1.0 + rng.uniform(0.0, 0.5) * soft_noise(rng, index.shape, 14 * scale)
    return np.clip(width * np.clip(swell, 0.3, 2.0) - border_distance(index) + 0.5, 0, 1)


def _ink_color(rng: Rng) -> NDArray[np.float32]:
    dark = 255.0 * rng.random(3) * (0.12 if rng.random() < 0.75 else 0.5)
    return np.asarray(dark if rng.random() < 0.95 else 255.0 - dark, np.float32)


def _with_layer(
    drawing: LayeredImage,
    cover: Field,
    color: NDArray[np.float32],
    layer: int,
    index: NDArray[np.int32],
    hides: NDArray[np.int32] | None,
    under: bool = False,
) -> LayeredImage:
    """Blend ink in and give it its pixels; pairs: it hides, or is hidden by, what it meets."""
    alpha = cover[..., None]
    rgb = np.clip(drawing.rgb * (1 - alpha) + color * alpha, 0, 255).astype(np.uint8)
    inked = cover >= _INK_SHARE
    drawn = drawing.index > 1
    if (inked & drawn).sum() > _MAX_INKED * drawn.sum():
        return drawing
    if hides is not None:
        layers = np.unique(index[inked if not under else index > layer])
        layers = layers[layers != 1]
        own = np.full(len(layers), layer, np.int32)
        pairs = np.stack([own, layers] if under else [layers, own], axis=1)
        hides = np.concatenate([hides, pairs.astype(np.int32)])
    return replace(
        drawing,
        rgb=rgb,
        index=np.where(inked, layer, index).astype(np.int32),
        hides=hides,
        # Ink parts what met in one colour; numbers below it would have to follow.
        invisible=None,
        shapes=None,
    )
