"""From a label map to completed, coloured and named layers; unchanged ones come from a cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..settings import CompleteSettings
from ..threads import parallel_map
from ..types import Image, Layer, LayerStack
from .compositing.backdrop import Backdrop
from .edges.settle_edges import settle_edges
from .layer_cache import LayerCache, translucency
from .layer_pixels import LayerPixels, composite_edges, layer_pixels
from .names import color_names
from .paint.inpaint_color import color_steps
from .visibility import VisibilityIndex

__all__ = ["LayerCache", "build_stack"]

# Layers completed at a time, and pixels of all of them together, which bounds the memory.
_MAX_CONCURRENT_LAYERS = 4
_MAX_CONCURRENT_PIXELS = 1 << 23
# Without a cache, layers of pictures with at least so many pixels are kept packed: that takes a
# fraction of the memory, and a little longer each time that their pixels are read.
_MIN_PACKED_PIXELS = 1 << 22


def build_stack(
    picture: Image,
    labels: NDArray[np.int32],
    depth: NDArray[np.float32],
    complete: CompleteSettings,
    meta: dict[str, Any],
    progress: Callable[[float], None] | None = None,
    cache: LayerCache | None = None,
    eight_bit: bool = False,
    confidence: NDArray[np.float32] | None = None,
) -> LayerStack:
    """Complete, colour and name the layers of a label map.

    Args:
        picture: what the layers' pixels are cut from.
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where no layer is.
        depth: float32 (H, W), larger = nearer.
        complete: how layers continue under those above them, and how soft their edges are.
        meta: the stack's, to which indices of layers too complex for "contour" are added.
        progress: called with the fraction done.
        cache: of this picture and depth; the result is the same with and without.
        eight_bit: the picture is in 8 bits, and so shall its layers be.
        confidence: float32 (H, W), 0..1, of the depth; None where the predictor gives none.
    """
    alpha = translucency(picture) if cache is None else cache.translucency(picture)
    visibility = VisibilityIndex(labels, alpha)
    count, frame = visibility.count, (picture.height, picture.width)
    opaque, pack = alpha is None, cache is None and labels.size >= _MIN_PACKED_PIXELS

    def make(index: int) -> tuple[str, LayerPixels, bool]:
        digest = "" if cache is None else visibility.digest(index)
        cached = None if cache is None else cache.get(digest, complete)
        if cached is not None:
            return digest, cached, False
        new = layer_pixels(picture, opaque, visibility, depth, index, complete, eight_bit, pack)
        return digest, new, True

    layers: list[Layer] = []
    complex_layers: list[int] = []
    # The layers so far, composited where the next one's edge may lie: its background there.
    below = Backdrop(visibility.numbers) if 0.0 < complete.feather <= 1.0 else None
    concurrent = min(_MAX_CONCURRENT_LAYERS, max(1, _MAX_CONCURRENT_PIXELS // labels.size))
    results = parallel_map(make, range(count), labels.size * count, concurrent)
    for index, (digest, pixels, is_new) in enumerate(results):
        layer = composite_edges(pixels, below, index + 1, frame, in_place=is_new)
        if below is not None:
            below.composite(index, layer.window, layer.pixels)
        if cache is not None and (is_new or layer.pixels is not pixels.rgba):
            # Stack and cache share one copy: the edge of cached pixels is estimated again anyway.
            cache.put(digest, complete, replace(pixels, rgba=layer.rgba_crop))
        layers.append(layer)
        if pixels.too_complex:
            complex_layers.append(index)
        if progress is not None:
            progress((index + 1) / count)
    if below is not None:
        layers = _settled(picture, visibility, layers, eight_bit, cache)
    if complex_layers:
        meta = {**meta, "completed_smooth": complex_layers}
    return LayerStack(labels, _named(layers, visibility, confidence), picture.name, meta)


def _settled(
    picture: Image,
    visibility: VisibilityIndex,
    layers: list[Layer],
    eight_bit: bool,
    cache: LayerCache | None,
) -> list[Layer]:
    """The layers with their edges corrected, see `settle_edges`."""
    kept, steps = None if cache is None else cache.settled, color_steps(eight_bit)
    return settle_edges(picture.rgba, visibility.numbers, layers, steps, kept, visibility.rims)


def _named(
    layers: list[Layer], visibility: VisibilityIndex, confidence: NDArray[np.float32] | None
) -> tuple[Layer, ...]:
    """The layers with names by their colours, and with their mean confidence."""
    confidences: list[float] | list[None]
    confidences = [None] * len(layers) if confidence is None else visibility.means(confidence)
    names = color_names([np.array(layer.color) for layer in layers])
    return tuple(
        layer.replaced(name=name, confidence=None if value is None else round(value, 4))
        for layer, name, value in zip(layers, names, confidences, strict=True)
    )
