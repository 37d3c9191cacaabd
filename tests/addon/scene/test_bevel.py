"""The bevel of stacked layers: live, closed, within the sheet it breaks the edges of."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth_addon.scene.objects.build_collection import layer_objects

bpy = pytest.importorskip("bpy")


@pytest.fixture
def layers(predicted, addon):
    bpy.ops.illdepth.build_layers(image=predicted.name)
    return layer_objects(bpy.data.collections["hill layers"])


def solid(item) -> tuple[np.ndarray, np.ndarray, float]:
    """Evaluated vertices, uses of each edge, and volume."""
    bpy.context.view_layer.update()
    placed = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = placed.to_mesh()
    points = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", points)
    points = points.reshape(-1, 3).astype(np.float64)
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_edge"].data.foreach_get("value", corners)
    mesh.calc_loop_triangles()
    faces = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", faces)
    placed.to_mesh_clear()
    a, b, c = (points[faces.reshape(-1, 3)[:, i]] for i in range(3))
    return points, np.bincount(corners), np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0


def test_a_bevel_takes_a_little_off_and_stays_closed(layers, scene):
    before = [solid(o) for o in layers]
    scene.illdepth.bevel_mm = 0.4
    for item, (points, _, volume) in zip(layers, before, strict=True):
        broken, uses, left = solid(item)
        assert (uses == 2).all(), item.name
        assert 0.9 * volume < left < 0.9999 * volume, item.name
        np.testing.assert_allclose(broken.min(axis=0), points.min(axis=0), atol=2e-3)
        np.testing.assert_allclose(broken.max(axis=0), points.max(axis=0), atol=2e-3)


def test_the_slider_is_live_and_zero_takes_it_away(layers, scene):
    assert not any("Bevel" in o.modifiers for o in layers)
    scene.illdepth.bevel_mm = 0.2
    for item in layers:
        assert [m.name for m in item.modifiers] == ["Thickness", "Bevel", "Smooth Edges"]
        assert item.modifiers["Bevel"].width == pytest.approx(0.002)
    scene.illdepth.bevel_mm = 0.6
    assert all(o.modifiers["Bevel"].width == pytest.approx(0.006) for o in layers)
    scene.illdepth.bevel_mm = 0.0
    assert not any("Bevel" in o.modifiers for o in layers)


def test_layers_built_later_have_it_and_a_rebuild_keeps_the_users(predicted, scene, addon):
    scene.illdepth.bevel_mm = 0.3
    bpy.ops.illdepth.build_layers(image=predicted.name)
    items = layer_objects(bpy.data.collections["hill layers"])
    assert all(o.modifiers["Bevel"].width == pytest.approx(0.003) for o in items)
    items[0].modifiers["Bevel"].width = 0.01
    bpy.ops.illdepth.build_layers(image=predicted.name)
    assert items[0].modifiers["Bevel"].width == pytest.approx(0.01)
