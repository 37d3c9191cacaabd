"""What may happen to a file while a prediction runs: each ends in a result or in one sentence.

The steps are those of the modal operator, which itself needs a window; the worker is real.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest

from illustrators_depth.errors import Cancelled, InputError, WorkerError

bpy = pytest.importorskip("bpy")


@pytest.fixture
def begun(scene: Any, image: Any, addon: Any) -> Any:
    """A prediction just sent to the worker."""
    job = begin(addon, scene, image)
    yield job
    addon.session.SESSION.jobs.end(job)


@pytest.fixture
def decoding_threads(addon: Any, monkeypatch: pytest.MonkeyPatch) -> list[threading.Thread]:
    """The threads in which layers are decoded, in order."""
    from illustrators_depth_addon.storage import layer_file

    threads: list[threading.Thread] = []
    decode = layer_file.decode

    def noted(content: bytes) -> Any:
        threads.append(threading.current_thread())
        return decode(content)

    monkeypatch.setattr(layer_file, "decode", noted)
    return threads


def begin(addon: Any, scene: Any, image: Any) -> Any:
    from illustrators_depth_addon.session.prediction import PredictJob

    job = PredictJob(scene, image)
    addon.session.SESSION.jobs.begin(job)
    return job


def finish(running: Any) -> None:
    end = time.monotonic() + 60
    while not running.poll():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_one_at_a_time(begun, addon):
    assert not bpy.ops.illdepth.predict.poll()
    assert bpy.ops.illdepth.cancel.poll()
    addon.session.SESSION.jobs.show()
    assert bpy.context.window_manager.illdepth.running
    finish(begun)
    addon.session.SESSION.jobs.end(begun)
    assert not bpy.context.window_manager.illdepth.running
    assert bpy.ops.illdepth.predict.poll()
    assert not bpy.ops.illdepth.cancel.poll()


def test_predicting_again_decodes_the_earlier_layers_beside_the_window(
    scene, image, addon, decoding_threads
):
    bpy.ops.illdepth.predict(image=image.name)
    addon.session.SESSION.clear_memory()  # as in a file just opened
    decoding_threads.clear()  # of the first prediction
    job = begin(addon, scene, image)
    finish(job)
    addon.session.SESSION.jobs.end(job)
    job.result()
    assert decoding_threads and threading.main_thread() not in decoding_threads


def test_edits_are_carried_over_to_new_layers_that_were_decoded_beside_the_window(
    scene, image, addon, decoding_threads
):
    bpy.ops.illdepth.predict(image=image.name)
    uid = image.illdepth.layers[1].uid
    bpy.ops.illdepth.layer_rename(image=image.name, layer=uid, name="renamed by hand")
    decoding_threads.clear()  # of the first prediction
    job = begin(addon, scene, image)
    finish(job)
    addon.session.SESSION.jobs.end(job)
    job.result()
    assert decoding_threads and threading.main_thread() not in decoding_threads
    assert "renamed by hand" in [item.name for item in image.illdepth.layers]


def test_the_picture_is_renamed(begun, addon):
    bpy.data.images["hill.png"].name = "other name"
    finish(begun)
    image, _ = begun.result()
    assert image.name == "other name"
    assert addon.storage.layers.has_stack(image)


def test_the_picture_is_removed(begun):
    bpy.data.images.remove(bpy.data.images["hill.png"])
    bpy.data.images.new("hill.png", 4, 4)  # another one of the same name is not it
    with pytest.raises(InputError, match=r"'hill\.png' was removed while"):
        finish(begun)
        begun.result()  # should the worker have been faster
    assert begun.request.cancel_deadline is not None or begun.request.finished


def test_the_picture_is_removed_at_the_very_end(begun):
    while begun.request.folder is None:  # still being read
        begun.poll()
        time.sleep(0.01)
    folder = begun.request.folder
    finish(begun)
    bpy.data.images.remove(bpy.data.images["hill.png"])
    with pytest.raises(InputError, match="was removed while"):
        begun.result()
    assert not folder.exists()


def test_another_file_is_opened(begun):
    """Blender cancels the modal operator; should it not, nothing of the old file is touched."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with pytest.raises(InputError, match="was removed while"):
        finish(begun)
        begun.result()  # should the worker have been faster


@pytest.mark.parametrize("sent", [False, True])
def test_opening_a_file_cancels_and_says_so(begun, scene, addon, tmp_path, sent):
    scene.illdepth.image = bpy.data.images["hill.png"]
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    while sent and begun.request.folder is None:
        begun.poll()
        time.sleep(0.01)
    addon.session.SESSION.jobs.show()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    state = bpy.context.window_manager.illdepth
    assert addon.session.SESSION.jobs.current is None and not state.running
    assert state.problem == "Prediction canceled: another file was opened"
    # Without a window no timer runs: what it does until the worker has answered.
    end = time.monotonic() + 30.0
    while addon.session.SESSION.jobs.poll_abandoned() is not None:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert isinstance(begun.request.error, Cancelled) and begun.request.folder is None
    assert addon.session.SESSION.jobs.abandoned_job is None
    assert bpy.ops.illdepth.predict(image="hill.png") == {"FINISHED"}
    assert state.problem == ""


def test_opening_a_file_says_nothing_when_nothing_runs(scene, addon, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    assert bpy.context.window_manager.illdepth.problem == ""


def test_the_first_slider_after_opening_finds_everything_ready(predicted, scene, addon, tmp_path):
    from illustrators_depth_addon.session.preload import PreloadJob, step

    scene.illdepth.image = predicted
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    scene, image = bpy.context.scene, bpy.data.images["hill.png"]
    session = addon.session.SESSION.layer_sessions
    assert not session.is_known(image)
    asked = image.session_uid, image.illdepth.stack_key, scene.session_uid
    addon.session.SESSION.preload = PreloadJob(asked)
    end = time.monotonic() + 30.0
    while step() is not None:  # Blender's timer, and below the one it sets off
        assert time.monotonic() < end
        time.sleep(0.01)
    assert session.is_known(image) and not session.is_ready(image)
    assert image.illdepth.stack_key in addon.session.SESSION.layers.decoded
    session.begin()
    while not session.is_ready(image):
        assert time.monotonic() < end
        time.sleep(0.01)
    prepared = session.session(image)
    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers(image=image.name)
    assert session.session(image) is prepared
    addon.session.SESSION.preload = None


def test_another_scene_is_shown_meanwhile(begun, addon):
    first = bpy.context.scene
    first.illdepth.image = None
    other = bpy.data.scenes.new("Other")
    bpy.context.window.scene = other
    finish(begun)
    image, _ = begun.result()
    assert first.illdepth.image == image
    assert other.illdepth.image is None


def test_its_scene_is_removed(begun, addon):
    first = bpy.context.scene
    bpy.context.window.scene = bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(first)
    finish(begun)
    image, _ = begun.result()
    assert addon.storage.layers.has_stack(image)


def test_undo_meanwhile(scene, image, addon):
    scene.illdepth.image = image
    bpy.ops.ed.undo_push(message="one")
    scene.illdepth.layers = 3
    bpy.ops.ed.undo_push(message="two")
    job = begin(addon, bpy.context.scene, bpy.data.images["hill.png"])
    bpy.ops.ed.undo()
    finish(job)
    kept, _ = job.result()
    addon.session.SESSION.jobs.end(job)
    assert kept.name == "hill.png"
    assert addon.storage.layers.has_stack(bpy.data.images["hill.png"])


@pytest.mark.parametrize("sent", [False, True])
def test_cancel(begun, addon, sent):
    while sent and begun.request.folder is None:
        begun.poll()
        time.sleep(0.01)
    assert bpy.ops.illdepth.cancel() == {"FINISHED"}
    finish(begun)
    assert isinstance(begun.request.error, Cancelled)
    end = time.monotonic() + 10.0
    while list(addon.session.SESSION.worker.client().folder.glob("*/image.npy")):
        assert time.monotonic() < end, "the picture's file stays behind"
        time.sleep(0.01)


def test_the_picture_is_scaled_before_it_is_read(begun, addon):
    bpy.data.images["hill.png"].scale(40, 30)
    finish(begun)
    image, depth = begun.result()
    assert depth.shape == addon.session.SESSION.depth.load(image).shape == (30, 40)


def test_the_first_slider_finds_everything_ready(begun, scene, addon):
    session = addon.session.SESSION.layer_sessions
    finish(begun)
    image, _ = begun.result()
    assert not session.is_ready(image)
    session.begin()  # what Blender's timer does in a window
    end = time.monotonic() + 30.0
    while not session.is_ready(image):
        assert time.monotonic() < end
        time.sleep(0.01)
    prepared = session.session(image)
    addon.session.SESSION.jobs.end(begun)
    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers(image=image.name)
    assert session.session(image) is prepared
    image.scale(40, 30)  # another picture now: nothing of it is taken for the one prepared
    with pytest.raises(RuntimeError, match="press Predict again"):
        scene.illdepth.layers = 2
        bpy.ops.illdepth.update_layers(image=image.name)


def test_in_steps_and_in_one_go_give_the_same(begun, addon):
    session = addon.session.SESSION
    finish(begun)
    image, depth = begun.result()
    session.jobs.end(begun)
    layers = session.layers.load(image)
    again = begin(addon, bpy.context.scene, image)
    _, once_more = again.wait()
    session.jobs.end(again)
    np.testing.assert_array_equal(depth.values, once_more.values)
    np.testing.assert_array_equal(layers.labels, session.layers.load(image).labels)
    session.clear_memory()
    np.testing.assert_array_equal(session.depth.load(image).values, depth.values)


def test_the_add_on_is_switched_off_and_on(begun, addon):
    addon.session.SESSION.jobs.show()
    addon.unregister()
    addon.register()
    assert isinstance(begun.request.error, WorkerError | Cancelled)
    assert not bpy.context.window_manager.illdepth.running
    assert bpy.ops.illdepth.predict(image="hill.png") == {"FINISHED"}


def test_another_engine_is_chosen(begun, addon):
    addon.session.SESSION.worker.close()
    with pytest.raises(WorkerError, match="try again"):
        finish(begun)
        begun.result()
    assert begun.request.finished


def test_no_memory_for_the_picture_leaves_no_files(begun, addon):
    folder = begun._sending._folder
    begun._sending._pixels._room = failed = Future()
    failed.set_exception(MemoryError())
    with pytest.raises(MemoryError):
        finish(begun)
    assert isinstance(begun.request.error, Cancelled) and not folder.exists()


def test_a_full_disk_is_one_sentence(begun, addon):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(InputError, match="The disk is full"):
            finish(begun)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_finished_operator_lets_go_of_what_it_read(begun):
    """Blender keeps operators that have finished, for its list of them."""
    from illustrators_depth_addon.operators.jobs.modal import ModalJobOperator

    class Follows(ModalJobOperator):
        def handle_result(self, job):
            return {"FINISHED"} if job is begun else set()

    class Tick:
        type, value = "TIMER", "NOTHING"

    operator, end = Follows(), time.monotonic() + 60
    operator._job = begun
    while (said := operator.modal(bpy.context, Tick())) == {"PASS_THROUGH"}:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert said == {"FINISHED"} and operator._job is None
    assert operator.modal(bpy.context, Tick()) == {"CANCELLED"}  # should it be asked once more


def test_of_a_large_picture_the_main_thread_decodes_and_outlines_nothing(
    image, scene, addon, monkeypatch
):
    """Building it took seconds in which the window was dead."""
    import threading

    monkeypatch.setattr(addon.storage.layer_session, "_MAX_PREPARED_PIXELS", 100)
    by_main = []
    for module, name in (
        (addon.storage.layer_file, "decode"),
        (addon.scene.layer_shapes, "_outlined"),
    ):
        real = getattr(module, name)

        def watched(*args, real=real, name=name):
            if threading.current_thread() is threading.main_thread() and args[-2:-1] != ([],):
                by_main.append(name)
            return real(*args)

        monkeypatch.setattr(module, name, watched)
    assert bpy.ops.illdepth.predict(image=image.name, build="LAYERS") == {"FINISHED"}
    assert len(bpy.data.collections["hill layers"].objects) == 5
    assert by_main == []
