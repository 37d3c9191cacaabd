"""A label map into completed, coloured, named layers; layers made before are used again."""

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
from .inpaint_color import color_steps
from .layer_cache import LayerCache, translucency
from .layer_pixels import LayerPixels, composite_edges, layer_pixels
from .names import color_names
from .visibility import VisibilityIndex

__all__ = ["LayerCache", "build_stack"]

# Layers made at a time, and pixels of all of them together.
_MAX_CONCURRENT_LAYERS = 4
_MAX_CONCURRENT_PIXELS = 1 << 23
# Layers of pictures with at least so many pixels are kept packed, where none is kept for later:
# they take a fraction of the memory, and a little longer each time that they are asked for.
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
        labels: int32 (H, W), 0..N-1 bottom to top, each occurring; -1 where nothing is.
        depth: float32 (H, W).
        meta: facts that travel with the stack; where layers were too complex for the method
            "contour", their indices are added as "completed_smooth".
        progress: called with the fraction done.
        cache: of this picture and depth; the result is the same with and without.
        eight_bit: the picture is in 8 bits, and so shall its layers be.
        confidence: float32 (H, W), of the depth, where the predictor says.
    """
    alpha = translucency(picture) if cache is None else cache.translucency(picture)
    seen = VisibilityIndex(labels, alpha)
    count, frame = seen.count, (picture.height, picture.width)
    pack = cache is None and labels.size >= _MIN_PACKED_PIXELS

    def make(index: int) -> tuple[str, LayerPixels, bool]:
        digest = "" if cache is None else seen.digest(index)
        kept = None if cache is None else cache.get(digest, complete)
        if kept is not None:
            return digest, kept, False
        new = layer_pixels(picture, alpha is None, seen, depth, index, complete, eight_bit, pack)
        return digest, new, True

    layers: list[Layer] = []
    complex_layers: list[int] = []
    # The layers so far: what the next one is seen against, where its edge is asked for.
    below = Backdrop(seen.numbers) if 0.0 < complete.feather <= 1.0 else None
    concurrent = min(_MAX_CONCURRENT_LAYERS, max(1, _MAX_CONCURRENT_PIXELS // labels.size))
    made = parallel_map(make, range(count), labels.size * count, concurrent)
    for index, (digest, pixels, is_new) in enumerate(made):
        layer = composite_edges(pixels, below, index + 1, frame, in_place=is_new)
        if below is not None:
            below.composite(index, layer.window, layer.pixels)
        if cache is not None and (is_new or layer.pixels is not pixels.rgba):
            # One copy for both: what is kept may hold anything at its edge.
            cache.put(digest, complete, replace(pixels, rgba=layer.rgba_crop))
        layers.append(layer)
        if pixels.too_complex:
            complex_layers.append(index)
        if progress is not None:
            progress((index + 1) / count)
    if below is not None:
        settled, steps = None if cache is None else cache.settled, color_steps(eight_bit)
        layers = settle_edges(picture.rgba, seen.numbers, layers, steps, settled, seen.rims)
    if complex_layers:
        meta = {**meta, "completed_smooth": complex_layers}
    return LayerStack(labels, _named(layers, seen, confidence), picture.name, meta)


def _named(
    layers: list[Layer], seen: VisibilityIndex, confidence: NDArray[np.float32] | None
) -> tuple[Layer, ...]:
    """The layers with names by their colours, and with how sure their places are."""
    sure: list[float] | list[None]
    sure = [None] * len(layers) if confidence is None else seen.means(confidence)
    names = color_names([np.array(layer.color) for layer in layers])
    return tuple(
        layer.replaced(name=name, confidence=None if share is None else round(share, 4))
        for layer, name, share in zip(layers, names, sure, strict=True)
    )
