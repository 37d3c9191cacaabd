"""Compares layers of two stacks: which are the same, which lie inside another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from illustrators_depth import editing
from illustrators_depth.types import Layer, LayerStack

__all__ = ["INSIDE_SHARE", "differ", "share", "with_new_uids", "with_uids", "without"]

# A layer lies inside another with this share of what is seen of it.
INSIDE_SHARE = 0.8


def with_uids(stack: LayerStack, uids: Sequence[int]) -> LayerStack:
    """A stack whose layers get these uids, bottom first; one for each layer, else ValueError."""
    pairs = zip(stack, uids, strict=True)
    return stack.with_layers(tuple(replace(layer, uid=int(uid)) for layer, uid in pairs))


def with_new_uids(
    before: LayerStack, base: LayerStack, new: LayerStack, last: LayerStack | None
) -> LayerStack:
    """`new` with uids for its own layers that no layer of `before` has either.

    They are those that the same layers have in `last`, if it is given.
    """
    base_uids = {layer.uid for layer in base}
    taken = base_uids | {layer.uid for layer in before}
    partners = [0] * len(new)
    if last is not None:
        partners = [layer.uid for layer in editing.carry_uids(last, new)]
        free = {layer.uid for layer in last} - taken
        partners = [uid if uid in free else 0 for uid in partners]
    top = max((*taken, *(layer.uid for layer in last or ())))
    layers = []
    for layer, partner in zip(new, partners, strict=True):
        if layer.uid not in base_uids:
            top += 0 if partner else 1
            layer = replace(layer, uid=partner or top)
        layers.append(layer)
    return new.with_layers(tuple(layers))


def share(layer: Layer, area: np.ndarray) -> float:
    """Which share of what is seen of a layer, else of its mask, lies in an area, bool (H, W)."""
    own = layer.visible_crop if layer.visible_crop.any() else layer.mask_crop
    count = int(np.count_nonzero(own))
    return float(np.count_nonzero(own & area[layer.box])) / count if count else 0.0


def without(layer: Layer, other: Layer) -> Layer:
    """A layer with a hole where another one is seen."""
    hole = other.visible[layer.box]
    if not (hole & (layer.rgba_crop[..., 3] > 0.0)).any():
        return layer
    rgba = layer.rgba_crop.copy()
    rgba[hole, 3] = 0.0
    return replace(layer, mask_crop=layer.mask_crop & ~hole, rgba_crop=rgba)


def differ(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two colors, 0..1 a channel, differ by more than a step of 8 bits in any."""
    return any(abs(a - b) > 1.0 / 255.0 for a, b in zip(one, other, strict=True))
