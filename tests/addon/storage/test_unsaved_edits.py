"""Edits of large pictures, whose bytes come later: what a failed encoding or undo must not lose."""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
import pytest

from illustrators_depth.types import LayerStack

bpy = pytest.importorskip("bpy")

FULL_DISK = OSError(28, "No space left on device")


@pytest.fixture
def large(predicted: Any, scene: Any, addon: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The drawing, built, taken for one that is too large to be encoded at once."""
    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_layers()
    monkeypatch.setattr(addon.storage.layers, "_MAX_PIXELS_AT_ONCE", 0)
    files = addon.session.SESSION.layer_files
    monkeypatch.setattr(files, "defers_in_background", True)
    yield predicted
    monkeypatch.undo()
    files.close()
    files.waiting.clear()


def rename(image: Any, name: str) -> None:
    bpy.ops.illdepth.layer_rename(layer=image.illdepth.layers[1].uid, name=name)


def run_timer(files: Any) -> None:
    """What Blender's timers do in a window."""
    wait_s: float | None = 0.0
    while wait_s is not None:
        time.sleep(wait_s)
        wait_s = files.encode_deferred()


def full_disk(_: Any) -> bytes:
    raise FULL_DISK


def names_after_reopening(addon: Any, path: Any) -> list[str]:
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    session = addon.session.SESSION
    session.layer_files.waiting.clear()
    session.clear_memory()
    return [layer.name for layer in session.layers.load(bpy.data.images["hill.png"])]


def test_an_edit_outlives_a_failed_encoding(
    large: Any, addon: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = addon.session.SESSION
    rename(large, "lawn")
    with monkeypatch.context() as failing:
        failing.setattr(session.layer_files, "encode", full_disk)
        run_timer(session.layer_files)
    session.layers.clear()  # as when layers of four other pictures were looked at
    assert session.layers.load(large).layers[1].name == "lawn"
    session.layers.clear()
    assert names_after_reopening(addon, tmp_path / "a.blend")[1] == "lawn"


def test_an_edit_outlives_a_save_that_could_not_encode_it(
    large: Any, addon: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    session = addon.session.SESSION
    rename(large, "lawn")
    with monkeypatch.context() as failing, caplog.at_level(logging.WARNING):
        failing.setattr(session.layer_files, "encode", full_disk)
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    assert "hill.png: the last edit of its layers is not saved" in caplog.text
    assert "hill.png" in bpy.context.window_manager.illdepth.problem
    session.layers.clear()
    assert session.layers.load(large).layers[1].name == "lawn"
    session.layers.clear()
    assert names_after_reopening(addon, tmp_path / "b.blend")[1] == "lawn"


def test_the_timer_does_not_try_again_and_again(
    large: Any, addon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, calls = addon.session.SESSION.layer_files, []

    def failing_encode(stack: Any) -> bytes:
        calls.append(stack)
        raise FULL_DISK

    monkeypatch.setattr(files, "encode", failing_encode)
    rename(large, "lawn")
    run_timer(files)
    assert len(calls) == 1 and files.encode_deferred() is None and len(calls) == 1


def test_undo_brings_back_edits_that_came_too_fast_to_be_encoded(large: Any, addon: Any) -> None:
    names = [f"lawn {number}" for number in range(7)]
    for name in names:
        rename(large, name)
        bpy.ops.ed.undo_push(message=name)
    for name in reversed(names[:-1]):
        bpy.ops.ed.undo()
        image = bpy.data.images["hill.png"]
        assert addon.session.SESSION.layers.load(image).layers[1].name == name


def test_switching_the_add_on_off_keeps_an_edit(large: Any, addon: Any) -> None:
    rename(large, "lawn")
    addon.unregister()
    addon.register()
    image = bpy.data.images["hill.png"]
    assert image.get("illdepth_stack")
    assert addon.session.SESSION.layers.load(image).layers[1].name == "lawn"


def test_switching_the_add_on_off_on_a_full_disk_keeps_an_edit_in_memory(
    large: Any, addon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(large, "lawn")
    with monkeypatch.context() as failing:
        failing.setattr(addon.session.SESSION.layer_files, "encode", full_disk)
        addon.unregister()
        addon.register()
    image = bpy.data.images["hill.png"]
    assert addon.session.SESSION.layers.load(image).layers[1].name == "lawn"


def test_a_picture_without_layers_is_stored_as_it_is(
    large: Any, addon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty stack is falsy: it must not be taken for one that is missing."""
    files = addon.session.SESSION.layer_files
    empty = LayerStack(np.full((120, 160), -1, np.int32), ())
    assert not empty
    files.defer_edit(large, "a key", empty)
    files.flush(lambda _: pytest.fail("the layers before the edit are loaded"))
    assert len(addon.storage.layer_file.decode(large["illdepth_stack"])) == 0
