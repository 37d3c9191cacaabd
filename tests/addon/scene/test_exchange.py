"""Planes and layers in other programs' formats: exported, imported again, and rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

FORMATS = {
    "glb": (
        lambda path: bpy.ops.export_scene.gltf(filepath=path, export_apply=True),
        lambda path: bpy.ops.import_scene.gltf(filepath=path),
    ),
    "usdc": (
        lambda path: bpy.ops.wm.usd_export(filepath=path),
        lambda path: bpy.ops.wm.usd_import(filepath=path),
    ),
}

# USD's preview surface is as shiny as it likes, and knows no shadeless material.
TOLERANCE = {"glb": 0.005, "usdc": 0.03}


@pytest.fixture
def glass(scene: Any, tmp_path: Path) -> Any:
    """A drawing whose disc is translucent, over nothing: its alpha must come through."""
    page = np.zeros((90, 120, 4), np.uint8)
    page[50:, :, :] = (60, 140, 70, 255)
    cv2.circle(page, (60, 40), 30, (40, 60, 220, 255), -1)
    page[..., 3][(page[..., 2] == 220)] = 128
    path = tmp_path / "glass.png"
    cv2.imwrite(str(path), page)
    image = bpy.data.images.load(str(path))
    bpy.ops.illdepth.predict(image=image.name)
    return image


def photograph(render: Any) -> np.ndarray:
    """From above, a little from the side, in sunlight, over nothing; premultiplied RGBA."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Eye", bpy.data.cameras.new("Eye"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", 2.2
    camera.location, camera.rotation_euler = (0.5, 0.0, 5.0), (0.0, 0.1, 0.0)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy = np.pi
    for item in (camera, sun):
        scene.collection.objects.link(item)
    scene.camera = camera
    scene.render.film_transparent = True
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = 100, 75
    scene.render.resolution_percentage = 100
    scene.cycles.transparent_max_bounces = 32
    pixels = render(samples=16)
    bpy.data.objects.remove(camera)
    bpy.data.objects.remove(sun)
    premultiplied: np.ndarray = np.concatenate(
        [pixels[..., :3] * pixels[..., 3:], pixels[..., 3:]], axis=2
    )
    return premultiplied


@pytest.mark.parametrize("shader", ["PRINCIPLED", "SHADELESS"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_planes_look_the_same_after_export_and_import(
    scene, glass, render, tmp_path, shader, suffix
):
    options = {"align_axis": "+Z", "camera": False, "shader": shader}
    assert bpy.ops.illdepth.build_planes(**options) == {"FINISHED"}
    before, after = round_trip(render, tmp_path, suffix)
    assert np.abs(after - before).mean() < TOLERANCE[suffix]
    assert np.abs(after[..., 3] - before[..., 3]).mean() < 0.005


@pytest.mark.parametrize("shader", ["PRINCIPLED", "SHADELESS"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_opaque_layers_look_the_same_after_export_and_import(
    scene, predicted, render, tmp_path, shader, suffix
):
    scene.illdepth.shader = shader
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    before, after = round_trip(render, tmp_path, suffix)
    assert np.abs(after - before).mean() < TOLERANCE[suffix]


def test_a_translucent_sheet_covers_by_its_alpha_once(scene, glass, render, tmp_path):
    """Both of its faces are hit by every ray; in other programs only the front one is drawn."""
    scene.illdepth.shader = "SHADELESS"
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    seen = photograph(render)[..., 3]
    partly = seen[(seen > 0.2) & (seen < 0.9)]
    assert np.median(partly) == pytest.approx(128 / 255, abs=0.03)
    path = tmp_path / "stack.gltf"
    bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLTF_SEPARATE", export_apply=True)
    materials = json.loads(path.read_text())["materials"]
    blended = [m for m in materials if m.get("alphaMode") == "BLEND"]
    assert blended
    assert not any(m.get("doubleSided") for m in blended)


def round_trip(render: Any, folder: Path, suffix: str) -> tuple[np.ndarray, np.ndarray]:
    """What is seen before, and in an empty file after an export and an import."""
    before = photograph(render)
    write, read = FORMATS[suffix]
    path = str(folder / f"stack.{suffix}")
    assert write(path) == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert read(path) == {"FINISHED"}
    after = photograph(render)
    return before, after
