"""What the user did to layers is still there after sliders and another prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.addon.built import layer_objects_of, stack_of

bpy = pytest.importorskip("bpy")

TOP, SUN, HILL = 3, 2, 1  # places in the drawing of conftest: ground, hill, sun, disc


def names(addon, image) -> list[str]:
    stack = stack_of(image)
    assert [x.name for x in image.illdepth.layers] == [x.name for x in stack]
    return [x.name for x in stack]


def uid(image, place: int) -> int:
    return image.illdepth.layers[place].uid


def problem() -> str:
    return bpy.context.window_manager.illdepth.problem


def slide(scene, key: str, value) -> None:
    """Another value, that makes the layers anew."""
    setattr(scene.illdepth, key, value)
    bpy.ops.illdepth.update_layers()


SLIDES = [("detail", 0.9), ("layers", 3), ("completion", "nearest"), ("min_region", 30.0)]


@pytest.mark.parametrize(("key", "value"), SLIDES)
def test_names_colors_and_eyes_survive_a_slider(built, scene, addon, key, value):
    hill, sun = uid(built, HILL), uid(built, SUN)
    bpy.ops.illdepth.layer_rename(layer=hill, name="lawn")
    bpy.ops.illdepth.layer_recolor(layer=sun, color=(0.1, 0.2, 0.9))
    built.illdepth.layers[HILL].shown = False
    slide(scene, key, value)
    stack = stack_of(built)
    assert stack.meta["decompose" if key != "completion" else "complete"] is not None
    lawn = next(x for x in stack if x.uid == hill)
    assert (lawn.name, lawn.hidden) == ("lawn", True)
    if key != "layers":  # with three layers the sun is united with its disc
        assert next(x for x in stack if x.uid == sun).color == pytest.approx((0.1, 0.2, 0.9))
        assert not problem()


def test_sliders_there_and_back_leave_handwork_as_it_was(built, scene, addon):
    bpy.ops.illdepth.layer_rename(layer=uid(built, HILL), name="lawn")
    bpy.ops.illdepth.layer_move(layer=uid(built, HILL), way="UP")
    before = names(addon, built)
    for value in (0.9, 0.1, 0.5):
        slide(scene, "detail", value)
        slide(scene, "min_region", 20.0 + value)
        assert names(addon, built) == before
    assert [o.illdepth.layer_uid for o in layer_objects_of(built)] == [
        x.uid for x in stack_of(built)
    ]


def test_a_merge_survives(built, scene, addon):
    built.illdepth.layers[SUN].selected = built.illdepth.layers[TOP].selected = True
    bpy.ops.illdepth.layer_merge()
    assert len(stack_of(built)) == 3
    merged = stack_of(built).layers[-1]
    for key, value in (("detail", 0.9), ("completion", "nearest"), ("min_region", 30.0)):
        slide(scene, key, value)
        stack = stack_of(built)
        assert len(stack) == 3 and stack.layers[-1].uid == merged.uid
        np.testing.assert_array_equal(stack.layers[-1].visible, merged.visible)


def test_a_deleted_layer_stays_away(built, scene, addon):
    bpy.ops.illdepth.layer_delete(layer=uid(built, TOP))
    slide(scene, "detail", 0.9)
    assert len(stack_of(built)) == 3


def test_an_inserted_layer_survives(built, scene, addon, tmp_path):
    patch = bpy.data.images.new("patch", 8, 8)
    patch.pixels[:] = [0.0, 0.5, 1.0, 1.0] * 64
    bpy.ops.illdepth.insert_image(source="patch", at=1, x=0.2, y=0.2, size=0.1)
    inserted = stack_of(built).layers[1]
    slide(scene, "detail", 0.9)
    again = stack_of(built).layers[1]
    assert (again.uid, again.name) == (inserted.uid, "patch")
    np.testing.assert_array_equal(again.rgba_crop, inserted.rgba_crop)


def test_a_locked_layer_stays_whatever_the_sliders_do(built, scene, addon):
    line = built.illdepth.layers[TOP]
    line.name, line.locked = "disc", True
    before = stack_of(built).layers[TOP]
    slide(scene, "layers", 2)
    kept = next(x for x in stack_of(built) if x.uid == before.uid)
    assert kept.name == "disc"
    np.testing.assert_array_equal(kept.visible, before.visible)
    np.testing.assert_array_equal(kept.rgba_crop, before.rgba_crop)
    assert next(x for x in built.illdepth.layers if x.uid == before.uid).locked


def test_what_has_no_place_is_named_until_it_is_back(built, scene, addon):
    bpy.ops.illdepth.layer_rename(layer=uid(built, TOP), name="yolk")
    slide(scene, "layers", 2)
    if "yolk" in names(addon, built):
        pytest.fail("the layer is still there: take another one")
    assert problem() == "No place in the new layers for 'yolk'; undo brings it back"
    slide(scene, "layers", 0)
    assert names(addon, built)[TOP] == "yolk"
    assert not problem()


def test_a_slider_passing_through_few_layers_takes_nothing_away(built, scene, addon):
    bpy.ops.illdepth.layer_recolor(layer=uid(built, TOP), color=(0.1, 0.2, 0.9))
    bpy.ops.illdepth.layer_delete(layer=uid(built, HILL))
    before = stack_of(built)
    for layers in (3, 2, 0):
        slide(scene, "layers", layers)
    after = stack_of(built)
    assert [(x.uid, x.name, x.color) for x in after] == [(x.uid, x.name, x.color) for x in before]


def test_a_new_layer_keeps_its_uid_while_the_slider_moves(built, scene, addon):
    slide(scene, "layers", 2)
    bpy.ops.illdepth.layer_rename(layer=uid(built, 0), name="paper")
    known = {x.uid for x in stack_of(built)}
    slide(scene, "layers", 0)
    new = {x.uid for x in stack_of(built)} - known
    assert new
    for layers in (3, 0):
        slide(scene, "layers", layers)
    assert {x.uid for x in stack_of(built)} - known == new


def test_handwork_leaves_its_bytes_beside_the_recipe(built, scene, addon):
    session = addon.session.SESSION
    session.layer_files.defers_in_background = True
    try:
        slide(scene, "layers", 3)
        bpy.ops.illdepth.layer_rename(layer=uid(built, HILL), name="lawn")
        bpy.ops.illdepth.layer_recolor(layer=uid(built, 2), color=(0.1, 0.2, 0.9))
        assert built.get("illdepth_recipe") is None
        slide(scene, "layers", 0)
        assert built.get("illdepth_recipe") and built.get("illdepth_stack_before")
        wanted = stack_of(built)
        session.layer_files.waiting.clear()  # as after a crash
        session.clear_memory()
        session.layer_sessions.close()
        again = stack_of(built)
        assert [(x.uid, x.name, x.color) for x in again] == [
            (x.uid, x.name, x.color) for x in wanted
        ]
        for one, other in zip(again, wanted, strict=True):
            np.testing.assert_array_equal(one.rgba_crop, other.rgba_crop)
        session.layer_files.flush(session.layers.load)
        assert built.get("illdepth_stack") and not built.get("illdepth_stack_before")
    finally:
        session.layer_files.defers_in_background = False


def test_handwork_survives_saving_and_undo(built, scene, addon, tmp_path: Path):
    bpy.ops.illdepth.layer_rename(layer=uid(built, HILL), name="lawn")
    bpy.ops.ed.undo_push(message="renamed")
    slide(scene, "detail", 0.9)
    bpy.ops.ed.undo_push(message="slid")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image, scene = bpy.data.images["hill.png"], bpy.context.scene
    scene.illdepth.detail = 0.2
    bpy.ops.illdepth.update_layers()
    assert names(addon, image)[HILL] == "lawn"


def test_predicting_again_keeps_handwork(built, scene, addon):
    lawn, disc = uid(built, HILL), built.illdepth.layers[TOP]
    bpy.ops.illdepth.layer_rename(layer=lawn, name="lawn")
    disc.own_thickness, disc.thickness_mm = True, 7.0
    bpy.ops.illdepth.predict(image=built.name)
    assert names(addon, built)[HILL] == "lawn"
    assert uid(built, HILL) == lawn
    disc = built.illdepth.layers[TOP]
    assert (disc.own_thickness, disc.thickness_mm) == (True, 7.0)
