"""Presets in Blender: every field arrives, and what a control cannot take is refused."""

from __future__ import annotations

from typing import Any

import pytest

from illustrators_depth.batch import Preset
from illustrators_depth.errors import InputError

bpy = pytest.importorskip("bpy")

EVERYTHING: dict[str, Any] = {
    "depth": {"model": "heuristic", "size": 256, "denoise": 0.25},
    "decompose": {
        "method": "bins", "layers": 5, "max_layers": 9, "thresholds": [0.2, 0.7],
        "binning": "quantile", "detail": 0.3, "merge_color": 0.1, "min_region": 12.5,
        "denoise": 0.25,
    },
    "complete": {"method": "nearest", "feather": 2.0},
    "relief": {"mode": "heightfield", "size_mm": 123.4, "thickness_mm": 1.7, "gap_mm": 0.3,
               "base_mm": 0.8, "height_mm": 3.0},
    "blender": {"height_mm": 7.5, "preview": {"width": 64}},
}  # fmt: skip


def test_every_setting_comes_through_the_scene(scene: Any) -> None:
    from illustrators_depth_addon.settings import scene as panel

    preset = Preset.from_dict(EVERYTHING)
    panel.apply_preset(scene, preset)
    assert panel.depth_settings(scene) == preset.depth
    assert panel.decompose_settings(scene) == preset.decompose
    assert panel.complete_settings(scene) == preset.complete
    assert panel.relief_settings(scene) == preset.relief
    assert scene.illdepth.height_mm == pytest.approx(7.5)

    scene.illdepth.layers = 7  # a control moved afterwards counts, the rest stays
    assert panel.decompose_settings(scene).layers == 7
    assert panel.decompose_settings(scene).max_layers == 9
    panel.apply_preset(scene, Preset.from_dict({"depth": {"model": "heuristic"}}))
    assert panel.decompose_settings(scene) == Preset().decompose


def test_fields_without_a_control_decide_the_layers(scene: Any, image: Any) -> None:
    from illustrators_depth_addon import api
    from illustrators_depth_addon.editing.current_stack import current_stack
    from illustrators_depth_addon.settings import scene as scene_settings

    preset = Preset.from_dict({"depth": {"model": "heuristic"}, "decompose": {"max_layers": 2}})
    scene_settings.apply_preset(scene, preset)
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    found = api.predict(scene, image_to_engine(image))
    assert len(found.stack) == 2
    assert len(current_stack(scene, found.image)) == 2


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"depth": {"device": "cuda:1"}}, "device cannot be 'cuda:1'"),
        ({"depth": {"denoise": 0.2}, "decompose": {"denoise": 0.4}}, "denoise"),
        ({"blender": {"statue": 1}}, "no control called 'statue'"),
        ({"blender": {"image": "x"}}, "no control called 'image'"),
        ({"blender": {"height_mm": "tall"}}, "height_mm cannot be 'tall'"),
        ({"blender": {"height_mm": -3}}, "height_mm cannot be -3"),
        ({"blender": {"shader": "NONSENSE"}}, "shader cannot be"),
    ],
)
def test_what_a_control_cannot_take_is_refused(
    scene: Any, tables: dict[str, Any], words: str
) -> None:
    from illustrators_depth_addon.settings import scene as scene_settings

    with pytest.raises(InputError, match=words):
        scene_settings.apply_preset(scene, Preset.from_dict(tables))


@pytest.mark.parametrize("table", [{"wide": 3}, {"width": "wide"}, {"width": True}])
def test_preview_options_are_checked(addon: Any, table: dict[str, Any]) -> None:
    from illustrators_depth_addon.scene.render.still import RenderOptions
    from illustrators_depth_addon.settings.scene import plain_options

    with pytest.raises(InputError, match=r"blender\.preview"):
        plain_options(RenderOptions(), {"preview": table}, "preview")
    assert plain_options(RenderOptions(), {"preview": {"width": 9}}, "preview").width == 9


def test_children_are_started_like_their_parent(addon: Any, tmp_path: Any) -> None:
    from illustrators_depth_addon.batch.process import program

    script = tmp_path / "headless.py"
    words = program(script, tmp_path, ["blender", "-b", "--", "art"])
    assert words[2:] == [str(script), "--", "--serve", str(tmp_path)], "with the bpy module"
