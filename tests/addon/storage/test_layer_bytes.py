"""Layers that a slider made: their bytes come later, and nothing is lost in between."""

from __future__ import annotations

import logging
import time
import tracemalloc
from concurrent.futures import Future

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def built(predicted, scene, addon):
    """The drawing, built, with bytes that are late, as in a window."""
    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_layers()
    addon.session.SESSION.layer_files.defers_in_background = True
    yield predicted
    addon.session.SESSION.layer_files.defers_in_background = False
    addon.session.SESSION.layer_files.close()


def slide(scene, layers: int) -> None:
    scene.illdepth.layers = layers
    assert bpy.ops.illdepth.update_layers() == {"FINISHED"}


def same(one, other) -> None:
    np.testing.assert_array_equal(one.labels, other.labels)
    for a, b in zip(one, other, strict=True):
        assert (a.name, a.uid, a.window, a.color) == (b.name, b.uid, b.window, b.color)
        np.testing.assert_array_equal(a.rgba_crop, b.rgba_crop)
        np.testing.assert_array_equal(a.mask_crop, b.mask_crop)


def forget_all(addon) -> None:
    """As after a crash: only what is in the file is left."""
    addon.session.SESSION.layer_files.waiting.clear()
    addon.session.SESSION.layer_files.written.clear()
    addon.session.SESSION.clear_memory()
    addon.session.SESSION.layer_sessions.close()


def test_a_slider_leaves_a_recipe_and_saving_brings_the_bytes(built, scene, addon, tmp_path):
    slide(scene, 3)
    assert built.get("illdepth_stack") is None and built.get("illdepth_recipe")
    wanted = addon.session.SESSION.layers.load(built)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    assert built.get("illdepth_stack") and built.get("illdepth_recipe") is None
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    forget_all(addon)
    same(addon.session.SESSION.layers.load(bpy.data.images["hill.png"]), wanted)


def test_a_recipe_gives_the_same_layers(built, scene, addon):
    slide(scene, 2)
    slide(scene, 3)
    wanted = addon.session.SESSION.layers.load(built)
    forget_all(addon)
    assert addon.storage.layers.has_stack(built)
    same(addon.session.SESSION.layers.load(built), wanted)


def test_bytes_come_by_a_timer_and_serve_states_that_undo_brings_back(built, scene, addon):
    slide(scene, 3)
    three = addon.session.SESSION.layers.load(built)
    bpy.ops.ed.undo_push(message="three")  # notes the recipe
    wait = 0.0
    while wait is not None:  # what Blender's timers do in a window
        time.sleep(wait)
        wait = addon.session.SESSION.layer_files.encode_deferred()
    assert built.get("illdepth_stack") and built.get("illdepth_recipe") is None
    slide(scene, 2)
    bpy.ops.ed.undo_push(message="two")
    bpy.ops.ed.undo()
    image = bpy.data.images["hill.png"]
    assert image.get("illdepth_recipe")
    addon.session.SESSION.clear_memory()
    same(addon.session.SESSION.layers.load(image), three)
    bpy.ops.ed.redo()
    assert len(addon.session.SESSION.layers.load(bpy.data.images["hill.png"])) == 2


def test_an_edit_after_a_slider_is_kept_at_once(built, scene, addon):
    slide(scene, 3)
    bpy.ops.illdepth.layer_rename(layer=built.illdepth.layers[1].uid, name="lawn")
    assert built.get("illdepth_stack") and built.get("illdepth_recipe") is None
    forget_all(addon)
    assert addon.session.SESSION.layers.load(built).layers[1].name == "lawn"


def test_disabling_the_add_on_encodes_nothing_and_loses_nothing(built, scene, addon, monkeypatch):
    slide(scene, 3)
    wanted = addon.session.SESSION.layers.load(built)
    abandoned_job = Future()
    abandoned_job.cancel()
    addon.session.SESSION.layer_files.encoding = "a key", abandoned_job  # what a closed pool leaves
    monkeypatch.setattr(
        addon.session.SESSION.layer_files, "encode", lambda _: pytest.fail("it is encoded")
    )
    addon.unregister()
    addon.register()
    addon.session.SESSION.layer_files.encode_deferred()  # raises nothing
    monkeypatch.undo()
    forget_all(addon)
    image = bpy.data.images["hill.png"]
    assert addon.storage.layers.has_stack(image)
    same(addon.session.SESSION.layers.load(image), wanted)


def test_a_slider_dragged_for_long_keeps_one_stack_waiting(built, scene, addon):
    for layers in (2, 3, 4, 2, 3):
        slide(scene, layers)
    assert list(addon.session.SESSION.layer_files.waiting) == [built.illdepth.stack_key]


def test_another_file_frees_what_was_kept_for_undo(built, scene, addon):
    slide(scene, 3)
    addon.session.SESSION.layer_files.flush()
    assert addon.session.SESSION.layer_files.written and addon.session.SESSION.layers.decoded
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert (
        not addon.session.SESSION.layer_files.written and not addon.session.SESSION.layers.decoded
    )
    assert addon.session.SESSION.layer_sessions.ready is None


@pytest.mark.parametrize(
    "refusal", [OSError(28, "No space left on device"), RuntimeError("interpreter shutdown")]
)
def test_a_failure_costs_one_picture_its_bytes_only(built, scene, addon, caplog, refusal):
    slide(scene, 3)
    other = built.copy()  # comes after it
    other.name, other.illdepth.stack_key = "other", "unknown"
    stack = addon.session.SESSION.layers.load(built)

    def load(image):
        raise refusal

    built.illdepth.stack_key, other.illdepth.stack_key = "unknown", built.illdepth.stack_key
    with caplog.at_level(logging.WARNING):
        addon.session.SESSION.layer_files.flush(load)
    assert built.get("illdepth_recipe") and built.get("illdepth_stack") is None
    assert "hill.png: its layers are not saved" in caplog.text
    addon.session.SESSION.clear_memory()
    same(addon.session.SESSION.layers.load(other), stack)


def test_asking_for_layers_does_not_copy_them(built, addon):
    del built["illdepth_stack"]
    built["illdepth_stack"] = b"x" * 8_000_000
    tracemalloc.start()
    assert addon.storage.layers.has_stack(built)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_another_picture_is_not_waited_for(built, addon):
    addon.session.SESSION.layer_sessions.close()

    class Endless(Future):
        def exception(self, timeout=None):
            raise AssertionError("waited for")

    addon.session.SESSION.layer_sessions.coming = "another's depth", Endless()
    assert addon.session.SESSION.layer_sessions.session(built).picture.width == 160


@pytest.fixture
def large(built, addon, monkeypatch):
    """The drawing, taken for one that is too large to be encoded at once."""
    monkeypatch.setattr(addon.storage.layers, "_MAX_PIXELS_AT_ONCE", 0)
    return built


def test_the_bytes_of_an_edit_of_a_large_picture_come_later(large, addon, tmp_path):
    files = addon.session.SESSION.layer_files
    uid = large.illdepth.layers[1].uid
    bpy.ops.illdepth.layer_rename(layer=uid, name="lawn")
    large.illdepth.layers[2].shown = False
    assert large.get("illdepth_stack") is None
    assert uid in {x.uid for x in addon.session.SESSION.layers.load(large) if x.name == "lawn"}
    addon.session.SESSION.layers.clear()
    assert not large.illdepth.layers[2].shown
    assert [x.hidden for x in addon.session.SESSION.layers.load(large)].index(True) == 2
    wait = 0.0
    while wait is not None:
        time.sleep(wait)
        wait = files.encode_deferred()
    assert large.get("illdepth_stack") and large.get("illdepth_stack_before") is None
    forget_all(addon)
    assert [x.name for x in addon.session.SESSION.layers.load(large)][1] == "lawn"


def test_saving_brings_the_bytes_of_an_edit(large, addon, tmp_path):
    bpy.ops.illdepth.layer_rename(layer=large.illdepth.layers[1].uid, name="lawn")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    forget_all(addon)
    image = bpy.data.images["hill.png"]
    assert [x.name for x in addon.session.SESSION.layers.load(image)][1] == "lawn"


@pytest.mark.parametrize("slid", [False, True])
def test_after_a_crash_the_layers_before_the_edit_are_there(large, scene, addon, slid):
    if slid:
        slide(scene, 3)
    before = [x.name for x in large.illdepth.layers]
    bpy.ops.illdepth.layer_delete(layer=large.illdepth.layers[1].uid)
    bpy.ops.illdepth.layer_rename(layer=large.illdepth.layers[1].uid, name="lawn")
    forget_all(addon)
    addon.editing.layers.sync_unfinished()  # as when the file is opened
    assert [x.name for x in large.illdepth.layers] == before
    assert [x.name for x in addon.session.SESSION.layers.load(large)] == before
