"""How sure the network is of each layer: kept with the picture, shown where it doubts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.addon.built import stack_of

bpy = pytest.importorskip("bpy")


@pytest.fixture
def guessed(image, scene):
    """The drawing with the layers of the network that comes with the add-on."""
    scene.illdepth.image, scene.illdepth.model = image, "compact"
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
    return image


def confidences(image) -> list[float]:
    return [x.confidence for x in image.illdepth.layers]


def told(stack) -> list:
    return [pytest.approx(x.confidence, abs=1.5 / 255.0) for x in stack]


def test_items_tell_how_sure_the_network_is(guessed, addon):
    assert confidences(guessed) == told(stack_of(guessed))
    assert len(set(confidences(guessed))) > 1


def test_layers_made_anew_know_it_in_a_reopened_file_too(guessed, scene, addon, tmp_path: Path):
    before = confidences(guessed)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image, scene = bpy.data.images["hill.png"], bpy.context.scene
    assert confidences(image) == before
    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers()
    assert confidences(image) == told(stack_of(image))
    scene.illdepth.layers = 0
    bpy.ops.illdepth.update_layers()
    assert confidences(image) == [pytest.approx(x, abs=1.5 / 255.0) for x in before]


def test_a_file_that_does_not_know_it_shows_no_doubt(guessed, scene, addon):
    del guessed.illdepth.depth["illdepth_confidence"]  # as files of earlier versions
    addon.session.SESSION.clear_memory()
    addon.session.SESSION.layer_sessions.close()
    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers()
    assert set(confidences(guessed)) == {-1.0}
    assert not any(map(addon.storage.layer_list.is_doubtful, guessed.illdepth.layers))


def test_a_predictor_that_says_nothing_leaves_no_confidence_behind(guessed, scene, addon):
    scene.illdepth.model = "heuristic"
    bpy.ops.illdepth.predict(image=guessed.name)
    assert set(confidences(guessed)) == {-1.0}
    assert addon.session.SESSION.depth.load(guessed).confidence is None


def test_doubt_goes_when_the_user_has_looked(guessed, addon):
    one, other = guessed.illdepth.layers[1], guessed.illdepth.layers[2]
    one.confidence, other.confidence = 0.3, 0.2
    is_doubtful = addon.storage.layer_list.is_doubtful
    assert is_doubtful(one) and is_doubtful(other)
    uids = one.uid, other.uid
    bpy.ops.illdepth.layer_trust(layer=uids[0])
    bpy.ops.illdepth.layer_move(layer=uids[1], way="UP")
    items = {x.uid: x for x in guessed.illdepth.layers}
    assert items[uids[0]].trusted and items[uids[1]].trusted
    assert not any(is_doubtful(items[uid]) for uid in uids)


def test_the_list_can_begin_with_the_least_certain(guessed, addon):
    items = guessed.illdepth.layers
    for item, sure in zip(items, (0.9, 0.4, 0.1, 0.3), strict=False):
        item.confidence = sure
    order = addon.panels.layer_list.shown_order
    assert order(items) == [*range(len(items) - 1, -1, -1)]
    shown = sorted(range(len(items)), key=lambda i: order(items, doubtful_first=True)[i])
    assert shown[:3] == [2, 3, 1]
    assert sorted(shown) == [*range(len(items))]


def test_damaged_confidence_costs_nothing_else(guessed, addon):
    guessed.illdepth.depth["illdepth_confidence"] = b"no such thing"
    addon.session.SESSION.clear_memory()
    depth = addon.session.SESSION.depth.load(guessed)
    assert depth.confidence is None and np.isfinite(depth.values).all()
