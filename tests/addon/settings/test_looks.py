"""Materials and their presets: what a camera sees of each shader, and where presets are kept."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

ADDON = Path(__file__).resolve().parents[3] / "illustrators_depth_addon"
# The first 4.2 takes no presets from extensions.
BRINGS_PRESETS = hasattr(bpy.utils, "register_preset_path")
LOOKS = sorted((ADDON / "presets" / "illdepth" / "look").glob("*.py"))


def rendered(scene: Any, path: Path, height: float = 1.0) -> np.ndarray:
    """The middle of what an orthographic camera above sees, sRGB 0..1 (h, w, 3)."""
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", height
    camera.location.z = 5.0
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = 16, 12
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    from illustrators_depth.io.pictures.read_image import read_image

    return read_image(path).rgba[..., :3]


def flat_picture(addon: Any, color: tuple[float, float, float]) -> Any:
    from illustrators_depth.types import Image

    rgba = np.ones((12, 16, 4), np.float32)
    rgba[..., :3] = color
    return addon.scene.images.packing.image_from_engine(Image(rgba, "flat"))


@pytest.mark.parametrize("textured", [True, False])
@pytest.mark.parametrize("shader", ["SHADELESS", "EMISSION"])
def test_without_light_the_picture_is_seen_in_its_own_colors(
    scene, addon, tmp_path, shader, textured
):
    image = flat_picture(addon, (0.8, 0.4, 0.2))
    scene.illdepth.shader, scene.illdepth.textured = shader, textured
    bpy.ops.illdepth.predict(image=image.name, build="LAYERS")
    seen = rendered(scene, tmp_path / "seen.png")
    np.testing.assert_allclose(seen, np.full_like(seen, (0.8, 0.4, 0.2)), atol=2.5 / 255)


def test_principled_needs_light(scene, addon, tmp_path):
    image = flat_picture(addon, (0.8, 0.4, 0.2))
    bpy.ops.illdepth.predict(image=image.name, build="LAYERS")
    assert rendered(scene, tmp_path / "dark.png").max() < 0.02
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy = np.pi  # a white surface facing it is white
    scene.collection.objects.link(sun)
    lit = rendered(scene, tmp_path / "lit.png").reshape(-1, 3).mean(axis=0)
    np.testing.assert_allclose(lit, (0.8, 0.4, 0.2), atol=0.08)


def test_a_shadeless_layer_lights_nothing_else_but_an_emissive_one_does(scene, addon):
    """Shadeless is emission for the camera's own rays only."""
    from illustrators_depth_addon.scene.datablocks.materials import build_material

    def rays(shader: str) -> bool:
        tree = build_material("m", (1, 1, 1), None, shader=shader).node_tree
        return any(node.bl_idname == "ShaderNodeLightPath" for node in tree.nodes)

    assert rays("SHADELESS")
    assert not rays("EMISSION")


def test_renew_materials_applies_the_look_to_what_is_built(scene, predicted):
    bpy.ops.illdepth.build_layers()
    objects = [o for o in bpy.data.objects if o.type == "MESH"]
    before = {o.name: o.material_slots[0].material for o in objects}
    scene.illdepth.shader, scene.illdepth.textured = "EMISSION", False
    bpy.ops.illdepth.build_layers()
    assert all(o.material_slots[0].material == before[o.name] for o in objects)  # an update keeps
    assert bpy.ops.illdepth.renew_materials() == {"FINISHED"}
    for item in objects:
        nodes = item.material_slots[0].material.node_tree.nodes
        assert {n.bl_idname for n in nodes} == {"ShaderNodeOutputMaterial", "ShaderNodeEmission"}


def test_renew_materials_needs_something_built(scene, predicted):
    with pytest.raises(RuntimeError, match=r"'hill\.png' has no layers or planes"):
        bpy.ops.illdepth.renew_materials()


@pytest.mark.parametrize("path", LOOKS, ids=lambda p: p.stem)
def test_shipped_looks_apply_and_build(scene, predicted, path):
    menu = "ILLDEPTH_PT_look_presets"
    assert bpy.ops.script.execute_preset(filepath=str(path), menu_idname=menu) == {"FINISHED"}
    values = dict(re.findall(r"settings\.(\w+) = (.+)", path.read_text()))
    assert set(values) == {"thickness_mm", "gap_mm", "bevel_mm", "shader", "textured"}
    for name, value in values.items():
        held = getattr(scene.illdepth, name)
        assert held == pytest.approx(ast.literal_eval(value)), name
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}


def test_shipped_looks_are_found_and_the_users_own_are_kept_elsewhere(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(
        bpy.utils, "user_resource", lambda *_, path="", **__: _folder(tmp_path / path)
    )
    before = {p: p.read_bytes() for p in ADDON.rglob("*.py")}
    scene.illdepth.gap_mm = 7.0
    assert bpy.ops.illdepth.look_preset_add(name="My Look") == {"FINISHED"}
    made = tmp_path / "presets" / "illdepth" / "look" / "My_Look.py"
    assert "settings.gap_mm = 7.0" in made.read_text()
    assert {p: p.read_bytes() for p in ADDON.rglob("*.py")} == before
    scene.illdepth.gap_mm = 1.0
    bpy.ops.script.execute_preset(filepath=str(made), menu_idname="ILLDEPTH_PT_look_presets")
    assert scene.illdepth.gap_mm == 7.0
    assert len(LOOKS) >= 4
    assert not BRINGS_PRESETS or str(LOOKS[0].parent) in bpy.utils.preset_paths("illdepth/look")


def _folder(path: Path) -> str:
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


PRINTS = sorted((ADDON / "presets" / "illdepth" / "print").glob("*.py"))


@pytest.mark.parametrize("path", PRINTS, ids=lambda p: p.stem)
def test_shipped_print_presets_apply_and_can_be_printed(scene, predicted, path):
    scene.illdepth_print.size_mm, scene.illdepth_print.max_steps = 33.0, 2
    menu = "ILLDEPTH_PT_print_presets"
    assert bpy.ops.script.execute_preset(filepath=str(path), menu_idname=menu) == {"FINISHED"}
    for name, value in re.findall(r"settings\.(\w+) = (.+)", path.read_text()):
        wanted = ast.literal_eval(value)
        held = getattr(scene.illdepth_print, name)
        assert held == (pytest.approx(wanted) if isinstance(wanted, float) else wanted), name
    assert bpy.ops.illdepth.check_print() == {"FINISHED"}
    size = scene.illdepth_print.size_mm
    assert f"measured {size:g} x {size * 0.75:g}" in scene.illdepth_print.report


def test_a_print_preset_holds_every_print_setting(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(
        bpy.utils, "user_resource", lambda *_, path="", **__: _folder(tmp_path / path)
    )
    scene.illdepth_print.bed_mm = (100.0, 110.0, 120.0)
    scene.illdepth_print.filaments = "ink=#101018"
    assert bpy.ops.illdepth.print_preset_add(name="Mine") == {"FINISHED"}
    made = tmp_path / "presets" / "illdepth" / "print" / "Mine.py"
    scene.illdepth_print.bed_mm, scene.illdepth_print.filaments = (9.0, 9.0, 9.0), ""
    bpy.ops.script.execute_preset(filepath=str(made), menu_idname="ILLDEPTH_PT_print_presets")
    assert tuple(scene.illdepth_print.bed_mm) == (100.0, 110.0, 120.0)
    assert scene.illdepth_print.filaments == "ink=#101018"


OPERATORS = sorted((ADDON / "presets" / "operator").glob("*/*.py"))


@pytest.mark.parametrize("path", OPERATORS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_shipped_presets_of_operators_fit_them(scene, predicted, path):
    """Blender sets them on the operator in its redo panel, which needs a window."""
    values = {k: ast.literal_eval(v) for k, v in re.findall(r"op\.(\w+) = (.+)", path.read_text())}
    code = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(values) == len(code) - 4
    name = path.parent.name.removeprefix("illdepth.")
    if name == "animate_parallax":
        bpy.ops.illdepth.build_planes()
    operator = getattr(bpy.ops.illdepth, name)
    assert operator(**values) == {"FINISHED"}
    assert not BRINGS_PRESETS or str(path.parent) in [
        p.rstrip("/") for p in bpy.utils.preset_paths(f"operator/{path.parent.name}/")
    ]


@pytest.mark.skipif(not BRINGS_PRESETS, reason="this Blender takes no presets from extensions")
def test_preset_paths_are_gone_after_disabling(addon):
    assert bpy.utils.preset_paths("illdepth/look")
    addon.unregister()
    assert str(LOOKS[0].parent) not in bpy.utils.preset_paths("illdepth/look")
    addon.register()
    assert str(LOOKS[0].parent) in bpy.utils.preset_paths("illdepth/look")
