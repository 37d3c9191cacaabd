"""The pop-up card: one angle folds it, nothing stretches, nothing pokes through."""

from __future__ import annotations

import math

import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def card(predicted):
    """Lying on its back, so that its own axes are the world's."""
    made = bpy.ops.illdepth.build_popup_card(image=predicted.name, align_axis="+Z")
    assert made == {"FINISHED"}
    return bpy.data.collections["hill card"]


def fold(card, degrees: float):
    root = next(o for o in card.objects if o.type == "EMPTY")
    root["fold_angle"] = math.radians(degrees)
    root.update_tag()
    bpy.context.view_layer.update()


def corners(item) -> np.ndarray:
    return np.array([tuple(item.matrix_world @ v.co) for v in item.data.vertices])


def layers(card, addon):
    return layer_objects(card)


def part(card, name):
    return next(o for o in card.objects if o.get("card_part") == name)


def test_open_the_layers_stand_in_front_of_each_other(card, predicted, addon):
    items = layers(card, addon)
    bpy.context.view_layer.update()
    stack = addon.session.SESSION.layers.load(predicted)
    for place, (item, layer) in enumerate(zip(items, stack, strict=True)):
        shape = corners(item)
        top, left, bottom, right = layer.window
        # As tall as the picture is 1, its lower edge is the hinge.
        assert shape[:, 1].max() == pytest.approx(1.0 - top / 120, abs=1e-5)
        assert shape[:, 1].min() == pytest.approx(1.0 - bottom / 120, abs=1e-5)
        assert np.ptp(shape[:, 0]) == pytest.approx((right - left) / 120, abs=1e-5)
        assert np.ptp(shape[:, 2]) == pytest.approx(0.0, abs=1e-5)
        assert shape[0, 2] == pytest.approx(place / len(stack), abs=0.02)
    floor = corners(part(card, "floor"))
    np.testing.assert_allclose(np.ptp(floor, axis=0), [160 / 120, 0.0, 1.0], atol=1e-5)


def test_closed_everything_is_flat_and_in_order(card, addon):
    fold(card, 0.0)
    items = [*layers(card, addon), part(card, "floor")]
    heights = [corners(o)[:, 2] for o in items]
    assert max(np.ptp(h) for h in heights) == pytest.approx(0.0, abs=1e-6)
    levels = [float(h[0]) for h in heights]
    assert levels == sorted(levels)
    assert levels[-1] < 0.02
    assert len({round(level, 4) for level in levels}) == len(levels), "they would flicker"


@pytest.mark.parametrize("degrees", [10, 45, 80])
def test_in_between_it_is_a_parallelogram(card, addon, degrees):
    """Layers keep their distance along the floor, parallel to the back board, for every angle."""
    fold(card, degrees)
    turn = math.radians(degrees)
    along = np.array([0.0, math.cos(turn), math.sin(turn)])
    items = layers(card, addon)
    foot = np.array([corners(o).min(axis=0) for o in items])
    fold(card, 90)
    upright = np.array([corners(o).min(axis=0) for o in items])
    ahead = upright[:, 2] - upright[0, 2]
    moved = foot - upright
    np.testing.assert_allclose(moved, np.outer(ahead, along - np.array([0, 0, 1])), atol=0.012)


def test_strips_reach_from_sheet_to_sheet(card, predicted, addon):
    stack = addon.session.SESSION.layers.load(predicted)
    for degrees in (90, 30):
        fold(card, degrees)
        for layer in stack.layers[1:]:
            strip = corners(part(card, f"strip {layer.name}"))
            item = next(o for o in layers(card, addon) if o.illdepth.layer_name == layer.name)
            assert np.abs(strip[:, 2] - corners(item)[0, 2]).min() < 0.01
            length = np.linalg.norm(strip[2] - strip[1])
            assert length == pytest.approx(np.linalg.norm(strip[3] - strip[0]))
            assert 0.2 < length <= 0.8


def test_folding_is_plain_arithmetic(card):
    for item in card.objects:
        for curve in item.animation_data.drivers if item.animation_data else ():
            assert curve.driver.is_simple_expression, curve.driver.expression
            assert curve.is_valid


def test_rebuilding_keeps_what_the_user_did(card, predicted, addon):
    items = layers(card, addon)
    items[1].location.x = 0.2
    items[1].active_material.roughness = 0.8
    board = part(card, "floor").active_material
    count = len(card.objects)
    fold(card, 60)
    bpy.ops.illdepth.build_popup_card(image=predicted.name)
    assert layers(card, addon) == items
    assert len(card.objects) == count
    assert items[1].location.x == pytest.approx(0.2)
    assert part(card, "floor").active_material == board
    assert board.users == len([o for o in card.objects if o.get("card_part")])
    root = next(o for o in card.objects if o.type == "EMPTY")
    assert root["fold_angle"] == pytest.approx(math.radians(60))


def test_standing_card_faces_its_axis(predicted, addon):
    bpy.ops.illdepth.build_popup_card(image=predicted.name)
    card = bpy.data.collections["hill card"]
    bpy.context.view_layer.update()
    floor = corners(part(card, "floor"))
    assert np.ptp(floor[:, 2]) == pytest.approx(0.0, abs=1e-5)
    assert floor[:, 1].min() == pytest.approx(-1.0, abs=1e-5)
