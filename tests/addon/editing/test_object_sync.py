"""Objects and rows of the layer list are one; here what Blender's messages set off in a window."""

from __future__ import annotations

import pytest

from illustrators_depth_addon.scene.objects.build_collection import find_build
from tests.addon.built import layer_objects_of

bpy = pytest.importorskip("bpy")


@pytest.fixture
def sync(addon):
    return addon.editing.object_sync


def test_the_active_object_makes_its_row_active(built, addon, sync):
    for place in (2, 0, 3):
        bpy.context.view_layer.objects.active = layer_objects_of(built)[place]
        sync.follow_active_object()
        assert built.illdepth.active_layer == place
    bpy.context.view_layer.objects.active = None
    sync.follow_active_object()
    assert built.illdepth.active_layer == 3


def test_a_row_selects_its_objects(built, addon):
    bpy.ops.illdepth.build_planes()
    built.illdepth.active_layer = 2
    chosen = [o for o in bpy.context.view_layer.objects if o.select_get()]
    assert {o.illdepth.layer_uid for o in chosen} == {built.illdepth.layers[2].uid}
    assert len(chosen) == 2  # of the layers and of the planes
    assert bpy.context.view_layer.objects.active in chosen


def test_renaming_an_object_renames_its_layer(built, scene, addon, sync):
    layer_objects_of(built)[1].name = "lawn"
    sync.follow_names(scene, built)
    assert built.illdepth.layers[1].name == "lawn"
    assert addon.session.SESSION.layers.load(built).layers[1].name == "lawn"
    built.illdepth.layers[1].name = "meadow"
    assert layer_objects_of(built)[1].name == "hill: meadow"


def test_a_locked_layer_keeps_its_name(built, scene, addon, sync):
    item = built.illdepth.layers[1]
    item.locked, before = True, item.name
    layer_objects_of(built)[1].name = "lawn"
    with pytest.raises(ValueError, match="is locked"):
        sync.follow_names(scene, built)
    bpy.ops.illdepth.update_layers()
    assert built.illdepth.layers[1].name == before
    assert layer_objects_of(built)[1].name == f"hill: {before}"


def test_deleting_an_object_hides_its_layer_and_undo_brings_both_back(built, scene, addon, sync):
    sync.note_objects(scene)
    bpy.ops.ed.undo_push(message="built")
    bpy.data.objects.remove(layer_objects_of(built)[2])
    bpy.context.view_layer.update()
    sync.follow_deleted(scene)
    assert [x.shown for x in built.illdepth.layers] == [True, True, False, True]
    bpy.ops.ed.undo_push(message="deleted")
    bpy.ops.ed.undo()
    image = bpy.data.images["hill.png"]
    assert all(x.shown for x in image.illdepth.layers)
    assert len(layer_objects_of(image)) == 4


def test_an_object_that_was_moved_elsewhere_is_not_deleted(built, scene, addon, sync):
    sync.note_objects(scene)
    moved = layer_objects_of(built)[2]
    scene.collection.objects.link(moved)
    find_build(built, "LAYERS").objects.unlink(moved)
    sync.follow_deleted(scene)
    assert all(x.shown for x in built.illdepth.layers)


def test_hiding_an_object_in_viewports_hides_its_layer(built, scene, addon, sync):
    layer_objects_of(built)[2].hide_viewport = True
    sync.follow_visibility(scene, built)
    assert [x.shown for x in built.illdepth.layers] == [True, True, False, True]
    assert layer_objects_of(built)[2].hide_render
    layer_objects_of(built)[2].hide_viewport = False
    sync.follow_visibility(scene, built)
    assert all(x.shown for x in built.illdepth.layers)
    assert not layer_objects_of(built)[2].hide_render


def test_a_layer_is_picked_by_its_pixels(built):
    for x, y, place in ((0.05, 0.95, 0), (0.05, 0.05, 1), (0.4, 0.5, 2), (0.61, 0.52, 3)):
        assert bpy.ops.illdepth.layer_pick(x=x, y=y) == {"FINISHED"}
        assert built.illdepth.active_layer == place


def test_the_eye_of_a_row(built):
    uid = built.illdepth.layers[1].uid
    bpy.ops.illdepth.layer_eye(layer=uid)
    assert not built.illdepth.layers[1].shown
    bpy.ops.illdepth.layer_eye(layer=uid)
    assert built.illdepth.layers[1].shown
    with pytest.raises(RuntimeError, match="has no layer 99"):
        bpy.ops.illdepth.layer_eye(layer=99)


def test_nothing_listens_in_the_background(built, addon):
    """Scripts would meet changes that they did not ask for."""
    listed = bpy.app.handlers.depsgraph_update_post
    assert not [h for h in listed if "illustrators_depth" in h.__module__]


def test_what_a_window_asks_for_and_is_told(built, scene, addon, sync):
    """Blender takes the subscriptions; its look after an update notices what is gone."""
    session = addon.session.SESSION
    sync.subscribe()
    try:
        addon.handlers._after_update(scene, bpy.context.evaluated_depsgraph_get())
        sync.note_objects(scene)
        before = {key: set(uids) for key, uids in session.built_layers.items()}
        bpy.data.objects.remove(layer_objects_of(built)[0])
        bpy.context.view_layer.update()

        class Everything:
            def id_type_updated(self, _kind):
                return True

        sync.objects_updated(scene, Everything())
        assert session.built_layers == before  # kept for the timer, which it has started
        assert bpy.app.timers.is_registered(sync._follow_changes)
        sync._follow_changes()
        assert not built.illdepth.layers[0].shown
    finally:
        sync.unsubscribe()
    assert not bpy.app.timers.is_registered(sync._follow_changes)
