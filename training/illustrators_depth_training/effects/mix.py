"""Which effects a training sample gets."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from ..checked_settings import chance
from ..data.layered import LayeredImage
from .backdrop import put_on_backdrop
from .ink import ink_over, ink_under
from .shading import grain_layers, shade_layers, wobble
from .shadow import cast_shadow
from .surface import compress, surface

__all__ = ["EffectChances", "apply_effects"]


@dataclass(frozen=True)
class EffectChances:
    """The chance of each effect, 0 to 1; independent of one another.

    Attributes:
        ink: lines over all borders, or a silhouette beneath all layers.
        shadow: upper layers cast a shadow on lower ones.
        backdrop: the white page becomes a backdrop.
        shade: layers get gradients, pillow shading, rim light.
        grain: layers get grain, strokes, wet edges.
        wobble: outlines are shaken.
        surface: canvas, paper, folds, uneven light, halftone over the whole.
        files: JPEG, WebP, dither, sharpening, rescaling.
    """

    ink: float = chance(0.0)
    shadow: float = chance(0.0)
    backdrop: float = chance(0.0)
    shade: float = chance(0.0)
    grain: float = chance(0.0)
    wobble: float = chance(0.0)
    surface: float = chance(0.0)
    files: float = chance(0.0)


_NAMES = tuple(f.name for f in fields(EffectChances))


def apply_effects(
    rng: np.random.Generator, drawing: LayeredImage, chances: EffectChances
) -> LayeredImage:
    """Apply what the generator draws, from the drawing outwards; order and pairs stay true."""
    picks = dict(zip(_NAMES, rng.random(len(_NAMES)), strict=True))
    if picks["ink"] < chances.ink:
        drawing = ink_over(rng, drawing) if rng.random() < 0.5 else ink_under(rng, drawing)
    if picks["backdrop"] < chances.backdrop:
        drawing = put_on_backdrop(rng, drawing)
    if picks["shadow"] < chances.shadow:
        drawing = cast_shadow(rng, drawing)
    rgb, index = drawing.rgb, drawing.index
    if picks["shade"] < chances.shade:
        rgb = shade_layers(rng, rgb, index)
    if picks["wobble"] < chances.wobble:
        rgb, index = wobble(rng, rgb, index)
    if picks["grain"] < chances.grain:
        rgb = grain_layers(rng, rgb, index)
    if picks["surface"] < chances.surface:
        rgb = surface(rng, rgb)
    if picks["files"] < chances.files:
        rgb = compress(rng, rgb)
    return replace(drawing, rgb=rgb, index=index)
