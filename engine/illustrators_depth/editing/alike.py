"""Treats layers alike that belong together, such as letters: one per colour, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from ..errors import InputError
from ..types import Layer, LayerStack
from .flatten import flatten
from .merge import merge
from .restack import check_indices, restack

__all__ = ["treat_alike"]

# Layers have the same colour when no channel is farther off, of 1.
_SAME_COLOR = 0.05


def treat_alike(stack: LayerStack, indices: Sequence[int]) -> LayerStack:
    """One layer for each colour among some layers, such as the letters of a word.

    Fills are above outlines for all of them, or below for all of them, as it is for most of what is
    seen; the picture stays as it is.

    Args:
        stack: the layers.
        indices: which of them, all shown or all hidden.

    Raises InputError for fewer than two layers, or when no two of them have the same colour.
    """
    chosen = sorted(set(check_indices(stack, indices)))
    groups = _by_color(stack, chosen)
    if len(groups) == len(chosen):
        raise InputError("No two of these layers have the same color; choose others.")
    height = {number: _mean_index(stack, group) for number, group in enumerate(groups)}
    uids = [[stack.layers[i].uid for i in group] for group in groups]
    united: dict[int, int] = {}
    for number, group in enumerate(uids):
        members = [i for i, layer in enumerate(stack) if layer.uid in group]
        place = members[-1] - len(members) + 1
        if len(members) > 1:
            stack = merge(stack, members)
        united[stack.layers[place].uid] = number
    places = [i for i, layer in enumerate(stack) if layer.uid in united]
    ranked = sorted(places, key=lambda i: height[united[stack.layers[i].uid]])
    if ranked == places:
        return stack
    order = [*range(len(stack))]
    for place, index in zip(places, ranked, strict=True):
        order[place] = index
    layers = _with_flattened_edges(stack, range(places[0], places[-1] + 1))
    layers = [layers[i] for i in order]
    for place, was in enumerate(order):
        risen_over = [layers[p] for p in range(place) if order[p] > was]
        layers[place] = _without_new_overlap(layers[place], risen_over)
    return restack(stack, layers, {"op": "reorder", "order": order})


def _by_color(stack: LayerStack, chosen: Sequence[int]) -> list[list[int]]:
    """Indices of layers of one colour each, the largest layer deciding on the colour."""
    visible_pixels = {i: int(np.count_nonzero(stack.layers[i].visible_crop)) for i in chosen}
    groups: list[list[int]] = []
    for index in sorted(chosen, key=lambda i: (-visible_pixels[i], i)):
        color = np.array(stack.layers[index].color)
        for group in groups:
            if np.abs(color - np.array(stack.layers[group[0]].color)).max() <= _SAME_COLOR:
                group.append(index)
                break
        else:
            groups.append([index])
    return groups


def _mean_index(stack: LayerStack, group: Sequence[int]) -> float:
    """Where in the stack most of what is seen of some layers lies."""
    weights = [float(np.count_nonzero(stack.layers[i].visible_crop)) + 1e-6 for i in group]
    return float(np.average(group, weights=weights))


def _with_flattened_edges(stack: LayerStack, places: Sequence[int]) -> list[Layer]:
    """All layers; the soft edges between those of `places` as they look, whatever lies below."""
    layers, picture = [*stack.layers], flatten(stack).rgba
    for place in places:
        layer = layers[place]
        others = np.isin(stack.labels, [p for p in places if p != place]).astype(np.uint8)
        near = cv2.dilate(others, np.ones((3, 3), np.uint8))[layer.box] > 0
        soft = near & layer.visible_crop & (layer.rgba_crop[..., 3] < 1.0)
        if soft.any():
            rgba = layer.rgba_crop.copy()
            rgba[soft] = picture[layer.box][soft]
            layers[place] = replace(layer, rgba_crop=rgba)
    return layers


def _without_new_overlap(layer: Layer, below: Sequence[Layer]) -> Layer:
    """A layer without what it would cover of layers that it was not above of."""
    mask, rgba = layer.mask_crop, layer.rgba_crop
    for other in below:
        hole = other.visible[layer.box] & ~layer.visible_crop
        if (hole & mask).any():
            mask, rgba = mask & ~hole, rgba.copy()
            rgba[hole, 3] = 0.0
    return layer if mask is layer.mask_crop else replace(layer, mask_crop=mask, rgba_crop=rgba)
