"""Cast shadows: of the upper layers on the lower ones, as a layer where dense, else a tint."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ..data.layered import LayeredImage

__all__ = ["cast_shadow"]

Rng = np.random.Generator
_LAYER_ALPHA = 0.5  # the data set's rule for translucent paint: from here on it owns its pixels


def cast_shadow(rng: Rng, drawing: LayeredImage) -> LayeredImage:
    """Let the layers from a random one upwards cast a shadow on those below, moved and softened."""
    index = drawing.index
    levels = np.unique(index)
    if len(levels) < 2:
        return drawing
    first = int(levels[int(rng.integers(1, len(levels)))])
    size = max(index.shape)
    caster = (index >= first).astype(np.float32)
    reach = size * rng.uniform(0.01, 0.07)
    angle = rng.uniform(0, 2 * np.pi) if rng.random() < 0.4 else rng.normal(np.pi / 3, 0.4)
    move = np.array([[1, 0, reach * np.cos(angle)], [0, 1, reach * np.sin(angle)]])
    shape = (index.shape[1], index.shape[0])
    fallen = cv2.warpAffine(caster, move, shape, flags=cv2.INTER_LINEAR)
    blur = size * rng.uniform(0.004, 0.03) if rng.random() < 0.6 else 0.0
    if blur:
        fallen = cv2.GaussianBlur(fallen, (0, 0), blur)
    strength = float(rng.uniform(0.15, 0.75))
    density = strength * fallen
    lit = np.where(index < first, density, 0.0)[..., None]
    color = (rng.uniform(0, 60, 3) * rng.uniform(0, 1)).astype(np.float32)
    rgb = np.clip(drawing.rgb * (1 - lit) + color * lit, 0, 255).astype(np.uint8)
    dense = (density >= _LAYER_ALPHA) & (index < first)
    if not dense.any():
        return replace(drawing, rgb=rgb)
    raised = np.where(index >= first, index + 1, index)
    return replace(
        drawing,
        rgb=rgb,
        index=np.where(dense, first, raised).astype(np.int32),
        hides=_add_shadow(drawing, first, dense, density >= _LAYER_ALPHA),
        invisible=None if drawing.invisible is None else _raise_layers(drawing.invisible, first),
        shapes=None,
    )


def _raise_layers(pairs: np.ndarray, first: int) -> np.ndarray:
    return pairs + (pairs >= first)


def _add_shadow(
    drawing: LayeredImage, first: int, dense: np.ndarray, whole: np.ndarray
) -> np.ndarray | None:
    """The pairs that hide, and those of the shadow: on what it falls, and what covers it."""
    if drawing.hides is None:
        return None
    below = np.unique(drawing.index[dense])
    above = np.unique(drawing.index[whole & (drawing.index >= first)]) + 1
    pairs = [(int(layer), first) for layer in below if layer > 1]
    pairs += [(first, int(layer)) for layer in above]
    added = np.array(pairs, np.int32).reshape(-1, 2)
    return np.concatenate([_raise_layers(drawing.hides, first).astype(np.int32), added])
