"""What Solid view with Texture colour shows: rendered by Workbench, which draws it the same way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")

# Share of pixels along edges, where Workbench's texture filter and ours may differ.
EDGE_SHARE = 0.06


def solid_view(scene: Any, path: Path, size: tuple[int, int]) -> np.ndarray:
    """Flat, texture-coloured Workbench render through the scene's camera, sRGB 0..1 (H, W, 3)."""
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.display.render_aa = "OFF"
    shading = scene.display.shading
    shading.light, shading.color_type = "FLAT", "TEXTURE"
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    pixels: Any = cv2.imread(str(path))
    return pixels[..., ::-1].astype(np.float32) / 255.0


def camera_above(scene: Any, width: float) -> None:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type, camera.data.ortho_scale = "ORTHO", width
    camera.location.z = 5.0
    scene.collection.objects.link(camera)
    scene.camera = camera


def differing_share(seen: np.ndarray, picture: np.ndarray) -> float:
    assert seen.shape == picture.shape
    return float((np.abs(seen - picture).max(axis=-1) > 0.1).mean())


def test_layers_show_the_picture_in_solid_view(scene, predicted, addon, tmp_path):
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    camera_above(scene, 2.0)
    seen = solid_view(scene, tmp_path / "solid.png", (160, 120))
    picture = addon.scene.images.pixels.read_pixels(predicted)[..., :3]
    assert differing_share(seen, picture) < EDGE_SHARE


@pytest.mark.parametrize("crop", [True, False])
def test_planes_show_the_picture_in_solid_view(scene, predicted, addon, tmp_path, crop):
    assert bpy.ops.illdepth.build_planes(crop=crop) == {"FINISHED"}
    seen = solid_view(scene, tmp_path / "solid.png", (160, 120))
    picture = addon.scene.images.pixels.read_pixels(predicted)[..., :3]
    assert differing_share(seen, picture) < EDGE_SHARE


def test_layers_show_the_picture_after_an_edit_that_changes_their_crop(
    scene, predicted, addon, tmp_path
):
    bpy.ops.illdepth.build_layers()
    top = addon.session.SESSION.layers.load(predicted).layers[-1]
    assert bpy.ops.illdepth.layer_merge(layer=top.uid) == {"FINISHED"}
    camera_above(scene, 2.0)
    seen = solid_view(scene, tmp_path / "solid.png", (160, 120))
    picture = addon.scene.images.pixels.read_pixels(predicted)[..., :3]
    assert differing_share(seen, picture) < EDGE_SHARE


def test_a_texture_placed_by_a_mapping_node_gets_its_place_from_the_uv_map(scene, predicted, addon):
    """Files whose UV maps spanned the whole picture are brought up to date with their layers."""
    bpy.ops.illdepth.build_layers()
    items = layer_objects(bpy.data.collections["hill layers"])
    item = items[-1]
    wanted = [tuple(x.uv) for x in item.data.uv_layers["UVMap"].data]
    tree = item.active_material.node_tree
    place = tree.nodes.new("ShaderNodeMapping")
    place.name = "Picture Window"
    tree.links.new(place.outputs[0], tree.nodes["Picture"].inputs["Vector"])
    for corner in item.data.uv_layers["UVMap"].data:
        corner.uv = (0.5, 0.5)
    item.illdepth.shape_key = item.illdepth.picture_key = "of an earlier layout"
    bpy.ops.illdepth.build_layers()
    assert "Picture Window" not in tree.nodes
    assert [tuple(x.uv) for x in item.data.uv_layers["UVMap"].data] == wanted
