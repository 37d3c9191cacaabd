"""Image planes: geometry, live sliders, the camera's exact framing, rebuilding in place."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from illustrators_depth.editing import hide
from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def planes(predicted, addon):
    assert bpy.ops.illdepth.build_planes(image=predicted.name, shader="SHADELESS") == {"FINISHED"}
    return bpy.data.collections["hill planes"]


@pytest.fixture
def picture(predicted, addon):
    return addon.scene.images.pixels.read_pixels(predicted)


def root_of(collection):
    return next(o for o in collection.objects if o.type == "EMPTY")


def seen_box(item, root, camera) -> np.ndarray:
    """Where the corners of a plane lie in the camera's frame: 0..1 from the lower left."""
    from bpy_extras.object_utils import world_to_camera_view

    bpy.context.view_layer.update()
    corners = [item.matrix_world @ v.co for v in item.data.vertices]
    return np.array([world_to_camera_view(bpy.context.scene, camera, c)[:2] for c in corners])


def test_one_named_plane_per_layer(planes, predicted, addon):
    stack = addon.session.SESSION.layers.load(predicted)
    items = layer_objects(planes)
    assert [o.name for o in items] == [f"hill: {layer.name}" for layer in stack]
    assert all(len(o.data.polygons) == 1 for o in items)
    for item, layer in zip(items, stack, strict=True):
        texture = item.active_material.node_tree.nodes["Picture"].image
        assert tuple(texture.size) == layer.rgba_crop.shape[1::-1]


def test_defaults_are_those_of_images_as_planes(planes, addon):
    """The nearest picture is 1 unit tall, planes are 0.1 apart and face -Y, the first in front."""
    items = layer_objects(planes)
    bpy.context.view_layer.update()
    depth = [o.matrix_world.translation.y for o in items]
    assert depth[-1] == pytest.approx(0.0, abs=1e-6)
    for far, near in itertools.pairwise(depth):
        assert far - near == pytest.approx(0.1, abs=1e-6)
    # Of the bottom layer, which is as large as the picture (one pixel of bleed on each side).
    heights = [v.co.y for v in items[0].data.vertices]
    assert max(heights) - min(heights) == pytest.approx(122 / 120)
    up = items[0].matrix_world.to_3x3() @ items[0].data.vertices[2].co
    assert up.z > 0.4


def test_every_plane_is_seen_where_its_layer_is(planes, predicted, addon):
    """The frame is the picture, whatever the offset, the distance and the size are."""
    root, stack = root_of(planes), addon.session.SESSION.layers.load(predicted)
    camera = addon.scene.planes.parallax.rig_camera(planes)
    for offset, distance, height in ((0.1, 1.9, 1.0), (0.7, 0.8, 1.0), (0.02, 5.0, 3.0)):
        root["offset"], root["distance"] = offset, distance
        root["height"] = height
        root.update_tag()
        bpy.ops.illdepth.build_planes(image=predicted.name)
        for item, layer in zip(layer_objects(planes), stack, strict=True):
            top, left, bottom, right = layer.window
            box = seen_box(item, root, camera)
            bleed = np.array([1.0 / 160, 1.0 / 120]) * 1.01
            low = np.array([left / 160, 1 - bottom / 120])
            high = np.array([right / 160, 1 - top / 120])
            assert (np.abs(box.min(axis=0) - low) <= bleed).all()
            assert (np.abs(box.max(axis=0) - high) <= bleed).all()
            inner = (low > 0) & (high < 1)
            assert np.abs(box.min(axis=0) - low)[inner] == pytest.approx(0.0, abs=1e-4)


def test_sliders_are_live_without_a_rebuild(planes, addon):
    root, items = root_of(planes), layer_objects(planes)
    camera = addon.scene.planes.parallax.rig_camera(planes)
    before = seen_box(items[1], root, camera)
    root["offset"], root["distance"] = 0.5, 0.9
    root.update_tag()
    np.testing.assert_allclose(seen_box(items[1], root, camera), before, atol=1e-5)
    assert items[0].matrix_world.translation.y == pytest.approx(0.5 * (len(items) - 1))
    root["keep_framing"] = 0.0
    root.update_tag()
    bpy.context.view_layer.update()
    assert all(o.matrix_world.to_scale()[0] == pytest.approx(1.0) for o in items)
    for item in items:
        assert all(d.driver.is_simple_expression for d in item.animation_data.drivers)


@pytest.mark.parametrize("crop", [True, False])
def test_the_render_is_the_picture(predicted, scene, render, picture, crop):
    """The bar is a mean error of 1 % of white; shadeless planes come far below it."""
    bpy.ops.illdepth.build_planes(image=predicted.name, shader="SHADELESS", crop=crop)
    assert (scene.render.resolution_x, scene.render.resolution_y) == (160, 120)
    shown = render(samples=4)
    assert np.abs(shown[..., :3] - picture[..., :3]).mean() < 0.005
    # Nothing shines in at the frame.
    edge = np.ones(shown.shape[:2], bool)
    edge[1:-1, 1:-1] = False
    assert np.abs(shown[..., :3] - picture[..., :3])[edge].mean() < 0.005


def test_many_planes_do_not_end_in_black(predicted, scene, addon):
    scene.cycles.transparent_max_bounces = 2
    bpy.ops.illdepth.build_planes(image=predicted.name)
    assert scene.cycles.transparent_max_bounces >= len(addon.session.SESSION.layers.load(predicted))


def test_rebuilding_keeps_what_the_user_did(planes, predicted, scene, addon):
    items = layer_objects(planes)
    kept, root = items[1], root_of(planes)
    kept.location, kept["extra_offset"] = (0.1, 0.2, 0.3), 0.4
    kept.modifiers.new("Mine", "SOLIDIFY")
    material = kept.active_material
    material.roughness = 0.9
    root.location, root["offset"] = (1.0, 2.0, 3.0), 0.33
    scene.illdepth.completion = "none"  # other masks, same layers
    bpy.ops.illdepth.build_planes(image=predicted.name, offset_amount=5.0, align_axis="+X")
    again = layer_objects(planes)
    assert again == items
    assert tuple(kept.location) == pytest.approx((0.1, 0.2, 0.3))
    assert kept["extra_offset"] == pytest.approx(0.4)
    assert "Mine" in kept.modifiers
    assert kept.active_material == material
    assert tuple(root.location) == (1.0, 2.0, 3.0)
    assert root["offset"] == pytest.approx(0.33)
    assert len([o for o in bpy.data.objects if o.type == "CAMERA"]) == 1


def test_extra_offset_moves_what_is_behind(planes, addon):
    items = layer_objects(planes)
    items[1]["extra_offset"] = 0.4
    items[1].update_tag()
    bpy.context.view_layer.update()
    depth = [o.matrix_world.translation.y for o in items]
    assert depth[0] - depth[1] == pytest.approx(0.5, abs=1e-6)
    assert depth[1] - depth[2] == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize("kind", ["PERSP", "ORTHO"])
@pytest.mark.parametrize(("fill_mode", "fits"), [("FILL", max), ("FIT", min)])
def test_planes_fill_the_scenes_own_camera(predicted, scene, addon, kind, fill_mode, fits):
    data = bpy.data.cameras.new("mine")
    data.type, data.lens, data.ortho_scale = kind, 35.0, 3.0
    camera = bpy.data.objects.new("mine", data)
    camera.location, camera.rotation_euler = (3.0, -2.0, 1.5), (1.1, 0.2, 0.9)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = 1920, 1080
    bpy.context.view_layer.update()
    bpy.ops.illdepth.build_planes(image=predicted.name, size_mode="CAMERA", fill_mode=fill_mode)
    planes = bpy.data.collections["hill planes"]
    assert scene.camera == camera
    for item in (layer_objects(planes)[0],):
        box = seen_box(item, root_of(planes), camera)
        width, height = np.ptp(box, axis=0) / np.array([162 / 160, 122 / 120])
        assert fits(1.0 / width, 1.0 / height) == pytest.approx(1.0, abs=1e-3) or fits(
            width, height
        ) == pytest.approx(1.0, abs=1e-3)
        np.testing.assert_allclose(box.mean(axis=0), [0.5, 0.5], atol=1e-4)


def materials_of(addon, planes):
    return [o.data.materials[0] for o in layer_objects(planes)]


def test_updating_obeys_shader_and_render_method(planes, predicted, scene, addon):
    before = materials_of(addon, planes)
    bpy.ops.illdepth.build_planes(
        image=predicted.name, shader="SHADELESS", render_method="BLENDED", camera=False
    )
    assert materials_of(addon, planes) == before
    assert {m.surface_render_method for m in before} == {"BLENDED"}
    bpy.ops.illdepth.build_planes(image=predicted.name, shader="EMISSION", camera=False)
    after = materials_of(addon, planes)
    assert all(any(n.type == "EMISSION" for n in m.node_tree.nodes) for m in after)
    assert not any(n.type == "BSDF_PRINCIPLED" for m in after for n in m.node_tree.nodes)
    scene.illdepth.detail = 0.9
    bpy.ops.illdepth.update_layers(image=predicted.name)
    assert materials_of(addon, planes) == after  # a slider changes no materials


def test_materials_are_renewed_where_there_are_planes_alone(planes, predicted, scene, addon):
    scene.illdepth.shader = "EMISSION"
    bpy.ops.illdepth.renew_materials(image=predicted.name)
    for material in materials_of(addon, planes):
        kinds = {n.type for n in material.node_tree.nodes}
        assert "EMISSION" in kinds and "BSDF_PRINCIPLED" not in kinds


def test_it_says_what_it_changes_in_the_scene(predicted, scene, addon):
    before = addon.scene.scene_changes.SceneState(scene)
    bpy.ops.illdepth.build_planes(image=predicted.name, match=False)
    assert before.changes() == []
    bpy.data.objects.remove(
        scene.camera
        or (bpy.data.cameras and next(o for o in bpy.data.objects if o.type == "CAMERA"))
    )
    bpy.ops.illdepth.build_planes(image=predicted.name)
    told = {name: (old, new) for name, old, new in before.changes()}
    assert told["Resolution"] == ("1920 x 1080", "160 x 120")
    assert told["Camera"][1] == scene.camera.name
    assert told["View Transform"][1] == "Standard"


def test_one_undo_step(predicted):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.illdepth.build_planes(image=predicted.name)
    bpy.ops.ed.undo_push(message="built")
    bpy.ops.ed.undo()
    assert not bpy.data.objects
    bpy.ops.ed.redo()
    assert "hill planes" in bpy.data.collections


def test_a_layer_hidden_in_the_list_hides_its_plane(planes, predicted, scene, addon):
    stack = addon.session.SESSION.layers.load(predicted)
    addon.editing.update_builds.update_builds(scene, predicted, hide(stack, 1))
    items = layer_objects(planes)
    assert [o.hide_render for o in items] == [i == 1 for i in range(len(items))]
    bpy.context.view_layer.update()
    depth = [o.matrix_world.translation.y for o in items]
    assert depth[0] - depth[2] == pytest.approx(0.1, abs=1e-6), "a gap is left where it was"
