"""The predict operator: same numbers as the engine, kept in the file, one undo step."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from illustrators_depth import DecomposeSettings, DepthSettings, decompose, predict_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth_addon.scene.objects.build_collection import find_build

bpy = pytest.importorskip("bpy")

HEURISTIC = DepthSettings(model="heuristic")


def test_operator_result_equals_the_engine(predicted, picture_path, addon):
    picture = read_image(picture_path)
    depth = predict_depth(picture, settings=HEURISTIC)
    stack = decompose(picture, depth)
    kept = addon.session.SESSION.depth.load(predicted)
    spread = float(np.ptp(depth.values))
    np.testing.assert_allclose(kept.values, depth.values, rtol=0, atol=1e-6 * spread)
    assert (kept.predictor, kept.device) == (depth.predictor, depth.device)
    layers = addon.session.SESSION.layers.load(predicted)
    np.testing.assert_array_equal(layers.labels, stack.labels)
    assert [layer.name for layer in layers] == [layer.name for layer in stack]


def test_the_panel_settings_reach_the_engine(scene, image, picture_path, addon):
    scene.illdepth.method = "bins"
    scene.illdepth.layers = 2
    scene.illdepth.denoise = 0.1
    bpy.ops.illdepth.predict(image=image.name)
    picture = read_image(picture_path)
    depth = predict_depth(picture, settings=DepthSettings(model="heuristic", denoise=0.1))
    wanted = decompose(picture, depth, DecomposeSettings(method="bins", layers=2, denoise=0.1))
    layers = addon.session.SESSION.layers.load(image)
    np.testing.assert_array_equal(layers.labels, wanted.labels)
    assert len(layers) == 2


def test_depth_is_shown_as_float_data(predicted):
    shown = predicted.illdepth.depth
    assert shown.is_float
    assert shown.colorspace_settings.name == "Non-Color"
    assert tuple(shown.size) == tuple(predicted.size)
    assert shown.packed_file is not None


def test_a_reopened_file_needs_no_inference(predicted, addon, tmp_path, monkeypatch):
    before = addon.session.SESSION.layers.load(predicted)
    depth = addon.session.SESSION.depth.load(predicted)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    addon.session.SESSION.clear_memory()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    monkeypatch.setattr(addon.session.SESSION.worker, "client", None)  # calling it would fail
    image = bpy.data.images["hill.png"]
    np.testing.assert_array_equal(addon.session.SESSION.depth.load(image).values, depth.values)
    after = addon.session.SESSION.layers.load(image)
    np.testing.assert_array_equal(after.labels, before.labels)
    for one, two in zip(after, before, strict=True):
        assert one.name == two.name
        np.testing.assert_array_equal(one.rgba_crop, two.rgba_crop)
        np.testing.assert_array_equal(one.mask_crop, two.mask_crop)
    assert bpy.ops.illdepth.build_layers(image="hill.png") == {"FINISHED"}


def test_undo_takes_the_result_away_and_redo_brings_it_back(scene, image, addon):
    scene.illdepth.image = image
    bpy.ops.ed.undo_push(message="opened")
    bpy.ops.illdepth.predict(image=image.name)
    bpy.ops.ed.undo_push(message="predicted")
    labels = addon.session.SESSION.layers.load(bpy.data.images["hill.png"]).labels
    bpy.ops.ed.undo()
    assert not addon.storage.depth.has_depth(bpy.data.images["hill.png"])
    assert not addon.storage.layers.has_stack(bpy.data.images["hill.png"])
    bpy.ops.ed.redo()
    again = bpy.data.images["hill.png"]
    np.testing.assert_array_equal(addon.session.SESSION.layers.load(again).labels, labels)
    assert addon.session.SESSION.depth.load(again).shape == labels.shape


def test_renaming_the_image_keeps_its_result(predicted, addon):
    predicted.name = "renamed"
    assert addon.storage.layers.has_stack(bpy.data.images["renamed"])
    assert bpy.ops.illdepth.build_layers(image="renamed") == {"FINISHED"}


def test_predicting_again_replaces_the_depth_image(predicted, scene):
    images = len(bpy.data.images)
    scene.illdepth.layers = 2
    bpy.ops.illdepth.predict(image=predicted.name)
    assert len(bpy.data.images) == images


def test_the_report_counts_the_layers_that_are_kept(predicted, capfd):
    """Layers that were merged by hand stay merged; those of the worker were counted."""
    count = len(predicted.illdepth.layers)
    bpy.ops.illdepth.layer_merge(image=predicted.name, layer=predicted.illdepth.layers[-1].uid)
    capfd.readouterr()
    bpy.ops.illdepth.predict(image=predicted.name)
    assert len(predicted.illdepth.layers) == count - 1
    assert f"{predicted.name}: {count - 1} layer" in capfd.readouterr().out


def test_clear_forgets(predicted, addon):
    bpy.ops.illdepth.clear()
    assert not addon.storage.depth.has_depth(predicted)
    assert not addon.storage.layers.has_stack(predicted)
    assert not any(i.illdepth.is_result for i in bpy.data.images)


def test_a_mistake_is_one_sentence(scene, image):
    with pytest.raises(RuntimeError, match="There is no image called 'nope'"):
        bpy.ops.illdepth.predict(image="nope")
    with pytest.raises(RuntimeError, match="No picture is chosen"):
        bpy.ops.illdepth.predict()
    with pytest.raises(RuntimeError, match="has no depth yet"):
        bpy.ops.illdepth.build_layers(image=image.name)
    scene.illdepth.model = "FILE"
    scene.illdepth.model_path = "/nowhere/model.onnx"
    with pytest.raises(RuntimeError, match=r"/nowhere/model\.onnx"):
        bpy.ops.illdepth.predict(image=image.name)


def test_edit_mode_is_left_before_a_prediction_with_a_build(scene, image, addon):
    """The build was refused after the prediction had been waited for."""
    item = bpy.data.objects.new("theirs", bpy.data.meshes.new("theirs"))
    scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    assert bpy.ops.illdepth.predict(image=image.name, build="LAYERS") == {"FINISHED"}
    assert bpy.context.mode == "OBJECT"
    assert find_build(image, "LAYERS") is not None


def test_a_build_in_edit_mode_says_why_not_in_one_sentence(predicted, scene):
    """Blender put the operator's Python name before it."""
    item = bpy.data.objects.new("theirs", bpy.data.meshes.new("theirs"))
    scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match=r"Builds are made in Object Mode\s*$"):
        bpy.ops.illdepth.build_layers(image=predicted.name)
    bpy.ops.object.mode_set(mode="OBJECT")


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_a_killed_worker_is_reported_and_try_again_works(scene, image, addon):
    worker = addon.session.SESSION.worker.client()
    job = worker.submit("ping", {"seconds": 30})
    while not job.fraction:
        worker.poll()
    os.kill(worker.pid, signal.SIGKILL)
    while not job.finished:
        worker.poll()
    assert "try again" in str(job.error)
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}


def test_test_engine_reports_who_it_is(scene, capfd):
    assert bpy.ops.illdepth.test_engine() == {"FINISHED"}
    assert "Devices: cpu" in capfd.readouterr().out


def test_no_operator_remembers_the_picture_it_was_given_last(addon):
    """Blender would hand it to the next button, whatever picture is then the active one."""
    found = 0
    for cls in addon.operators.CLASSES:
        if "_OT_" in cls.__name__:
            rna = getattr(bpy.ops.illdepth, cls.bl_idname.split(".")[1]).get_rna_type()
            if "image" in rna.properties:
                assert rna.properties["image"].is_skip_save, cls.__name__
                assert rna.properties["image"].is_skip_preset, cls.__name__
                found += 1
    assert found > 20


def test_a_picture_named_by_a_script_need_not_be_the_active_one(predicted, scene, tmp_path):
    scene.illdepth.image = bpy.data.images.new("other", 8, 8)
    assert bpy.ops.illdepth.update_layers(image=predicted.name) == {"FINISHED"}
    path = tmp_path / "layers.json"
    said = bpy.ops.illdepth.export_layers(image=predicted.name, filepath=str(path), kind="JSON")
    assert said == {"FINISHED"} and path.is_file()
    with pytest.raises(RuntimeError, match="'other' has no depth yet"):
        bpy.ops.illdepth.update_layers()
