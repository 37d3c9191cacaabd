"""Edits: every one keeps the stack consistent, those with an inverse are undone by it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from illustrators_depth.editing import (
    Placement,
    bring_forward,
    delete,
    flatten,
    hide,
    insert,
    merge,
    recolor,
    rename,
    reorder,
    send_back,
    show,
    split,
    threshold,
)
from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.types import DepthMap, Image, LayerStack
from tests.engine.drawings import Drawing, box, disc, paint, stacked_discs

PATCH = np.full((9, 9, 3), 0.5, np.float32)


@lru_cache(maxsize=1)
def drawing() -> Drawing:
    return stacked_discs()


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    made = decompose(drawing().image, drawing().depth)
    assert len(made) == 6
    return made


def assert_consistent(result: LayerStack) -> None:
    """Labels are the top-most shown mask; visible masks are the labels, and tile what is seen."""
    top = np.full(result.labels.shape, -1, np.int32)
    for index, layer in enumerate(result.layers):
        if not layer.hidden:
            top[layer.mask] = index
        assert np.array_equal(layer.visible, result.labels == index)
        assert not (layer.visible & ~layer.mask).any()
        assert layer.rgba_crop.dtype == np.float32
        assert layer.rgba_crop.min() >= 0.0 and layer.rgba_crop.max() <= 1.0
    assert np.array_equal(result.labels, top)


def assert_same(one: LayerStack, other: LayerStack) -> None:
    """Equal in everything but the history."""
    assert np.array_equal(one.labels, other.labels)
    assert len(one) == len(other)
    for a, b in zip(one.layers, other.layers, strict=True):
        assert (a.name, a.depth, a.color, a.hidden) == (b.name, b.depth, b.color, b.hidden)
        assert np.array_equal(a.visible, b.visible) and np.array_equal(a.mask, b.mask)
        assert np.array_equal(a.rgba, b.rgba)


def off(one: Image, other: Image) -> float:
    """RMS difference of two pictures over white."""
    return float(np.sqrt(((one.over() - other.over()) ** 2).mean()))


def assert_looks_the_same(one: LayerStack, other: LayerStack) -> None:
    """No pixel differs by half a step of eight bits, over white or in its alpha."""
    a, b = flatten(one), flatten(other)
    assert np.abs(a.over() - b.over()).max() < 0.5 / 255
    assert np.abs(a.rgba[..., 3] - b.rgba[..., 3]).max() < 0.5 / 255


def test_a_decomposed_stack_is_consistent_and_flattens_to_the_picture() -> None:
    assert_consistent(stack())
    assert off(flatten(stack()), drawing().image) < 0.01
    assert np.abs(flatten(stack()).over() - drawing().image.over()).mean() < 0.001


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)))
def test_reorder_then_its_inverse_changes_nothing(order: list[int]) -> None:
    there = reorder(stack(), order)
    assert_consistent(there)
    assert [layer.name for layer in there] == [stack().layers[i].name for i in order]
    assert_same(reorder(there, [order.index(i) for i in range(6)]), stack())


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5), st.integers(1, 5))
def test_send_back_undoes_bring_forward(index: int, steps: int) -> None:
    steps = min(steps, 5 - index)
    if steps == 0:
        assert_same(bring_forward(stack(), index), stack())  # already on top
        return
    there = bring_forward(stack(), index, steps)
    assert_consistent(there)
    assert_same(send_back(there, index + steps, steps), stack())


@settings(max_examples=10, deadline=None)
@given(st.sets(st.integers(0, 5), min_size=1))
def test_show_undoes_hide(indices: set[int]) -> None:
    result = stack()
    for index in indices:
        result = hide(result, index)
        assert_consistent(result)
        assert not result.layers[index].visible.any()
    for index in indices:
        result = show(result, index)
    assert_same(result, stack())


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 5), min_size=2), st.permutations(range(6)))
@example({0, 5}, [0, 1, 2, 3, 5, 4])  # the page and a disc, soft edges of four others in between
def test_merging_never_changes_the_picture(indices: set[int], order: list[int]) -> None:
    before = reorder(stack(), order)
    after = merge(before, sorted(indices))
    assert_consistent(after)
    assert len(after) == len(before) - len(indices) + 1
    # Which group is seen where stays the same, pixel for pixel.
    group = [order_index in indices for order_index in range(6)]
    seen_before = np.array([*group, False])[before.labels]
    top = max(indices) - len(indices) + 1
    assert np.array_equal(after.labels == top, seen_before)
    assert_looks_the_same(after, before)


def test_merging_around_glass_keeps_the_picture() -> None:
    """A half-transparent layer between two members, over one of them and over nothing."""
    pane = np.full((60, 60, 4), (0.9, 0.2, 0.1, 0.5), np.float32)
    for index in (2, 4):
        before = insert(hide(stack(), 0), pane, index, Placement(64, 48))
        glass = before.layers[index].rgba[..., 3] > 0.4
        assert (glass & before.layers[1].mask).any() and (glass & ~before.layers[1].mask).any()
        after = merge(before, [1, 5])
        assert_consistent(after)
        assert_looks_the_same(after, before)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(6)), st.floats(0.0, 0.9))
@example([1, 0, 3, 2, 5, 4], 0.5)  # the two groups lie in turns
def test_threshold_never_changes_the_picture(order: list[int], at: float) -> None:
    before = reorder(stack(), order)
    after = threshold(before, at)
    assert_consistent(after)
    assert sorted(layer.name for layer in after) == ["background", "foreground"]
    assert_looks_the_same(after, before)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_run_of_edits_keeps_the_stack_consistent(choices: list[int], random) -> None:
    result = stack()
    for choice in choices:
        index = random.randrange(len(result))
        edits = [
            lambda s, i: bring_forward(s, i),
            lambda s, i: send_back(s, i, 2),
            lambda s, i: hide(s, i, not s.layers[i].hidden),
            lambda s, i: recolor(s, i, (0.2, 0.4, 0.6)),
            lambda s, i: rename(s, i, "new name"),
            lambda s, i: insert(s, PATCH, i, Placement(40, 30)),
            lambda s, i: delete(s, i) if len(s) > 1 else s,
            lambda s, _: reorder(s, list(range(len(s)))[::-1]),
        ]
        result = edits[choice](result, index)
        assert_consistent(result)


def test_unchanged_pixels_are_shared() -> None:
    renamed = rename(stack(), 2, "sun")
    assert renamed.layers[2].rgba_crop is stack().layers[2].rgba_crop
    assert renamed.layers[0] is stack().layers[0]
    assert reorder(stack(), range(6)).layers[3] is stack().layers[3]


def test_history_tells_what_was_done() -> None:
    result = recolor(rename(stack(), 1, "ball"), 1, (1.0, 0.0, 0.0))
    assert result.meta["history"] == [
        {"op": "rename", "layer": 1, "name": "ball"},
        {"op": "recolor", "layer": 1, "color": [1.0, 0.0, 0.0]},
    ]
    assert "history" not in stack().meta


def test_deleting_reveals_what_continues_below() -> None:
    """Under the yellow disc the green one goes on."""
    result = delete(stack(), 3)
    assert_consistent(result)
    under = stack().layers[3].visible & stack().layers[2].mask
    assert under.sum() > 0.9 * stack().layers[3].visible.sum()
    green = flatten(result).over()[under]
    assert np.abs(green - stack().layers[2].color).max(axis=1).mean() < 0.05


def test_recolor_gives_a_flat_layer_exactly_that_colour() -> None:
    result = recolor(stack(), 1, (0.1, 0.2, 0.9))
    core = stack().layers[1].visible.copy()
    core[1:-1, 1:-1] &= core[:-2, 1:-1] & core[2:, 1:-1] & core[1:-1, :-2] & core[1:-1, 2:]
    shown = flatten(result).over()[core]
    assert np.abs(np.median(shown, axis=0) - (0.1, 0.2, 0.9)).max() < 0.01


def two_eyes() -> LayerStack:
    size = (90, 140)
    eye = (240, 240, 240)
    made = paint(
        size,
        [
            ((230, 90, 60), disc(size, 70, 45, 40)),
            (eye, disc(size, 55, 40, 9) | disc(size, 88, 40, 12)),
        ],
        background=(40, 60, 140),
    )
    return decompose(made.image, made.depth)


def test_split_by_parts_tells_two_eyes_apart() -> None:
    result = split(two_eyes(), 2, "parts")
    assert_consistent(result)
    assert [layer.name for layer in result][2:] == ["white 1", "white 2"]
    areas = [int(layer.mask.sum()) for layer in result][2:]
    assert areas[0] == pytest.approx(np.pi * 144, rel=0.05)
    assert areas[1] == pytest.approx(np.pi * 81, rel=0.05)
    assert off(flatten(result), flatten(two_eyes())) < 0.01


def test_split_by_color_undoes_a_merge() -> None:
    merged = merge(stack(), [1, 2, 3])
    result = split(merged, 1, "color", count=3)
    assert_consistent(result)
    assert len(result) == 6
    colors = sorted(tuple(np.round(layer.color, 1)) for layer in result.layers[1:4])
    wanted = sorted(tuple(np.round(layer.color, 1)) for layer in stack().layers[1:4])
    assert colors == wanted
    assert off(flatten(result), flatten(stack())) < 0.03


def test_split_by_threshold_cuts_at_the_depth() -> None:
    merged = merge(stack(), [1, 2])
    depth = drawing().depth
    result = split(merged, 1, "threshold", depth=depth)
    assert_consistent(result)
    assert len(result) == 6
    far, near = result.layers[1], result.layers[2]
    assert far.depth < near.depth
    agreement = (near.visible == stack().layers[2].visible).mean()
    assert agreement > 0.99


def test_threshold_gives_background_and_foreground() -> None:
    result = threshold(stack(), 0.5)
    assert_consistent(result)
    assert [layer.name for layer in result] == ["background", "foreground"]
    depths = np.array([layer.depth for layer in stack()])
    near = depths > 0.5 * (depths.min() + depths.max())
    assert np.array_equal(result.labels == 1, near[stack().labels])
    assert off(flatten(result), flatten(stack())) < 0.02


def test_insert_between_layers_is_hidden_by_those_above_only() -> None:
    patch = np.zeros((30, 30, 4), np.float32)
    patch[..., 1:] = 1.0
    result = insert(stack(), patch, 3, Placement(95, 62), name="card")
    assert_consistent(result)
    card = result.layers[3]
    assert card.mask.sum() == 900
    above = np.zeros_like(card.mask)
    for layer in result.layers[4:]:
        above |= layer.mask
    assert np.array_equal(card.visible, card.mask & ~above)
    assert result.layers[2].depth < card.depth < result.layers[4].depth
    assert_same(delete(result, 3), stack())


def test_inserted_pictures_turn_and_scale_about_their_centre() -> None:
    patch = np.zeros((20, 40, 4), np.float32)
    patch[:, :20] = (1.0, 0.0, 0.0, 1.0)
    patch[:, 20:] = (0.0, 0.0, 1.0, 1.0)
    result = insert(stack(), patch, 6, Placement(80, 64, scale=1.5, rotation=90.0))
    card = result.layers[6]
    rows, cols = np.nonzero(card.mask)
    assert (rows.min(), rows.max() + 1, cols.min(), cols.max() + 1) == (34, 94, 65, 95)
    # A quarter turn counter-clockwise carries the left half to the bottom.
    assert np.abs(card.rgba[90, 80, :3] - (1.0, 0.0, 0.0)).max() < 0.01
    assert np.abs(card.rgba[40, 80, :3] - (0.0, 0.0, 1.0)).max() < 0.01


def test_insert_half_outside_keeps_what_is_inside() -> None:
    result = insert(stack(), np.ones((40, 40, 3), np.float32), 0, Placement(0, 0))
    assert result.layers[0].mask.sum() == 400
    assert_consistent(result)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda s: hide(s, 6), "no layer 6"),
        (lambda s: hide(s, -1), "no layer -1"),
        (lambda s: hide(s, 1.5), "not by 1.5"),
        (lambda s: hide(s, "ink"), "not by 'ink'"),
        (lambda s: replace(s, labels=s.labels + 1), "name layer 6"),
        (lambda s: rename(s, 0, "a/b"), "slash"),
        (lambda s: rename(s, 0, "a\\b"), "slash"),
        (lambda s: rename(s, 0, "a\nb"), "control"),
        (lambda s: rename(s, 0, "a\x00b"), "control"),
        (lambda s: rename(s, 0, "  "), "empty"),
        (lambda s: rename(s, 0, "x" * 500), "longer"),
        (lambda s: recolor(s, 0, (1.0, 2.0, 0.0)), "between 0 and 1"),
        (lambda s: recolor(s, 0, (1.0, float("nan"), 0.0)), "between 0 and 1"),
        (lambda s: reorder(s, [0, 1, 2]), "each of the 6"),
        (lambda s: reorder(s, [0, 0, 1, 2, 3, 4]), "each of the 6"),
        (lambda s: bring_forward(s, 0, 0), "at least one step"),
        (lambda s: merge(s, [2]), "at least two"),
        (lambda s: merge(s, [2, 2]), "at least two"),
        (lambda s: merge(hide(s, 1), [1, 2]), "hidden"),
        (lambda s: delete(s, range(6)), "at least one"),
        (lambda s: split(s, 1), "one connected part"),
        (lambda s: split(s, 1, "taste"), "by parts, color or threshold"),
        (lambda s: split(s, 1, "color", count=1), "2 to 64"),
        (lambda s: split(s, 1, "color", count=40), "fewer"),
        (lambda s: split(s, 1, "threshold"), "needs the picture's depth"),
        (
            lambda s: split(s, 1, "threshold", depth=DepthMap(np.ones((4, 4), np.float32))),
            "one size",
        ),
        (lambda s: threshold(s, 1.5), "between 0 and 1"),
        (lambda s: threshold(s, 1.0), "one side"),
        (lambda s: insert(s, np.ones((4, 4, 3), np.float32), 7), "0 (bottom) to 6"),
        (lambda s: insert(s, np.ones((4, 4, 3), np.float32), 0, Placement(-50, 0)), "outside"),
        (lambda s: insert(s, np.ones((4, 4, 3), np.float32), 0, Placement(2, 2, 0.0)), "scale"),
        (lambda s: insert(s, np.zeros((4, 4, 4), np.float32), 0), "transparent"),
        (lambda s: insert(s, np.ones((4, 4, 3), np.float32), 0, name="a/b"), "slash"),
    ],
)
def test_bad_input_is_one_clear_error(edit, says: str) -> None:
    with pytest.raises(InputError) as caught:
        edit(stack())
    assert says in str(caught.value)
    assert_consistent(stack())


def test_a_stack_of_one_layer_can_be_edited_but_not_emptied() -> None:
    size = (20, 30)
    single = decompose(Image(np.ones((*size, 4), np.float32)), np.ones(size, np.float32))
    assert len(single) == 1
    for edit, says in (
        (lambda: merge(single, [0]), "at least two"),
        (lambda: merge(single, [0, 1]), "no layer 1"),
        (lambda: delete(single, 0), "at least one"),
    ):
        with pytest.raises(InputError, match=says):
            edit()
    assert len(bring_forward(single, 0)) == 1  # already on top
    assert_consistent(single)


def test_an_empty_stack_has_no_layer_to_edit() -> None:
    empty = LayerStack(np.full((4, 5), -1, np.int32), ())
    with pytest.raises(InputError, match="the stack is empty"):
        hide(empty, 0)
    assert flatten(empty).rgba.max() == 0.0


def test_box_shaped_layer_of_one_pixel_survives_edits() -> None:
    size = (40, 50)
    made = paint(size, [((200, 30, 30), box(size, 10, 10, 30, 30))])
    result = insert(
        decompose(made.image, made.depth), np.ones((1, 1, 3), np.float32), 1, Placement(25.5, 20.5)
    )
    assert_consistent(bring_forward(result, 1))
    assert result.layers[1].mask.sum() == 1
