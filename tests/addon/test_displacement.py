"""The displacement relief: true aspect, full float depth, live height."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.nouns import DepthMap

bpy = pytest.importorskip("bpy")


def surface(collection) -> np.ndarray:
    bpy.context.view_layer.update()
    item = next(o for o in collection.objects if o.type == "MESH")
    placed = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = placed.to_mesh()
    raw = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", raw)
    placed.to_mesh_clear()
    return raw.reshape(-1, 3)


@pytest.fixture
def built(predicted):
    assert bpy.ops.illdepth.build_displacement(image=predicted.name) == {"FINISHED"}
    return bpy.data.collections["hill relief"]


def test_size_aspect_and_height(built):
    grid = surface(built)
    assert len(grid) == 160 * 120
    np.testing.assert_allclose(np.ptp(grid, axis=0), [2.0, 1.5, 0.2], atol=1e-6)
    assert grid[:, 2].min() == pytest.approx(0.0, abs=1e-6)


def test_it_follows_the_depth(built, predicted, addon):
    unit = addon.image_cache.load_depth(predicted).normalized()
    height = surface(built)[:, 2].reshape(120, 160)[::-1] / 0.2
    # The grid's vertices span the picture edge to edge, so they lie up to half a pixel off the
    # pixel centres: away from cliffs the two agree.
    flat = np.abs(np.gradient(unit)[0]) + np.abs(np.gradient(unit)[1]) < 1e-3
    assert flat.mean() > 0.8
    np.testing.assert_allclose(height[flat], unit[flat], atol=2e-3)


def test_a_smooth_ramp_has_no_steps(scene, image, addon):
    """An 8-bit path anywhere would show as at most 256 heights."""
    ramp = np.linspace(0.0, 1.0, 160 * 120, dtype=np.float32).reshape(120, 160)
    addon.image_cache.store_depth(image, DepthMap(ramp))
    bpy.ops.illdepth.build_displacement(image=image.name)
    heights = surface(bpy.data.collections["hill relief"])[:, 2]
    assert len(np.unique(heights)) > 15_000


def test_strength_is_live_and_survives_a_rebuild(built, predicted):
    item = next(o for o in built.objects if o.type == "MESH")
    item.modifiers["Height"].strength = 0.05
    assert np.ptp(surface(built)[:, 2]) == pytest.approx(0.05, abs=1e-6)
    bpy.ops.illdepth.build_displacement(image=predicted.name)
    assert np.ptp(surface(built)[:, 2]) == pytest.approx(0.05, abs=1e-6)
    assert len([o for o in bpy.data.objects if o.type == "MESH"]) == 1


def test_a_large_picture_gets_a_coarser_grid():
    from illustrators_depth_addon.scene.displacement import DisplacementOptions, _grid

    vertices, faces, uv = _grid(4000, 1000, DisplacementOptions(max_vertices=10_000))
    assert 9_000 < len(vertices) <= 10_000
    assert faces.max() == len(vertices) - 1
    np.testing.assert_allclose(np.ptp(vertices, axis=0), [2.0, 0.5, 0.0], atol=1e-6)
    np.testing.assert_allclose([uv.min(), uv.max()], [0.0, 1.0])


def test_it_is_shaded_smooth_and_textured(built, predicted):
    item = next(o for o in built.objects if o.type == "MESH")
    assert all(p.use_smooth for p in item.data.polygons)
    assert item.active_material.node_tree.nodes["Picture"].image == predicted
