"""The displacement relief: true aspect, full float depth, live sliders, a closed adaptive mesh."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.geometry.adaptive_grid import adaptive_grid
from illustrators_depth.types import DepthMap

bpy = pytest.importorskip("bpy")


def item_of(collection):
    return next(o for o in collection.objects if o.type == "MESH")


def surface(collection) -> np.ndarray:
    """Vertices as they are evaluated."""
    bpy.context.view_layer.update()
    placed = item_of(collection).evaluated_get(bpy.context.evaluated_depsgraph_get())
    mesh = placed.to_mesh()
    raw = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.attributes["position"].data.foreach_get("vector", raw)
    placed.to_mesh_clear()
    return raw.reshape(-1, 3)


def top(collection) -> np.ndarray:
    """Which vertices are of the surface, not of the base."""
    mesh = item_of(collection).data
    depth = np.empty(len(mesh.vertices), np.float32)
    mesh.attributes["depth"].data.foreach_get("value", depth)
    return depth >= 0.0


def edge_uses(mesh) -> np.ndarray:
    """How many face corners start at each edge."""
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_edge"].data.foreach_get("value", corners)
    return np.bincount(corners, minlength=len(mesh.edges))


@pytest.fixture
def built(predicted):
    assert bpy.ops.illdepth.build_displacement(image=predicted.name) == {"FINISHED"}
    return bpy.data.collections["hill relief"]


@pytest.fixture
def slide(built, addon):
    """Moves a slider of the relief: slide("Height", 0.1)."""
    modifier = item_of(built).modifiers["Height"]
    return lambda name, value: addon.scene.displacement.geometry_inputs.set_input(
        modifier, name, value
    )


def test_size_aspect_and_height(built):
    grid = surface(built)
    np.testing.assert_allclose(np.ptp(grid, axis=0), [2.0, 1.5, 0.2], atol=1e-6)
    assert grid[:, 2].min() == pytest.approx(0.0, abs=1e-6)


def test_it_follows_the_depth_to_the_tolerance(built, predicted, addon):
    """Every vertex has the depth of its place, and between vertices the error is small."""
    unit = addon.session.SESSION.depth.load(predicted).normalized()
    points = surface(built)[top(built)]
    x = ((points[:, 0] / 2.0 + 0.5) * 160 - 0.5).astype(np.float32)
    y = ((0.5 - points[:, 1] / 1.5) * 120 - 0.5).astype(np.float32)
    there = cv2.remap(unit, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(points[:, 2] / 0.2, there[0], atol=1e-4)


def test_what_is_left_out_was_flat(predicted, addon, built):
    """Rays onto the mesh find the depth at places that have no vertex of their own."""
    unit = addon.session.SESSION.depth.load(predicted).normalized()
    item = item_of(built)
    bpy.context.view_layer.update()
    placed = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
    random = np.random.default_rng(3)
    errors = []
    for u, v in random.random((400, 2)):
        hit, where, *_ = placed.ray_cast(((u - 0.5) * 2.0, (v - 0.5) * 1.5, 5.0), (0, 0, -1))
        assert hit
        x, y = np.float32(u * 160 - 0.5), np.float32((1 - v) * 120 - 0.5)
        sampled = cv2.remap(
            unit,
            np.array([[x]]),
            np.array([[y]]),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        errors.append(abs(where.z / 0.2 - float(sampled[0, 0])))
    # At a cliff a vertex up to half a pixel beside the pixel's centre makes a difference.
    assert np.quantile(errors, 0.85) < 0.004


def test_a_smooth_ramp_has_no_steps(scene, image, addon):
    """An 8-bit path anywhere would show as at most 256 heights."""
    curve = np.linspace(0.0, 1.0, 160 * 120, dtype=np.float32).reshape(120, 160) ** 2
    addon.session.SESSION.depth.store(image, DepthMap(curve))
    bpy.ops.illdepth.build_displacement(image=image.name)
    relief = bpy.data.collections["hill relief"]
    heights = surface(relief)[top(relief)][:, 2]
    assert len(np.unique(heights)) > 0.95 * len(heights) > 1500


def test_flat_places_need_few_vertices(scene, image, addon):
    cliff = np.zeros((120, 160), np.float32)
    cliff[:, 80:] = 1.0
    addon.session.SESSION.depth.store(image, DepthMap(cliff))
    bpy.ops.illdepth.build_displacement(image=image.name)
    relief = bpy.data.collections["hill relief"]
    mesh = item_of(relief).data
    assert len(mesh.vertices) < 160 * 120 / 8
    assert (edge_uses(mesh) == 2).all(), "a crack"
    points = surface(relief)[top(relief)]
    for level in (0.0, 0.2):
        assert (np.abs(points[:, 2] - level) < 1e-6).mean() > 0.3


def test_it_is_a_closed_solid_that_faces_outwards(built, slide):
    slide("Base", 0.05)
    points = surface(built)
    mesh = item_of(built).data
    assert (edge_uses(mesh) == 2).all()
    faces = np.empty(len(mesh.loops), np.int32)
    mesh.attributes[".corner_vert"].data.foreach_get("value", faces)
    a, b, c = (points[faces.reshape(-1, 3)[:, i]].astype(np.float64) for i in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0
    above = points[top(built)]
    assert points[:, 2].min() == pytest.approx(-0.05, abs=1e-6)
    assert above[:, 2].min() == pytest.approx(0.0, abs=1e-6)
    assert 0.05 * 3.0 < volume < 0.25 * 3.0


def test_sliders_are_live(built, slide):
    before = surface(built)[top(built)][:, 2] / 0.2
    slide("Height", 0.05)
    np.testing.assert_allclose(surface(built)[top(built)][:, 2], before * 0.05, atol=1e-6)
    slide("Height", 1.0)
    slide("Gamma", 2.0)
    np.testing.assert_allclose(surface(built)[top(built)][:, 2], before**2, atol=1e-5)
    slide("Gamma", 1.0)
    slide("Mid Level", 0.25)
    np.testing.assert_allclose(surface(built)[top(built)][:, 2], before - 0.25, atol=1e-5)
    slide("Mid Level", 0.0)
    slide("Compression", 1.0)
    pressed = surface(built)[top(built)][:, 2]
    np.testing.assert_allclose(pressed, np.log10(1.0 + 9.0 * before), atol=1e-5)


def test_sliders_survive_a_rebuild(built, predicted, slide, addon):
    slide("Height", 0.05)
    bpy.ops.illdepth.build_displacement(image=predicted.name)
    assert np.ptp(surface(built)[:, 2]) == pytest.approx(0.05, abs=1e-6)
    assert len([o for o in bpy.data.objects if o.type == "MESH"]) == 1


@pytest.mark.parametrize("adaptive", [True, False])
def test_there_are_at_most_so_many_vertices(adaptive):
    noise = np.random.default_rng(0).random((500, 700), np.float32)
    grid = adaptive_grid(noise, 0.002, 100_000, adaptive)
    assert len(grid.uv) <= 110_000
    if not adaptive:
        assert len(grid.uv) > 90_000
    np.testing.assert_allclose([grid.uv.min(), grid.uv.max()], [0.0, 1.0])


def test_true_resolution_has_a_vertex_per_pixel():
    values = np.random.default_rng(0).random((90, 130), np.float32)
    grid = adaptive_grid(values, 0.0, 1_000_000, adaptive=False)
    assert len(grid.uv) == 91 * 131
    assert len(grid.faces) == 2 * 90 * 130


def test_it_is_shaded_smooth_and_textured(built, predicted):
    item = item_of(built)
    above = top(built)
    for face in item.data.polygons:
        assert face.use_smooth is bool(above[list(face.vertices)].all())
    assert item.active_material.node_tree.nodes["Picture"].image == predicted
