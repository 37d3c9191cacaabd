"""Which layer of a stack that was made again stands for which of the stack before."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from ..regions import runs_of
from ..types import LayerStack

__all__ = ["carry_uids"]

# Above one half, each layer has at most one partner on either side.
_MIN_SHARED = 0.5


def carry_uids(old: LayerStack, new: LayerStack, by_name: bool = False) -> LayerStack:
    """`new` with the uids of `old` where a layer is seen in the same place.

    So that what people attached to a layer (a material, a thickness) stays with it when the number
    of layers changes.

    Args:
        old: the layers before; of any size.
        new: the same picture taken apart once more, or the same file read once more.
        by_name: first match layers whose group and name only one layer of either stack has; place
            then decides for the rest alone. Names that people gave say more than pixels.

    Returns:
        `new`, each layer whose seen pixels and those of an old layer overlap by more than one half
        (intersection over union) with that layer's uid, all others with uids that `old` never had.
    """
    top_uid = max((layer.uid for layer in old.layers), default=0)
    uids = [0] * len(new)
    if by_name:
        for index, uid in _namesakes(old, new).items():
            uids[index] = uid
    if old.labels.shape == new.labels.shape and len(old) and len(new):
        matched = set(uids)
        for index, partner in _partners(old, new).items():
            uid = old.layers[partner].uid
            if uids[index] == 0 and uid not in matched:
                uids[index] = uid
    layers = []
    for uid, layer in zip(uids, new.layers, strict=True):
        if uid == 0:
            top_uid += 1
            uid = top_uid
        layers.append(layer if layer.uid == uid else replace(layer, uid=uid))
    return new.with_layers(tuple(layers))


def _namesakes(old: LayerStack, new: LayerStack) -> dict[int, int]:
    """Index in `new` -> uid in `old` of the one layer that is called the same."""
    names = Counter((layer.group, layer.name) for layer in new)
    before = Counter((layer.group, layer.name) for layer in old)
    uids = {(layer.group, layer.name): layer.uid for layer in old}
    return {
        index: uids[layer.group, layer.name]
        for index, layer in enumerate(new.layers)
        if before[layer.group, layer.name] == 1 == names[layer.group, layer.name]
    }


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
    rows, cols = np.nonzero(shared > _MIN_SHARED * union)
    return {int(c): int(r) for r, c in zip(rows, cols, strict=True)}
