"""Pixels moved from one layer to another: the picture stays, the layers change."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer, LayerStack


def stack_of(*masks: np.ndarray, colors=((1, 1, 1), (0.8, 0.2, 0.2), (0.2, 0.2, 0.8))):
    """Flat layers, bottom to top."""
    labels = np.full(masks[0].shape, -1, np.int32)
    for index, mask in enumerate(masks):
        labels[mask] = index
    layers = []
    for index, (mask, color) in enumerate(zip(masks, colors, strict=False)):
        rgba = np.zeros((*mask.shape, 4), np.float32)
        rgba[mask] = (*color, 1.0)
        layers.append(Layer.from_full(f"l{index}", index, color, labels == index, mask, rgba))
    numbered = [Layer(**{**x.__dict__, "uid": i + 1}) for i, x in enumerate(layers)]
    return LayerStack(labels, tuple(numbered), "flat")


@pytest.fixture
def stack():
    page, box, ball = (np.zeros((40, 60), bool) for _ in range(3))
    page[:], box[10:30, 5:35], ball[15:35, 25:50] = True, True, True
    return stack_of(page, box, ball)


def area(rows, cols):
    found = np.zeros((40, 60), bool)
    found[rows, cols] = True
    return found


@pytest.mark.parametrize("index", [0, 1, 2])
def test_the_picture_stays_and_the_layer_has_the_area(stack, index):
    spot = area(slice(12, 25), slice(20, 40))
    after = editing.assign(stack, spot, index)
    np.testing.assert_allclose(editing.flatten(after).rgba, editing.flatten(stack).rgba, atol=1e-6)
    assert (after.labels[spot] == index).all()
    np.testing.assert_array_equal(after.labels[~spot], stack.labels[~spot])
    assert after.meta["history"][-1]["op"] == "assign"


def test_layers_above_end_there_and_layers_below_go_on(stack):
    spot = area(slice(16, 20), slice(36, 44))  # of the ball
    down = editing.assign(stack, spot, 1)
    assert not down.layers[2].mask[spot].any() and down.layers[1].mask[spot].all()
    spot = area(slice(12, 14), slice(8, 20))  # of the box
    up = editing.assign(stack, spot, 2)
    assert up.layers[1].mask[spot].all() and up.layers[2].mask[spot].all()
    assert not up.layers[1].visible[spot].any()
    alone = editing.hide(up, 2)
    assert (alone.labels[spot] == 1).all()


def test_what_runs_under_takes_its_own_colors():
    page, box = np.ones((30, 30), bool), np.zeros((30, 30), bool)
    box[5:25, 5:25] = True
    stack = stack_of(page, box)
    stroke = np.zeros_like(box)
    stroke[10:12, 0:30] = True
    rgba = stack.layers[0].rgba_crop.copy()
    rgba[10:12] = (0.0, 0.0, 0.0, 1.0)  # a black line across the page that belongs to the box
    page_layer = Layer(**{**stack.layers[0].__dict__, "rgba_crop": rgba})
    stack = stack.with_layers((page_layer, stack.layers[1]))
    after = editing.assign(stack, stroke, 1)
    assert after.layers[0].rgba[10:12, :4, :3].min() > 0.9
    assert after.layers[1].rgba[10:12, :4, :3].max() < 0.1


def test_a_layer_of_which_nothing_is_left_is_taken_out(stack):
    after = editing.assign(stack, stack.labels == 2, 1)
    assert [x.name for x in after] == ["l0", "l1"]
    np.testing.assert_allclose(editing.flatten(after).rgba, editing.flatten(stack).rgba, atol=1e-6)


def test_refusals(stack):
    with pytest.raises(InputError, match="No layer but 'l1' is seen"):
        editing.assign(stack, area(slice(12, 14), slice(8, 10)), 1)
    with pytest.raises(InputError, match="60x40"):
        editing.assign(stack, np.ones((4, 4), bool), 1)
    with pytest.raises(InputError, match="'l1' is hidden"):
        editing.assign(editing.hide(stack, 1), np.ones((40, 60), bool), 1)
