"""A prediction under way, and what may end it: Esc, its picture removed, another file, a crash."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import bpy

from ..steps import Steps, addon, area_of, in_3d_view, operators, press, wait_until
from .common import has_layers, is_idle, open_picture, passed, start_prediction

__all__ = [
    "another_scene",
    "cancel_by_escape",
    "kill_the_worker",
    "open_another_file",
    "predict_while_the_window_lives",
    "remove_the_picture",
    "switch_off_and_on",
]


def predict_while_the_window_lives() -> Steps:
    image = open_picture()
    start_prediction(build="LAYERS")
    gaps, last = [], time.monotonic()
    while not is_idle():
        yield
        now = time.monotonic()
        gaps.append(now - last)
        last = now
    scene: Any = bpy.context.scene
    assert has_layers(image)
    assert "parrot layers" in bpy.data.collections
    assert scene.illdepth.image == image
    gap = sorted(gaps)[len(gaps) // 2]
    passed(f"a modal prediction, then layers; the window's ticks of 0.2 s came every {gap:.2f} s")


def cancel_by_escape() -> Steps:
    image: Any = bpy.data.images["parrot.png"]
    before = image.illdepth.stack_key
    start_prediction()
    yield
    area = area_of("VIEW_3D")
    yield from press("ESC", area.x + 200, area.y + 200)
    yield from wait_until(is_idle, "the prediction to be cancelled")
    assert image.illdepth.stack_key == before
    passed("Esc cancels; the result of before stays")
    start_prediction()
    yield
    in_3d_view(operators().cancel)
    yield from wait_until(is_idle, "the prediction to be cancelled by its button")
    passed("so does the button beside the progress bar")


def remove_the_picture() -> Steps:
    start_prediction()
    yield
    bpy.data.images.remove(bpy.data.images["parrot.png"])
    yield from wait_until(is_idle, "the prediction to end without its picture")
    passed("the picture is removed while predicting: it ends, the window lives")


def another_scene() -> Steps:
    image = open_picture()
    manager: Any = bpy.context.window_manager
    first = manager.windows[0].scene
    start_prediction()
    yield
    manager.windows[0].scene = bpy.data.scenes.new("Other")
    yield from wait_until(is_idle, "the prediction to end in another scene")
    assert first.illdepth.image == image
    assert manager.windows[0].scene.illdepth.image is None
    assert has_layers(image)
    passed("another scene is shown while predicting: the result is where it was asked for")


def open_another_file() -> Steps:
    start_prediction(image="parrot.png")
    yield
    bpy.ops.wm.read_homefile(use_empty=False)
    yield
    yield
    assert is_idle()
    assert addon().session.SESSION.jobs.current is None
    open_picture()
    start_prediction()
    yield from wait_until(is_idle, "a prediction in the new file")
    assert has_layers(bpy.data.images["parrot.png"])
    passed("File > New while predicting: it ends, and predicting works in the new file")


def kill_the_worker() -> Steps:
    start_prediction()
    worker = addon().session.SESSION.worker.client()
    yield from wait_until(lambda: worker.pid is not None, "a worker")
    os.kill(worker.pid, signal.SIGKILL)
    yield from wait_until(is_idle, "the prediction to end with its worker")
    start_prediction()
    yield from wait_until(is_idle, "trying again")
    assert has_layers(bpy.data.images["parrot.png"])
    passed("the worker is killed: it ends, and trying again works")


def switch_off_and_on() -> Steps:
    start_prediction()
    yield
    name = addon().__name__
    bpy.ops.preferences.addon_disable(module=name)
    for _ in range(5):
        yield
    assert not hasattr(bpy.types.Scene, "illdepth")
    bpy.ops.preferences.addon_enable(module=name)
    for _ in range(3):
        yield
    assert is_idle()
    start_prediction(image="parrot.png")
    yield from wait_until(is_idle, "a prediction after enabling")
    assert has_layers(bpy.data.images["parrot.png"])
    passed("the add-on is disabled while predicting and enabled again: predicting works")
