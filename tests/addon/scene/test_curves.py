"""Filled 2D curves, one object per layer: true to the layers, few points, live."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import (
    build_root_of,
    find_build,
    layer_objects,
)
from tests.addon.built import layer_objects_of, stack_of

bpy = pytest.importorskip("bpy")


@pytest.fixture
def tagged(scene, tmp_path: Path):
    """A blue tag with a round hole, and a red triangle, on white paper, predicted."""
    page = np.full((160, 200, 3), 255, np.uint8)
    cv2.rectangle(page, (20, 30), (110, 130), (200, 90, 40), -1)
    cv2.circle(page, (60, 60), 15, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.fillPoly(page, [np.array([[130, 130], [190, 130], [160, 40]])], (40, 40, 220), cv2.LINE_AA)
    path = tmp_path / "tag.png"
    cv2.imwrite(str(path), page)
    image = bpy.data.images.load(str(path))
    scene.illdepth.image = image
    bpy.ops.illdepth.predict(image=image.name)
    return image


@pytest.fixture
def curves(tagged, addon):
    assert bpy.ops.illdepth.build_curves() == {"FINISHED"}
    return layer_objects_of(tagged, "CURVES")


def curve_at(addon, image, x: int, y: int):
    """The curve of the layer that is seen at a pixel."""
    stack = stack_of(image)
    uid = stack.layers[int(stack.labels[y, x])].uid
    return next(o for o in layer_objects_of(image, "CURVES") if o.illdepth.layer_uid == uid)


def curve_of(addon, scene, mask, alpha: float):
    """The curve of a black layer that is seen wherever it is."""
    from illustrators_depth.types import Layer, LayerStack

    image = bpy.data.images.new("shade.png", *mask.shape)
    rgba = np.zeros((*mask.shape, 4), np.float32)
    rgba[mask] = (0.0, 0.0, 0.0, alpha)
    layer = Layer.from_full("shade", 0.5, (0.0, 0.0, 0.0), mask, mask, rgba)
    stack = LayerStack(np.where(mask, 0, -1).astype(np.int32), (layer,), "shade")
    (item,) = layer_objects(addon.scene.curves.build.build_curves(scene, image, stack))
    return item


def filled_area(item) -> float:
    """Area of the front of a curve as Blender fills it, square pixels of the 200 pixel picture."""
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).to_mesh()
    return sum(p.area for p in mesh.polygons if p.normal.z > 0.9) * 100.0**2


def test_one_filled_curve_per_layer(curves, tagged, addon):
    stack = stack_of(tagged)
    assert [o.name for o in curves] == [f"tag: {layer.name}" for layer in stack]
    for item, layer in zip(curves, stack, strict=True):
        assert item.type == "CURVE" and item.data.dimensions == "2D"
        assert filled_area(item) == pytest.approx(layer.mask_crop.sum(), rel=0.02)


def test_a_hole_is_a_hole(scene, addon):
    mask = np.zeros((100, 100), np.uint8)
    cv2.rectangle(mask, (10, 10), (89, 89), 1, -1)
    cv2.circle(mask, (50, 50), 20, 0, -1)
    item = curve_of(addon, scene, mask > 0, 1.0)
    assert len(item.data.splines) == 2
    assert sum(len(s.bezier_points) for s in item.data.splines) <= 32
    assert filled_area(item) / 4.0 == pytest.approx(mask.sum(), rel=0.02)


def test_a_corner_is_a_corner(curves, tagged, addon):
    triangle = curve_at(addon, tagged, 160, 110)
    (outline,) = triangle.data.splines
    corners = [p for p in outline.bezier_points if p.handle_left_type != "ALIGNED"]
    places = np.array([p.co[:2] for p in corners]) * 100.0 + (100.0, 80.0)
    for corner in ((130, 30), (190, 30)):
        assert np.hypot(*(places - corner).T).min() < 3.0


def test_the_picture_is_upright_and_has_its_colors(curves, tagged, addon):
    tag = curve_at(addon, tagged, 30, 100)
    corners = np.array([tag.matrix_world @ p.co for s in tag.data.splines for p in s.bezier_points])
    low, high = corners.min(axis=0) * 100.0 + 100.0, corners.max(axis=0) * 100.0 + 100.0
    assert (low[0], high[0]) == pytest.approx((20.0, 111.0), abs=1.0)
    assert (low[1] - 20.0, high[1] - 20.0) == pytest.approx((29.0, 130.0), abs=1.0)
    node = tag.data.materials[0].node_tree.nodes["Principled BSDF"]
    wanted = addon.scene.datablocks.materials.srgb_to_linear((40 / 255, 90 / 255, 200 / 255))
    assert tuple(node.inputs["Base Color"].default_value) == pytest.approx(wanted, abs=0.02)


def test_thickness_and_gap_are_live(curves, tagged, addon):
    root = build_root_of(find_build(tagged, "CURVES"))
    root["thickness"], root["gap"] = 0.3, 0.1
    root.update_tag()
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    for place, item in enumerate(curves):
        z = [(item.matrix_world @ v.co).z for v in item.evaluated_get(graph).to_mesh().vertices]
        assert (min(z), max(z)) == pytest.approx((0.4 * place, 0.4 * place + 0.3), abs=1e-5)


def test_updates_follow_the_layers_and_keep_the_users_work(curves, tagged, scene, addon):
    tag, triangle = curve_at(addon, tagged, 30, 100), curve_at(addon, tagged, 160, 110)
    tag.location.x, tag.data.bevel_depth = 2.0, 0.01
    point = triangle.data.splines[0].bezier_points[0]
    point.co.x += 0.5  # inked anew
    moved = point.co.x
    row = next(r for r in tagged.illdepth.layers if r.uid == tag.illdepth.layer_uid)
    row.name, row.color = "label", (0.0, 0.5, 0.0)
    assert tag.name == "tag: label"
    green = addon.scene.datablocks.materials.srgb_to_linear((0.0, 0.5, 0.0))
    assert tuple(tag.data.materials[0].diffuse_color)[:3] == pytest.approx(green[:3], abs=1e-4)
    assert (tag.location.x, round(tag.data.bevel_depth, 4)) == (2.0, 0.01)
    assert triangle.data.splines[0].bezier_points[0].co.x == pytest.approx(moved)
    row.shown = False
    assert tag.hide_viewport and tag.hide_render
    bpy.ops.illdepth.layer_delete(layer=triangle.illdepth.layer_uid)
    assert len(layer_objects_of(tagged, "CURVES")) == len(tagged.illdepth.layers)


def test_tolerance_trades_points_and_stays(tagged, addon):
    def points():
        return sum(
            len(s.bezier_points) for o in layer_objects_of(tagged, "CURVES") for s in o.data.splines
        )

    bpy.ops.illdepth.build_curves(tolerance=0.02)
    fine = points()
    bpy.ops.illdepth.build_curves(tolerance=4.0)
    coarse = points()
    assert coarse < fine
    tagged.illdepth.layers[0].name = "page"  # an update takes the options it was made with
    assert points() == coarse


def test_an_unchanged_update_touches_no_driver(curves, tagged, scene, addon):
    before = [o.animation_data.drivers[0].as_pointer() for o in curves]
    bpy.ops.illdepth.build_curves()
    assert [o.animation_data.drivers[0].as_pointer() for o in curves] == before


def test_a_shadow_lets_through(scene, addon):
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    material = curve_of(addon, scene, mask, 0.4).data.materials[0]
    covers = [n for n in material.node_tree.nodes if n.bl_idname == "ShaderNodeValue"]
    assert covers[0].outputs[0].default_value == pytest.approx(0.4, abs=0.01)
    assert material.diffuse_color[3] == pytest.approx(0.4, abs=0.01)
