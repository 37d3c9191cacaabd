"""One-click animations: what moves when, what stays, and the video file."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def layers(predicted: Any, addon: Any) -> list[Any]:
    bpy.ops.illdepth.build_layers()
    items: list[Any] = layer_objects(bpy.data.collections["hill layers"])
    return items


@pytest.fixture
def planes(predicted: Any, addon: Any) -> list[Any]:
    bpy.ops.illdepth.build_planes(shader="SHADELESS")
    items: list[Any] = layer_objects(bpy.data.collections["hill planes"])
    return items


def world(scene: Any, items: list[Any], frame: int) -> np.ndarray:
    """Where the objects are at a frame, (n, 3)."""
    scene.frame_set(frame)
    return np.array([item.matrix_world.translation[:] for item in items])


def test_a_reveal_rises_layer_by_layer_and_ends_where_the_layers_were(scene, layers):
    before = world(scene, layers, 1)
    assert bpy.ops.illdepth.layer_reveal(frame_start=11, frame_end=60) == {"FINISHED"}
    assert (scene.frame_start, scene.frame_end, scene.frame_current) == (11, 60, 11)
    start = world(scene, layers, 11)
    np.testing.assert_allclose(start[0], before[0], atol=1e-6)
    tops = start[1:, 2] + [item.dimensions[2] for item in layers[1:]]
    assert (tops <= before[0, 2] + 1e-4).all()
    arrivals = []
    for item in layers[1:]:
        place = world(scene, [item], 60)[0, 2]
        arrivals.append(
            next(f for f in range(11, 61) if abs(world(scene, [item], f)[0, 2] - place) < 1e-5)
        )
    assert arrivals == sorted(arrivals)
    assert len(set(arrivals)) == len(arrivals)
    np.testing.assert_allclose(world(scene, layers, 60), before, atol=1e-5)
    scene.frame_set(11)
    assert [item.hide_render for item in layers[1:]] == [False, True, True]
    scene.frame_set(60)
    assert not any(item.hide_render for item in layers)


def test_a_second_reveal_replaces_the_first(scene, layers):
    layers[2].location = (0.1, 0.2, 0.3)
    before = world(scene, layers, 1)
    bpy.ops.illdepth.layer_reveal(frame_start=1, frame_end=40)
    bpy.ops.illdepth.layer_reveal(frame_start=101, frame_end=140, set_range=False)
    assert scene.frame_end == 40
    np.testing.assert_allclose(world(scene, layers, 140), before, atol=1e-5)
    assert world(scene, layers, 50)[2, 2] < before[2, 2] - 0.01


def test_planes_rise_from_under_the_frame(scene, planes, predicted):
    before = world(scene, planes, 1)
    bpy.ops.illdepth.layer_reveal(build="PLANES", frame_end=40, from_below=True)
    start = world(scene, planes, 1)
    assert (before[:, 2] - start[:, 2] > 0.99).all()
    np.testing.assert_allclose(world(scene, planes, 40), before, atol=1e-5)


@pytest.mark.parametrize("back", [False, True])
def test_explode_takes_layers_apart(scene, layers, back):
    before = world(scene, layers, 1)
    bpy.ops.illdepth.explode(frame_end=21, amount=1.0, back=back)
    np.testing.assert_allclose(world(scene, layers, 1), before, atol=1e-5)
    apart = world(scene, layers, 11 if back else 21)
    assert apart[-1, 2] - apart[0, 2] > 2.0
    end = world(scene, layers, 21)
    assert np.allclose(end, before, atol=1e-5) is back
    bpy.ops.illdepth.explode(frame_end=31, amount=0.5)
    np.testing.assert_allclose(world(scene, layers, 1), before, atol=1e-5)


def test_a_card_opens_and_closes(scene, predicted):
    bpy.ops.illdepth.build_popup_card()
    root = bpy.data.objects["hill card"]
    for way, first, last in (("OPEN", 0.0, np.pi / 2), ("CLOSE", np.pi / 2, 0.0)):
        assert bpy.ops.illdepth.fold_card(way=way, frame_end=30) == {"FINISHED"}
        scene.frame_set(1)
        assert root["fold_angle"] == pytest.approx(first)
        scene.frame_set(30)
        assert root["fold_angle"] == pytest.approx(last)
    assert scene.frame_end == 30


def test_a_camera_move_sets_the_frame_range_and_a_loop_has_no_frame_twice(scene, planes):
    bpy.ops.illdepth.animate_parallax(motion="DOLLY_IN", frame_start=5, frame_end=50)
    assert (scene.frame_start, scene.frame_end) == (5, 50)
    bpy.ops.illdepth.animate_parallax(motion="SWAY", frame_start=1, frame_end=49)
    assert (scene.frame_start, scene.frame_end) == (1, 48)


def test_the_parallax_video_is_whole_and_settings_are_put_back(scene, planes, tmp_path):
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = 1, False
    bpy.ops.illdepth.animate_parallax(motion="SWAY", frame_start=1, frame_end=7, amount=0.2)
    scene.render.filepath, scene.render.image_settings.file_format = "//mine", "PNG"
    path = tmp_path / "hill.mp4"
    assert bpy.ops.illdepth.render_parallax_video(filepath=str(path)) == {"FINISHED"}
    assert scene.render.filepath == "//mine"
    assert scene.render.image_settings.file_format == "PNG"
    assert [p.name for p in tmp_path.iterdir()] == ["hill.mp4"]
    film = cv2.VideoCapture(str(path))
    frames = []
    while (shot := film.read())[0]:
        frames.append(shot[1].astype(float))
    assert len(frames) == 6
    assert frames[0].shape == (120, 160, 3)
    assert frames[0].mean() > 60  # the picture's colors, not black
    assert np.abs(frames[0] - frames[3]).mean() > 3
    with pytest.raises(RuntimeError, match="exists"):
        bpy.ops.illdepth.render_parallax_video(filepath=str(path))


def test_a_camera_without_a_move_gets_a_sway(scene, planes, tmp_path, monkeypatch):
    from illustrators_depth_addon.operators.animate import video

    ranges = []
    monkeypatch.setattr(
        video, "render_video", lambda s, p, _o: ranges.append((s.frame_start, s.frame_end, p))
    )
    bpy.ops.illdepth.render_parallax_video(filepath=str(tmp_path / "hill"))
    assert ranges == [(1, 119, tmp_path / "hill.mp4")]


@pytest.mark.parametrize("name", ["layer_reveal", "explode", "fold_card"])
def test_mistakes_are_one_sentence(predicted, name):
    operator = getattr(bpy.ops.illdepth, name)
    with pytest.raises(RuntimeError, match="nothing built to animate"):
        operator()
    with pytest.raises(RuntimeError, match="before it starts"):
        operator(frame_start=10, frame_end=10)


def test_sliders_that_would_take_keyframes_without_effect_take_none(scene, predicted):
    for name in ("thickness_mm", "gap_mm"):
        assert not scene.illdepth.bl_rna.properties[name].is_animatable
