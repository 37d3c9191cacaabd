"""The layer list and its operators: stack, list and geometry say the same after every edit."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import find_build, layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def check(addon):
    """A function that insists that list and objects mirror the stack; it returns the stack."""

    def check(image):
        stack = addon.session.SESSION.layers.load(image)
        lines = image.illdepth.layers
        assert [x.uid for x in lines] == [x.uid for x in stack]
        assert [x.name for x in lines] == [x.name for x in stack]
        assert [x.shown for x in lines] == [not x.hidden for x in stack]
        for line, layer in zip(lines, stack, strict=True):
            assert tuple(line.color) == pytest.approx(layer.color, abs=1e-4)
        collection = find_build(image, "LAYERS")
        if collection is not None:
            items = layer_objects(collection)
            assert [o.illdepth.layer_uid for o in items if not o.hide_render] == [
                x.uid for x in stack if not x.hidden
            ]
            bpy.context.view_layer.update()
            shown = [o for o in items if not o.hide_render]
            for place, item in enumerate(shown):
                assert item.delta_location.z == pytest.approx(place * 0.022, abs=1e-5)
        return stack

    return check


def objects(addon, image):
    found = find_build(image, "LAYERS")
    return {o.illdepth.layer_uid: o for o in layer_objects(found)}


def line(image, name):
    return next(x for x in image.illdepth.layers if x.name == name)


def activate(image, name):
    image.illdepth.active_layer = next(
        i for i, x in enumerate(image.illdepth.layers) if x.name == name
    )


def test_the_list_is_there_after_prediction_without_decoding(image, scene, addon):
    addon.session.SESSION.clear_memory()
    bpy.ops.illdepth.predict(image=image.name)
    assert (
        not addon.session.SESSION.layers.decoded
    )  # the window is not held up by layers nobody asked for
    names = [x.name for x in image.illdepth.layers]
    assert names == [x.name for x in addon.session.SESSION.layers.load(image)]


@pytest.mark.parametrize(
    ("way", "wanted"),
    [("UP", [0, 2, 1, 3]), ("DOWN", [1, 0, 2, 3]), ("TOP", [0, 2, 3, 1]), ("BOTTOM", [1, 0, 2, 3])],
)
def test_moving(built, check, way, wanted):
    before = [x.name for x in built.illdepth.layers]
    activate(built, before[1])
    assert bpy.ops.illdepth.layer_move(way=way) == {"FINISHED"}
    assert [x.name for x in check(built)] == [before[i] for i in wanted]
    assert built.illdepth.layers[built.illdepth.active_layer].name == before[1]


def test_moving_keeps_what_the_user_did(built, check, addon):
    uid = line(built, "red").uid
    item = objects(addon, built)[uid]
    item.location = (0.1, 0.2, 0.3)
    item.modifiers["Thickness"].thickness = 0.02
    item.modifiers.new("Mine", "BEVEL")
    material = item.active_material
    bpy.ops.illdepth.layer_move(layer=uid, way="TOP")
    check(built)
    again = objects(addon, built)[uid]
    assert again == item and again.active_material == material
    assert tuple(again.location) == pytest.approx((0.1, 0.2, 0.3))
    assert "Mine" in again.modifiers


def test_merging_with_the_one_below(built, check, addon):
    picture = addon.session.SESSION.layers.load(built).labels >= 0
    bpy.ops.illdepth.layer_merge(layer=line(built, "yellow").uid)
    stack = check(built)
    assert [x.name for x in stack] == ["light grey", "green", "red"]
    np.testing.assert_array_equal(stack.labels >= 0, picture)


def test_merging_ticked_layers(built, check):
    line(built, "green").selected = line(built, "yellow").selected = True
    assert bpy.ops.illdepth.layer_merge() == {"FINISHED"}
    assert len(check(built)) == 3


def test_splitting_by_each_way(built, check, addon):
    bpy.ops.illdepth.layer_merge(layer=line(built, "yellow").uid)
    merged = check(built).layers[-1]
    for by in ("COLOR", "THRESHOLD"):
        bpy.ops.ed.undo_push(message="before")
        assert bpy.ops.illdepth.layer_split(layer=merged.uid, by=by) == {"FINISHED"}
        image = bpy.data.images["hill.png"]
        stack = check(image)
        assert len(stack) == 4
        assert merged.uid in [x.uid for x in stack]
        bpy.ops.ed.undo_push(message="after")
        bpy.ops.ed.undo()
        image = bpy.data.images["hill.png"]
        assert len(check(image)) == 3
    with pytest.raises(RuntimeError, match="one connected part"):
        bpy.ops.illdepth.layer_split(layer=line(image, "green").uid, by="PARTS")


def test_splitting_at_a_depth(built, check):
    bpy.ops.illdepth.layer_merge(layer=line(built, "yellow").uid)
    uid = check(built).layers[-1].uid
    bpy.ops.illdepth.layer_split(layer=uid, by="THRESHOLD", at=0.5)
    assert len(check(built)) == 4


def test_parts_of_a_layer_start_where_the_whole_is(built, check, addon):
    bpy.ops.illdepth.layer_merge(layer=line(built, "yellow").uid)
    whole = built.illdepth.layers[2]
    uid = whole.uid
    whole.own_thickness, whole.thickness_mm = True, 2.5
    item = objects(addon, built)[uid]
    item.location = (0.1, 0.2, 0.0)
    item.modifiers.new("Mine", "BEVEL")
    bpy.ops.illdepth.layer_split(layer=uid, by="COLOR")
    part = next(x for x in built.illdepth.layers if x.split_from == uid)
    assert (part.own_thickness, part.thickness_mm) == (True, 2.5)
    piece = part.uid
    made = objects(addon, built)[piece]
    assert made != item and made.data != item.data
    assert made.active_material != item.active_material
    assert tuple(made.location) == pytest.approx((0.1, 0.2, 0.0))
    assert "Mine" in made.modifiers
    assert made.modifiers["Thickness"].thickness == pytest.approx(0.025)
    bpy.context.view_layer.update()
    assert made.delta_location.z == pytest.approx(0.066 + 0.005, abs=1e-5)
    bpy.ops.illdepth.layer_move(layer=piece, way="BOTTOM")  # it is a layer like any other
    assert objects(addon, built)[piece] == made


def test_renaming_in_place_takes_the_object_along(built, check, addon):
    uid = line(built, "red").uid
    line(built, "red").name = "sun"
    assert check(built).layers[2].name == "sun"
    assert objects(addon, built)[uid].name == "hill: sun"
    objects(addon, built)[uid].name = "my own"
    bpy.ops.illdepth.layer_rename(layer=uid, name="ball")
    check(built)
    assert objects(addon, built)[uid].name == "my own"


def test_a_name_that_cannot_be_leaves_everything_as_it_was(built, check):
    line(built, "red").name = "a/b"
    assert [x.name for x in check(built)] == ["light grey", "green", "red", "yellow"]
    state = bpy.context.window_manager.illdepth
    assert "slash" in state.problem
    line(built, "red").name = "sun"
    assert state.problem == ""


def test_hiding_keeps_the_object_and_the_users_visibility(built, check, addon):
    red, green = line(built, "red").uid, line(built, "green").uid
    objects(addon, built)[green].hide_viewport = True  # the user's own doing
    line(built, "red").shown = False
    check(built)
    hidden = objects(addon, built)[red]
    assert hidden.hide_viewport and hidden.hide_render
    hidden.location.x = 0.4
    line(built, "red").shown = True
    check(built)
    again = objects(addon, built)[red]
    assert not again.hide_viewport and again.location.x == pytest.approx(0.4)
    assert objects(addon, built)[green].hide_viewport


def test_isolating_and_showing_all(built, check):
    uid = line(built, "green").uid
    bpy.ops.illdepth.layer_isolate(layer=uid)
    assert [x.name for x in check(built) if not x.hidden] == ["green"]
    bpy.ops.illdepth.layer_isolate(layer=uid)
    assert not any(x.hidden for x in check(built))
    bpy.ops.illdepth.layer_show(action="HIDE_ALL")
    assert all(x.hidden for x in check(built))
    bpy.ops.illdepth.layer_show(action="SHOW_ALL")
    assert not any(x.hidden for x in check(built))


def test_recoloring_from_the_swatch_reaches_the_texture(built, check, addon):
    from illustrators_depth_addon.scene.images.pixels import read_pixels

    uid = line(built, "red").uid
    line(built, "red").color = (0.1, 0.2, 0.9)
    layer = check(built).layers[2]
    assert layer.color == pytest.approx((0.1, 0.2, 0.9), abs=1e-6)
    texture = objects(addon, built)[uid].active_material.node_tree.nodes["Picture"].image
    seen = read_pixels(texture)[layer.mask_crop][:, :3].mean(axis=0)
    np.testing.assert_allclose(seen, (0.1, 0.2, 0.9), atol=0.02)
    bpy.ops.illdepth.layer_recolor(layer=uid, color=(0.5, 0.5, 0.5))
    assert check(built).layers[2].color == pytest.approx((0.5, 0.5, 0.5))


def test_recoloring_a_flat_material_that_is_still_ours(predicted, scene, check, addon):
    scene.illdepth.image, scene.illdepth.textured = predicted, False
    bpy.ops.illdepth.build_layers()
    uid = line(predicted, "red").uid
    bpy.ops.illdepth.layer_recolor(layer=uid, color=(0.0, 0.0, 1.0))
    check(predicted)
    material = objects(addon, predicted)[uid].active_material
    socket = material.node_tree.nodes["Principled BSDF"].inputs["Base Color"]
    assert tuple(socket.default_value) == pytest.approx((0.0, 0.0, 1.0, 1.0), abs=1e-5)
    socket.default_value = (0.3, 0.3, 0.3, 1.0)  # the user's own colour stays
    bpy.ops.illdepth.layer_recolor(layer=uid, color=(0.0, 1.0, 0.0))
    assert tuple(socket.default_value) == pytest.approx((0.3, 0.3, 0.3, 1.0))


def test_deleting_reveals_what_lies_below(built, check, addon):
    hole = addon.session.SESSION.layers.load(built).layers[3].visible
    bpy.ops.illdepth.layer_delete(layer=line(built, "yellow").uid)
    stack = check(built)
    assert len(stack) == 3 and len(objects(addon, built)) == 3
    assert (stack.labels[hole] == 2).mean() > 0.95  # the red disc continued there


def test_locked_layers_refuse_edits_and_selection(built, check, addon):
    red = line(built, "red")
    uid = red.uid
    red.locked = True
    assert objects(addon, built)[uid].hide_select
    for run in (
        lambda: bpy.ops.illdepth.layer_move(layer=uid, way="UP"),
        lambda: bpy.ops.illdepth.layer_delete(layer=uid),
        lambda: bpy.ops.illdepth.layer_recolor(layer=uid, color=(0.0, 0.0, 0.0)),
        lambda: bpy.ops.illdepth.layer_merge(layer=uid),
    ):
        with pytest.raises(RuntimeError, match="'red' is locked"):
            run()
    red.name = "sun"
    assert check(built).layers[2].name == "red"
    red.locked = False
    assert not objects(addon, built)[uid].hide_select


def test_the_last_layer_stays(built, check):
    for x in built.illdepth.layers:
        x.selected = True
    with pytest.raises(RuntimeError, match="at least one"):
        bpy.ops.illdepth.layer_delete()
    assert len(check(built)) == 4


def test_no_edit_while_a_layer_is_in_edit_mode(built, check, addon):
    item = objects(addon, built)[line(built, "red").uid]
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        assert not bpy.ops.illdepth.layer_move.poll()
        line(built, "red").shown = False
        assert "Edit Mode" in bpy.context.window_manager.illdepth.problem
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.window_manager.illdepth.problem = ""
    assert not any(x.hidden for x in check(built))


def test_own_thickness_and_gap(built, addon, scene):
    uid = line(built, "red").uid
    items = objects(addon, built)
    red = line(built, "red")
    red.own_thickness, red.thickness_mm = True, 5.0
    red.own_gap, red.gap_mm = True, 3.0
    scene.illdepth.thickness_mm, scene.illdepth.gap_mm = 1.0, 0.5
    bpy.context.view_layer.update()
    thick = {k: o.modifiers["Thickness"].thickness for k, o in items.items()}
    assert thick.pop(uid) == pytest.approx(0.05)
    assert all(t == pytest.approx(0.01) for t in thick.values())
    heights = [o.delta_location.z for o in items.values()]
    assert heights == pytest.approx([0.0, 0.015, 0.055, 0.11], abs=1e-5)
    bpy.ops.illdepth.layer_move(layer=uid, way="TOP")
    red = line(built, "red")
    assert (red.own_thickness, red.thickness_mm) == (True, 5.0)
    bpy.context.view_layer.update()
    top = objects(addon, built)[uid].delta_location.z
    assert top == pytest.approx(0.015 + 0.015 + 0.01 + 0.03, abs=1e-5)
    red.own_thickness = red.own_gap = False
    bpy.context.view_layer.update()
    assert objects(addon, built)[uid].modifiers["Thickness"].thickness == pytest.approx(0.01)
    assert objects(addon, built)[uid].delta_location.z == pytest.approx(0.045, abs=1e-5)


def test_a_new_build_takes_overrides_locks_and_hidden_layers(predicted, scene, addon):
    scene.illdepth.image = predicted
    red = line(predicted, "red")
    red.own_thickness, red.thickness_mm, red.locked = True, 5.0, True
    line(predicted, "green").shown = False
    bpy.ops.illdepth.build_layers()
    items = objects(addon, predicted)
    assert line(predicted, "green").uid not in items
    assert items[red.uid].modifiers["Thickness"].thickness == pytest.approx(0.05)
    assert items[red.uid].hide_select


def test_the_pointer_shows_that_blender_works(built, addon, monkeypatch):
    """Edits of a large picture hold the window for up to a second: not without a sign."""
    from contextlib import contextmanager

    said = []

    @contextmanager
    def busy():
        said.append("begins")
        yield
        said.append("ends")

    monkeypatch.setattr(addon.operators.common, "busy", busy)
    monkeypatch.setattr(addon.properties.callbacks, "busy", busy)
    bpy.ops.illdepth.layer_merge(layer=line(built, "red").uid)
    assert said == ["begins", "ends"]
    built.illdepth.layers[0].shown = False
    assert said == ["begins", "ends"] * 2
