"""Live controls, and what is left of layers after undo, saving, renaming, removing, disabling.

Timers never run without a window: that a slider starts an update by itself is tested on a real
Blender window; here its work is done by `illdepth.update_layers`.
"""

from __future__ import annotations

import time

import pytest

from illustrators_depth_addon.scene.objects.build_collection import (
    build_root_of,
    find_build,
    layer_objects,
)
from tests.addon.built import layer_objects_of

bpy = pytest.importorskip("bpy")


def agree(addon, image) -> list[str]:
    """Names of the layers, after insisting that stack, list and objects say the same."""
    stack = addon.session.SESSION.layers.load(image)
    uids = [x.uid for x in stack]
    assert [x.uid for x in image.illdepth.layers] == uids
    assert [o.illdepth.layer_uid for o in layer_objects_of(image)] == uids
    return [x.name for x in stack]


def test_number_of_layers(built, scene, addon):
    four = agree(addon, built)
    kept = layer_objects_of(built)[2]
    kept.location.x = 0.5
    material = kept.active_material
    scene.illdepth.layers = 3
    assert agree(addon, built) == four  # in the background nothing happens by itself
    assert bpy.ops.illdepth.update_layers() == {"FINISHED"}
    assert len(agree(addon, built)) == 3
    scene.illdepth.layers = 0
    bpy.ops.illdepth.update_layers()
    assert agree(addon, built) == four
    # What is seen where it was is still the same object, whatever happened to its neighbours.
    again = next(o for o in layer_objects_of(built) if o.name == kept.name)
    assert again == kept and again.location.x == pytest.approx(0.5)
    assert again.active_material == material


def test_more_layers_than_there_are_change_nothing(built, scene, addon):
    before = agree(addon, built)
    scene.illdepth.layers = 50
    with pytest.raises(RuntimeError, match="ask for at most 4"):
        bpy.ops.illdepth.update_layers()
    assert agree(addon, built) == before


def test_every_control_reaches_the_geometry(built, scene, addon):
    for key, value in (
        ("completion", "none"),
        ("method", "bins"),
        ("min_region", 900.0),
        ("detail", 0.1),
    ):
        shapes = [o.illdepth.shape_key for o in layer_objects_of(built)]
        setattr(scene.illdepth, key, value)
        bpy.ops.illdepth.update_layers()
        meta = addon.session.SESSION.layers.load(built).meta
        stored = meta["complete"]["method"] if key == "completion" else meta["decompose"][key]
        assert stored == pytest.approx(value) if isinstance(value, float) else stored == value
        agree(addon, built)
        if key == "completion":
            assert [o.illdepth.shape_key for o in layer_objects_of(built)] != shapes


def test_size_rebuilds_and_keeps_edits(built, scene, addon):
    bpy.ops.illdepth.layer_rename(layer=built.illdepth.layers[1].uid, name="lawn")
    built.illdepth.layers[2].shown = False
    scene.illdepth.size_mm = 100.0
    bpy.ops.illdepth.update_layers()
    assert agree(addon, built)[1] == "lawn"
    assert not built.illdepth.layers[2].shown
    assert layer_objects_of(built)[0].dimensions.x == pytest.approx(1.0, abs=1e-4)


def test_edits_survive_thickness_and_gap(built, scene, addon):
    bpy.ops.illdepth.layer_move(layer=built.illdepth.layers[0].uid, way="UP")
    bpy.ops.illdepth.layer_rename(layer=built.illdepth.layers[1].uid, name="page")
    before = agree(addon, built)
    scene.illdepth.thickness_mm, scene.illdepth.gap_mm = 4.0, 1.0
    assert agree(addon, built) == before
    assert layer_objects_of(built)[0].modifiers["Thickness"].thickness == pytest.approx(0.04)
    bpy.context.view_layer.update()
    assert layer_objects_of(built)[1].delta_location.z == pytest.approx(0.05, abs=1e-5)


def test_a_build_without_its_root_keeps_its_sliders(built, scene, addon):
    collection = find_build(built, "LAYERS")
    bpy.data.objects.remove(build_root_of(collection))
    line = built.illdepth.layers[1]
    scene.illdepth.gap_mm = 7.0
    scene.illdepth.thickness_mm = 4.0
    assert layer_objects_of(built)[2].modifiers["Thickness"].thickness == pytest.approx(0.04)
    line.own_thickness, line.thickness_mm = True, 9.0
    assert layer_objects_of(built)[1].modifiers["Thickness"].thickness == pytest.approx(0.09)


def test_each_edit_is_one_undo_step(built, addon):
    first = agree(addon, built)
    bpy.ops.ed.undo_push(message="built")
    uid = built.illdepth.layers[2].uid
    push = ("EXEC_DEFAULT", True)  # with its undo step, as from the panel
    run = bpy.ops.illdepth

    def uid_at(place: int) -> int:
        return bpy.data.images["hill.png"].illdepth.layers[place].uid

    steps = [
        lambda: run.layer_rename(*push, layer=uid, name="sun"),
        lambda: run.layer_recolor(*push, layer=uid, color=(0.0, 0.0, 1.0)),
        lambda: run.layer_merge(*push, layer=uid_at(3)),
        lambda: run.layer_split(*push, layer=uid_at(2), by="COLOR"),
        lambda: run.layer_move(*push, layer=uid, way="TOP"),
        lambda: run.layer_isolate(*push, layer=uid_at(0)),
        lambda: run.layer_show(*push, action="SHOW_ALL"),
        lambda: run.layer_delete(*push, layer=uid_at(1)),
        lambda: run.update_layers(*push),
    ]

    def state() -> tuple[list[str], list[bool], list[float]]:
        image = bpy.data.images["hill.png"]
        shown = [line.shown for line in image.illdepth.layers]
        return agree(addon, image), shown, [line.color[2] for line in image.illdepth.layers]

    states = [(first, [True] * 4, state()[2])]
    for step in steps:
        assert step() == {"FINISHED"}
        states.append(state())
    for wanted in reversed(states[:-1]):
        bpy.ops.ed.undo()
        assert state() == wanted
    for wanted in states[1:]:
        bpy.ops.ed.redo()
        assert state() == wanted


def test_an_edit_after_undo_starts_from_what_undo_brought_back(built, addon):
    bpy.ops.ed.undo_push(message="built")
    bpy.ops.illdepth.layer_delete(layer=built.illdepth.layers[3].uid)
    bpy.ops.ed.undo_push(message="deleted")
    bpy.ops.ed.undo()
    image = bpy.data.images["hill.png"]
    bpy.ops.illdepth.layer_rename(layer=image.illdepth.layers[3].uid, name="core")
    assert agree(addon, image)[3] == "core"


def test_saved_edits_are_there_after_loading(built, addon, tmp_path):
    line = built.illdepth.layers[2]
    line.own_thickness, line.thickness_mm, line.locked = True, 7.0, True
    bpy.ops.illdepth.layer_move(layer=built.illdepth.layers[0].uid, way="UP")
    built.illdepth.layers[3].shown = False
    before = agree(addon, built)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not bpy.data.images
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    addon.session.SESSION.clear_memory()
    image = bpy.data.images["hill.png"]
    assert agree(addon, image) == before
    line = image.illdepth.layers[2]
    assert (line.own_thickness, line.thickness_mm, line.locked) == (True, 7.0, True)
    assert not image.illdepth.layers[3].shown
    image.illdepth.layers[3].shown = True
    agree(addon, image)
    assert not layer_objects_of(image)[3].hide_render


def test_renaming_the_picture(built, scene, addon):
    built.name = "another name"
    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers()
    assert len(agree(addon, built)) == 3
    bpy.ops.illdepth.layer_delete(layer=built.illdepth.layers[2].uid)
    assert len(agree(addon, built)) == 2


def test_removing_the_picture_leaves_what_was_built(built, scene, addon):
    count = len(layer_objects_of(built))
    bpy.data.images.remove(built)
    assert scene.illdepth.image is None
    assert len([o for o in bpy.data.objects if o.type == "MESH"]) == count
    scene.illdepth.thickness_mm, scene.illdepth.layers = 3.0, 2
    assert not bpy.ops.illdepth.update_layers.poll()
    with pytest.raises(RuntimeError, match="No picture is chosen"):
        bpy.ops.illdepth.layer_delete()


@pytest.mark.parametrize("build", ["build_layers", "build_displacement", "build_planes"])
def test_no_pointer_to_a_removed_picture_is_left(predicted, scene, addon, build):
    """Blender 5.0 leaves them dangling in data-blocks without custom properties."""
    scene.illdepth.image = predicted
    getattr(bpy.ops.illdepth, build)()
    [made] = [c for c in bpy.data.collections if c.illdepth.kind]
    assert made.illdepth.image == predicted
    bpy.data.images.remove(predicted)
    assert made.illdepth.image is None


def test_disabling_and_enabling_the_add_on(built, addon):
    bpy.ops.illdepth.layer_rename(layer=built.illdepth.layers[2].uid, name="sun")
    before = agree(addon, built)
    addon.unregister()
    addon.register()
    image = bpy.data.images["hill.png"]
    assert agree(addon, image) == before
    bpy.ops.illdepth.layer_move(layer=image.illdepth.layers[0].uid, way="TOP")
    assert agree(addon, image) == [*before[1:], before[0]]


def test_predicting_again_lists_new_layers_and_old_objects_go_to_the_same_names(built, addon):
    old = {o.illdepth.layer_name: o for o in layer_objects_of(built)}
    uids = {x.uid for x in built.illdepth.layers}
    bpy.ops.illdepth.predict(image=built.name)
    assert uids.isdisjoint(x.uid for x in built.illdepth.layers)
    bpy.ops.illdepth.build_layers(image=built.name)
    agree(addon, built)
    assert {o.illdepth.layer_name: o for o in layer_objects_of(built)} == old


def test_a_painted_picture_is_not_taken_for_the_one_before(built, scene, addon):
    import numpy as np

    scene.illdepth.layers = 3
    bpy.ops.illdepth.update_layers()
    pixels = np.empty(len(built.pixels), np.float32)
    built.pixels.foreach_get(pixels)
    pixels.reshape(-1, 4)[:, :3] *= 0.5
    built.pixels.foreach_set(pixels)
    scene.illdepth.layers = 4
    bpy.ops.illdepth.update_layers()
    top = addon.session.SESSION.layers.load(built).layers[-1]
    assert top.color == pytest.approx((0.47, 0.39, 0.06), abs=0.02)


def test_linked_pictures_cannot_be_edited(built, scene, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "lib.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "lib.blend"), link=True) as (_, wanted):
        wanted.images = ["hill.png"]
    image = wanted.images[0]
    bpy.context.scene.illdepth.image = image
    with pytest.raises(RuntimeError, match="make it local"):
        bpy.ops.illdepth.layer_delete(layer=image.illdepth.layers[0].uid)


@pytest.mark.parametrize("build", ["layers", "displacement"])
def test_true_size_is_that_of_the_print(predicted, scene, addon, build):
    scene.illdepth.image, scene.illdepth.true_size = predicted, True
    getattr(bpy.ops.illdepth, f"build_{build}")()
    [collection] = [c for c in bpy.data.collections if c.illdepth.kind]

    def width() -> float:
        bpy.context.view_layer.update()
        corners = [o.matrix_world @ v.co for o in collection.objects if o.type == "MESH"
                   for v in o.data.vertices]  # fmt: skip
        return max(c.x for c in corners) - min(c.x for c in corners)

    assert width() == pytest.approx(0.2, rel=1e-3)
    scene.illdepth.true_size = False
    assert width() == pytest.approx(2.0, rel=1e-3)


def test_renewing_materials_works_with_planes_alone(predicted, scene, addon):
    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_planes()
    collection = find_build(predicted, "PLANES")
    parts = layer_objects(collection)
    before = [o.active_material for o in parts]
    assert bpy.ops.illdepth.renew_materials() == {"FINISHED"}
    assert all(o.active_material not in (None, old) for o, old in zip(parts, before, strict=True))


def test_layers_of_a_large_picture_are_made_ahead(predicted, scene, addon, monkeypatch):
    """What a thread has made is what the operator takes, and only that."""
    from illustrators_depth.layering.session import LayerSession
    from illustrators_depth.types import LayerStack

    scene.illdepth.image = predicted
    bpy.ops.illdepth.build_layers()
    settings, background = addon.settings.scene, addon.session.SESSION.background_layers
    scene.illdepth.layers = 3
    background.begin(predicted, settings.layering_settings(scene), settings.relief_settings(scene))
    while not background.done():
        time.sleep(0.01)
    assert background.fraction > 0.5
    made = []
    plain = LayerSession.decompose

    def decompose(self, *args, **options) -> LayerStack:
        made.append(args)
        return plain(self, *args, **options)

    monkeypatch.setattr(LayerSession, "decompose", decompose)
    bpy.ops.illdepth.update_layers()
    assert len(predicted.illdepth.layers) == 3 and not made
    background.begin(predicted, settings.layering_settings(scene), settings.relief_settings(scene))
    while not background.done():
        time.sleep(0.01)
    made.clear()
    scene.illdepth.layers = 2
    bpy.ops.illdepth.update_layers()
    assert len(predicted.illdepth.layers) == 2 and len(made) == 1


def test_of_a_large_picture_just_opened_the_layers_are_decoded(
    built, scene, addon, monkeypatch, tmp_path
):
    """Not its pixels, which Blender hands out in one piece."""
    import time

    from illustrators_depth_addon.session.preload import PreloadJob

    session = addon.session.SESSION
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    scene, built = bpy.context.scene, bpy.data.images["hill.png"]
    monkeypatch.setattr(addon.storage.layer_session, "_MAX_PREPARED_PIXELS", 100)
    key = built.illdepth.stack_key
    job = PreloadJob((built.session_uid, key, scene.session_uid))
    assert key not in session.layers.decoded
    while not job.poll():
        time.sleep(0.01)
    assert key in session.layers.decoded
    assert not session.layer_sessions.is_known(built)
