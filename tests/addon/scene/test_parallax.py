"""The parallax camera's ready-made moves."""

from __future__ import annotations

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def planes(predicted, addon):
    bpy.ops.illdepth.build_planes(image=predicted.name, shader="SHADELESS")
    return bpy.data.collections["hill planes"]


@pytest.fixture
def camera(planes, addon):
    return addon.scene.planes.parallax.rig_camera(planes)


def places(scene, camera, frames) -> np.ndarray:
    found = []
    for frame in frames:
        scene.frame_set(frame)
        found.append(tuple(camera.location))
    return np.array(found)


def test_dolly_begins_on_the_picture_and_goes_in(scene, camera, predicted):
    bpy.ops.illdepth.animate_parallax(
        image=predicted.name, motion="DOLLY_IN", frame_start=10, frame_end=60, amount=0.25
    )
    path = places(scene, camera, (1, 10, 35, 60, 90))
    np.testing.assert_allclose(path[:2], 0.0, atol=1e-6)
    assert path[1, 2] > path[2, 2] > path[3, 2]
    distance = camera.parent["distance"]
    np.testing.assert_allclose(path[3:], [[0, 0, -0.25 * distance]] * 2, atol=1e-5)


def test_dolly_out_ends_on_the_picture(scene, camera, predicted):
    bpy.ops.illdepth.animate_parallax(image=predicted.name, motion="DOLLY_OUT", frame_end=50)
    path = places(scene, camera, (1, 50))
    assert path[0, 2] < 0.0
    np.testing.assert_allclose(path[1], 0.0, atol=1e-6)


@pytest.mark.parametrize("motion", ["SWAY", "ORBIT"])
def test_loops_close_and_repeat(scene, camera, predicted, motion):
    bpy.ops.illdepth.animate_parallax(image=predicted.name, motion=motion, frame_end=81)
    path = places(scene, camera, (1, 21, 41, 61, 81, 161))
    np.testing.assert_allclose(path[0], path[4], atol=1e-5)
    np.testing.assert_allclose(path[0], path[5], atol=1e-5)
    assert path[0, 0] == pytest.approx(-path[2, 0], abs=1e-5)
    assert abs(path[0, 0]) == pytest.approx(0.04 * camera.parent["distance"], rel=1e-4)
    assert (path[1, 1] != pytest.approx(0.0)) is (motion == "ORBIT")


def test_no_border_is_seen_on_the_way(scene, camera, predicted, planes):
    """At the farthest point of the sway the bottom layer still reaches all four corners."""
    from bpy_extras.object_utils import world_to_camera_view

    bpy.ops.illdepth.animate_parallax(image=predicted.name, motion="SWAY", amount=0.1)
    scene.frame_set(1)
    bpy.context.view_layer.update()
    bottom = next(o for o in planes.objects if o.illdepth.layer == 0)
    seen = np.array(
        [
            world_to_camera_view(scene, camera, bottom.matrix_world @ v.co)[:2]
            for v in bottom.data.vertices
        ]
    )
    assert (seen.min(axis=0) <= 1e-4).all()
    assert (seen.max(axis=0) >= 1.0 - 1e-4).all()


def test_a_second_move_replaces_the_first_and_spares_the_rest(scene, camera, predicted, addon):
    camera.rotation_euler.z = 0.5
    camera.keyframe_insert("rotation_euler", frame=1)
    for motion in ("ORBIT", "DOLLY_IN"):
        bpy.ops.illdepth.animate_parallax(image=predicted.name, motion=motion)
    curves = list(addon.scene.datablocks.fcurves.curves_of(camera))
    moves = [c for c in curves if c.data_path == "location"]
    assert len(moves) == 3
    assert all(len(c.keyframe_points) == 2 for c in moves)
    assert any(c.data_path == "rotation_euler" for c in curves)


def test_scene_range(scene, camera, predicted):
    scene.frame_start, scene.frame_end = 5, 30
    bpy.ops.illdepth.animate_parallax(image=predicted.name, motion="DOLLY_IN", use_scene_range=True)
    assert places(scene, camera, (5,))[0, 2] == pytest.approx(0.0, abs=1e-6)
    assert places(scene, camera, (30,))[0, 2] == places(scene, camera, (99,))[0, 2] < 0.0


def test_mistakes_are_one_sentence(predicted):
    with pytest.raises(RuntimeError, match="has no planes yet"):
        bpy.ops.illdepth.animate_parallax(image=predicted.name)
    bpy.ops.illdepth.build_planes(image=predicted.name)
    with pytest.raises(RuntimeError, match="before it starts"):
        bpy.ops.illdepth.animate_parallax(image=predicted.name, frame_start=9, frame_end=9)
    bpy.data.objects.remove(bpy.data.objects["hill planes"])
    with pytest.raises(RuntimeError, match="has lost its empty"):
        bpy.ops.illdepth.parallax_camera(image=predicted.name)


def test_looking_through_it_later_sets_the_scene_up(scene, predicted, addon):
    bpy.ops.illdepth.build_planes(image=predicted.name, camera=False)
    assert scene.camera is None
    bpy.ops.illdepth.parallax_camera(image=predicted.name)
    assert scene.camera == addon.scene.planes.parallax.rig_camera(
        bpy.data.collections["hill planes"]
    )
    assert (scene.render.resolution_x, scene.render.resolution_y) == (160, 120)
    assert scene.view_settings.view_transform == "Standard"
