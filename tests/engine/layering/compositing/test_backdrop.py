"""What lies under a layer at its outline is what flattening all layers below it gives there."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.layering.compositing.backdrop import Backdrop
from illustrators_depth.layering.compositing.composite import lay_over
from illustrators_depth.layering.edges.coverage import seen_rim
from illustrators_depth.types import Layer


def windowed(rng: np.random.Generator, window: tuple[int, int, int, int]) -> Layer:
    """A layer of random pixels: some clear, some solid, some between."""
    top, left, bottom, right = window
    rgba = rng.random((bottom - top, right - left, 4), np.float32)
    rgba[..., 3] = np.clip(2.0 * rgba[..., 3] - 0.5, 0.0, 1.0)
    mask = rgba[..., 3] > 0.5
    return Layer("layer", 0.0, (0.0, 0.0, 0.0), (48, 64), window, mask, mask, rgba)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_rims_see_what_is_below_them(dtype: type) -> None:
    rng = np.random.default_rng(5)
    numbers = np.zeros((48, 64), dtype)  # some of it nothing at all
    windows = [(4, 0, 48, 64), (0, 10, 30, 50), (20, 5, 45, 33), (8, 30, 40, 64)]
    for index, (top, left, bottom, right) in enumerate(windows):
        numbers[top + 2 : bottom - 3, left + 1 : right - 4] = index + 1
    below, canvas = Backdrop(numbers), np.zeros((48, 64, 4), np.float32)
    looked_at = 0
    for index, window in enumerate(windows):
        top, left, bottom, right = window
        part = numbers[top:bottom, left:right]
        rim = np.nonzero(seen_rim(part == index + 1, part <= index))
        expected = canvas[top:bottom, left:right][rim]
        np.testing.assert_array_equal(below.at(window, rim), expected)
        looked_at += int((expected > 0.0).sum())
        layer = windowed(rng, window)
        below.composite(index, window, layer.rgba_crop)
        lay_over(canvas, layer)
    assert looked_at > 500
