"""Which layer of a stack made anew stands for which of the stack before."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..regions import runs_of
from ..types import LayerStack

__all__ = ["carry_uids"]

# Above one half, each layer has at most one partner on either side.
_SAME = 0.5


def carry_uids(old: LayerStack, new: LayerStack) -> LayerStack:
    """`new` with the uids of `old` where a layer is seen in the same place.

    So that what people attached to a layer (a material, a thickness) stays with it when the number
    of layers changes.

    Args:
        old: the layers before; of any size.
        new: the same picture taken apart once more.

    Returns:
        `new`, each layer whose seen pixels and those of an old layer overlap by more than one half
        (intersection over union) with that layer's uid, all others with uids that `old` never had.
    """
    last = max((layer.uid for layer in old.layers), default=0)
    uids = [0] * len(new)
    if old.labels.shape == new.labels.shape and len(old) and len(new):
        for index, partner in _partners(old, new).items():
            uids[index] = old.layers[partner].uid
    layers = []
    for uid, layer in zip(uids, new.layers, strict=True):
        if uid == 0:
            last += 1
            uid = last
        layers.append(layer if layer.uid == uid else replace(layer, uid=uid))
    return new.with_layers(tuple(layers))


def _partners(old: LayerStack, new: LayerStack) -> dict[int, int]:
    """Index in `new` -> index in `old` of the layer that is seen where it is."""
    columns = len(new) + 1
    pairs = old.labels * np.int32(columns)
    pairs += new.labels
    # Runs of a pair are counted, not pixels; the shift is that of the -1 where nothing is.
    _, pair, lengths = runs_of(pairs)
    counts = np.bincount(pair + (columns + 1), lengths, (len(old) + 1) * columns)
    both = counts.reshape(len(old) + 1, columns)
    shared = both[1:, 1:]
    union = both[1:].sum(axis=1)[:, None] + both[:, 1:].sum(axis=0)[None] - shared
    rows, cols = np.nonzero(shared > _SAME * union)
    return {int(c): int(r) for r, c in zip(rows, cols, strict=True)}
