"""Which effects a training sample gets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..data.layered import LayeredImage
from .backdrop import put_on_backdrop
from .shading import grain_layers, shade_layers, wobble
from .surface import compress, surface

__all__ = ["EffectChances", "apply_effects"]


@dataclass(frozen=True)
class EffectChances:
    """The chance of each effect, 0 to 1; independent of one another.

    Attributes:
        backdrop: the white page becomes a backdrop.
        shade: layers get gradients, pillow shading, rim light.
        grain: layers get grain, strokes, wet edges.
        wobble: outlines are shaken.
        surface: canvas, paper, folds, uneven light, halftone over the whole.
        files: JPEG, WebP, dither, sharpening, rescaling.
    """

    backdrop: float = 0.0
    shade: float = 0.0
    grain: float = 0.0
    wobble: float = 0.0
    surface: float = 0.0
    files: float = 0.0


def apply_effects(
    rng: np.random.Generator, drawing: LayeredImage, chances: EffectChances
) -> LayeredImage:
    """Apply what the generator draws, from the drawing outwards; index and pairs stay true."""
    picks = rng.random(6)
    if picks[0] < chances.backdrop:
        drawing = put_on_backdrop(rng, drawing)
    rgb, index = drawing.rgb, drawing.index
    if picks[1] < chances.shade:
        rgb = shade_layers(rng, rgb, index)
    if picks[2] < chances.wobble:
        rgb, index = wobble(rng, rgb, index)
    if picks[3] < chances.grain:
        rgb = grain_layers(rng, rgb, index)
    if picks[4] < chances.surface:
        rgb = surface(rng, rgb)
    if picks[5] < chances.files:
        rgb = compress(rng, rgb)
    return replace(drawing, rgb=rgb, index=index)
