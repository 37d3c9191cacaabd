"""Drawings in which one layer looks like many: glass, tufts, screentone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from illustrators_depth_training.data.layered import LayeredImage
from illustrators_depth_training.procedural.materials import (
    make_glass,
    make_screentone,
    make_tufts,
)
from illustrators_depth_training.procedural.painted_canvas import PaintedCanvas, Patch
from illustrators_depth_training.samples.targets import connected_regions

Maker = Callable[[np.random.Generator, int], LayeredImage]
SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def _drawings(make: Maker, count: int = 12) -> list[LayeredImage]:
    return [make(np.random.default_rng(seed), 96) for seed in range(count)]


@pytest.mark.parametrize("make", [make_glass, make_tufts, make_screentone])
def test_one_generator_state_is_one_drawing(make: Maker) -> None:
    for one, two in zip(_drawings(make), _drawings(make), strict=True):
        np.testing.assert_array_equal(one.rgb, two.rgb)
        np.testing.assert_array_equal(one.index, two.index)
        assert one.rgb.shape == (96, 96, 3) and one.rgb.dtype == np.uint8
        assert one.hides is not None and (one.hides[:, 0] < one.hides[:, 1]).all()


def _half_red(patch: Patch) -> np.ndarray:
    return (patch.beneath() // 2 + np.array([127, 0, 0])).astype(np.uint8)


def test_a_pane_is_one_layer_through_which_all_others_show() -> None:
    canvas = PaintedCanvas(np.random.default_rng(0), 32, np.full(3, 200.0))
    canvas.put_polygons([SQUARE * 0.5], np.array([0.0, 0.0, 100.0]))
    assert canvas.put_painted(SQUARE * 0.5 + 0.25, _half_red) == 2
    assert canvas.put_painted(SQUARE * 0.25 + 0.375, _half_red) == 3
    drawing = canvas.finish()
    assert drawing is not None
    assert drawing.index[20, 10] == drawing.index[10, 10] == 3
    np.testing.assert_array_equal(drawing.rgb[10, 10], [127, 0, 50])  # over the square
    np.testing.assert_array_equal(drawing.rgb[20, 10], [227, 100, 100])  # over the page
    np.testing.assert_array_equal(drawing.rgb[18, 18], [240, 50, 50])  # over glass
    assert drawing.hides is not None
    assert {(2, 3), (3, 4)} <= {tuple(pair) for pair in drawing.hides.tolist()}
    assert canvas.put_painted(SQUARE + 2.0, _half_red) == 0  # beyond the picture


def test_glass_has_more_colors_than_layers() -> None:
    more = 0
    for drawing in _drawings(make_glass):
        flat = drawing.rgb.reshape(-1, 3)
        _colors, count = np.unique(flat, axis=0, return_counts=True)
        more += (count > 12).sum() > drawing.index.max()
    assert more >= 8


def test_strands_of_one_color_are_one_layer() -> None:
    """A drawing of few layers with many pointed parts: its borders are long."""
    for drawing in _drawings(make_tufts):
        assert drawing.index.max() <= 12
        changes = (np.diff(drawing.index, axis=1) != 0).sum(axis=1)
        assert changes.max() >= 6


def test_tone_changes_color_within_a_layer_and_not_its_index() -> None:
    within = []
    for drawing in _drawings(make_screentone):
        step = np.abs(np.diff(drawing.rgb.astype(int), axis=1)).max(axis=2) > 60
        same = np.diff(drawing.index, axis=1) == 0
        within.append(int((step & same).sum()))
        assert connected_regions(drawing.index)[1] < 60
    assert sum(count > 100 for count in within) >= 6
