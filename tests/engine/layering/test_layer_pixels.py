"""A layer's pixels are kept as they are while its edge follows what lies below it."""

from __future__ import annotations

import numpy as np

from illustrators_depth.layering.compositing.backdrop import Backdrop
from illustrators_depth.layering.layer_pixels import composite_edges, layer_pixels
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_SIZE = 24


def test_an_edge_over_another_backdrop_leaves_the_kept_pixels_alone() -> None:
    rgba = np.ones((_SIZE, _SIZE, 4), np.float32)
    rgba[8:16, 8:16, :3] = (0.8, 0.1, 0.1)
    rgba[8:16, 16, :3] = (0.9, 0.55, 0.55)  # half a pixel of the square
    labels = np.zeros((_SIZE, _SIZE), np.int32)
    labels[8:16, 8:16] = 1
    seen = VisibilityIndex(labels)
    depth = labels.astype(np.float32)
    pixels = layer_pixels(Image(rgba), True, seen, depth, 1, CompleteSettings(), False)
    before = pixels.rgba.copy()
    white, dark = Backdrop(seen.numbers), Backdrop(seen.numbers)
    white.composite(0, (0, 0, _SIZE, _SIZE), np.ones((_SIZE, _SIZE, 4), np.float32))
    dark.composite(0, (0, 0, _SIZE, _SIZE), np.full((_SIZE, _SIZE, 4), (0, 0, 0, 1), np.float32))
    layers = [composite_edges(pixels, under, 2, (_SIZE, _SIZE)) for under in (white, dark)]
    assert not np.array_equal(layers[0].rgba_crop, layers[1].rgba_crop)
    assert np.array_equal(pixels.rgba, before)
    again = composite_edges(pixels, white, 2, (_SIZE, _SIZE))
    assert np.array_equal(again.rgba_crop, layers[0].rgba_crop)
