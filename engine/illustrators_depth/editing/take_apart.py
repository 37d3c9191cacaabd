"""Takes a flat layer apart by a depth map of its own, into parts in a group of its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_kind
from ..layering.decompose import decompose
from ..progress import Progress
from ..settings import CompleteSettings, DecomposeSettings
from ..types import DepthMap, Image, Layer, LayerStack
from .restack import check_index, in_place_of, restack

__all__ = ["layer_picture", "take_apart"]

# Paint covers by more than this over most of its area.
_PAINT_ALPHA = 0.9


def layer_picture(stack: LayerStack, index: int) -> Image:
    """A layer alone, cropped to its window: the picture to predict the depth of."""
    layer = stack.layers[check_index(stack, index)]
    return Image(layer.rgba_crop, layer.name)


def take_apart(
    stack: LayerStack,
    index: int,
    depth: DepthMap,
    cuts: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    progress: Progress | None = None,
) -> LayerStack:
    """Replace a layer by the layers inside of it.

    They lie in its place, in a group of its name inside of its own groups, and keep its blend mode.
    The lowest keeps its uid.

    Args:
        stack: the layers.
        index: which one is taken apart.
        depth: of `layer_picture(stack, index)`.
        cuts, complete: as for `decompose`. Parts of a layer that is translucent, or blended
            otherwise than normally, are cut sharp and not continued under one another: what they
            share would show twice.
        progress: called with ("layers", fraction).

    Raises:
        InputError: the depth is not of the layer's size, or all of the layer is one layer.
    """
    check_kind(depth, DepthMap, "depth")
    picture = layer_picture(stack, index)
    layer = stack.layers[index]
    if depth.shape != layer.mask_crop.shape:
        raise InputError(
            f"The depth map is {depth.shape[1]}x{depth.shape[0]} but the layer {layer.name!r} is "
            f"{picture.width}x{picture.height} pixels; predict it from the layer's picture."
        )
    inner = decompose(picture, depth, cuts, complete, progress)
    if len(inner) < 2:
        raise InputError(f"Inside of {layer.name!r} is one layer alone; nothing to take apart.")
    own = list(inner.layers)
    solid = layer.rgba_crop[..., 3][layer.mask_crop]
    if layer.blend != "normal" or float(np.median(solid)) < _PAINT_ALPHA:
        own = [_cut(layer, inner.labels, number, part) for number, part in enumerate(own)]
    group = (*layer.group, layer.name)
    parts = [
        in_place_of(layer, part, layer.uid if number == 0 else 0, group, part.name)
        for number, part in enumerate(own)
    ]
    layers = [*stack.layers[:index], *parts, *stack.layers[index + 1 :]]
    event = {"op": "split", "layer": index, "by": "prediction", "pieces": len(parts)}
    return restack(stack, layers, event)


def _cut(whole: Layer, labels: NDArray[np.int32], number: int, part: Layer) -> Layer:
    """A part with those of the layer's own pixels that are labelled as it; the lowest gets the rest
    as well."""
    own = labels == number if number else labels < 1
    rgba = np.where(own[..., None], whole.rgba_crop, np.float32(0.0))
    mask = own & whole.mask_crop
    cut = Layer.from_full(part.name, part.depth, part.color, mask, mask, rgba)
    return replace(cut, uid=part.uid, confidence=part.confidence)
