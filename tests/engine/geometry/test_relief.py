"""Relief meshes: closed, manifold, outward, exactly the size asked for, whatever the label map."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from illustrators_depth.errors import InputError
from illustrators_depth.geometry import relief
from illustrators_depth.layering import decompose
from illustrators_depth.layering.build import build_stack
from illustrators_depth.settings import CompleteSettings, ReliefSettings
from illustrators_depth.types import DepthMap, Image, LayerStack, Mesh
from tests.engine.drawings import stacked_discs


def stack_of(labels: np.ndarray) -> LayerStack:
    """A stack straight from a label map; labels are made dense first."""
    inside = labels >= 0
    dense = np.full(labels.shape, -1, np.int32)
    _, dense[inside] = np.unique(labels[inside], return_inverse=True)
    rgba = np.zeros((*labels.shape, 4), np.float32)
    rgba[..., 0] = np.maximum(dense, 0) / max(1, dense.max())
    rgba[..., 3] = inside
    return build_stack(Image(rgba), dense, dense.astype(np.float32), CompleteSettings(), {})


def assert_solid(mesh: Mesh) -> None:
    """Every part survives an STL round trip (points welded by place) as a closed solid."""
    for part in mesh.split():
        raw = trimesh.Trimesh(part.vertices, part.faces, process=False)
        assert raw.is_watertight and raw.is_winding_consistent
        stl = raw.export(file_type="stl")
        read = trimesh.load(io.BytesIO(stl), file_type="stl")
        assert read.is_watertight and read.is_winding_consistent, part.parts[0].name
        assert read.volume > 0


def perimeter(mask: np.ndarray) -> int:
    """Number of pixel edges between inside and outside."""
    return int((mask[1:] != mask[:-1]).sum() + (mask[:, 1:] != mask[:, :-1]).sum())


@pytest.fixture(scope="module")
def discs() -> LayerStack:
    drawing = stacked_discs()
    return decompose(drawing.image, drawing.depth)


@pytest.mark.parametrize("mode", ["stacked", "terraced", "heightfield"])
def test_solid_and_exact_size(discs: LayerStack, mode: str) -> None:
    mesh = relief(discs, ReliefSettings(mode=mode, size_mm=150.0, base_mm=1.2, height_mm=2.8))
    assert_solid(mesh)
    x, y, z = mesh.size_mm
    assert (x, y) == pytest.approx((150.0, 150.0 * 128 / 160), abs=1e-4)
    expected = {
        "stacked": 6 * 2.0 + 5 * 0.2,
        "terraced": 1.2 + 5 * 2.0,
        "heightfield": 1.2 + 2.8,
    }[mode]
    assert z == pytest.approx(expected, abs=1e-4)
    assert mesh.vertices.min(axis=0) == pytest.approx([0, 0, 0], abs=1e-5)
    assert mesh.uv.min() >= 0.0 and mesh.uv.max() <= 1.0


def test_parts_follow_the_layers(discs: LayerStack) -> None:
    mesh = relief(discs)
    assert [p.name for p in mesh.parts] == [layer.name for layer in discs]
    scale = 200.0 / 160
    for part, layer in zip(mesh.split(), discs, strict=True):
        top = trimesh.Trimesh(part.vertices, part.faces, process=False)
        # Smoothing may move the outline by a fraction of a pixel along its whole length.
        rim = 0.15 * perimeter(layer.mask) * scale**2
        assert abs(top.volume / 2.0 - layer.mask.sum() * scale**2) <= rim + 1e-3


def test_uv_points_at_the_same_place_of_the_picture(discs: LayerStack) -> None:
    mesh = relief(discs)
    expected = mesh.vertices[:, :2] / [200.0, 160.0]
    assert np.allclose(mesh.uv, expected, atol=1e-5)


def test_volume_of_terraces_is_the_sum_of_steps(discs: LayerStack) -> None:
    mesh = relief(discs, ReliefSettings(mode="terraced", base_mm=1.0, thickness_mm=2.0))
    area = (200.0 / 160) ** 2
    expected = area * (discs.labels.size + 2.0 * float(discs.labels.sum()))
    solid = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    assert solid.volume == pytest.approx(expected, rel=0.01)


def test_a_drawing_on_a_transparent_page_is_as_large_as_asked() -> None:
    labels = np.full((60, 90), -1, np.int32)
    labels[20:50, 30:70] = 0
    labels[30:40, 40:50] = 1
    stack = stack_of(labels)
    for mode in ("stacked", "terraced"):
        x, y, _ = relief(stack, ReliefSettings(mode=mode, size_mm=80.0)).size_mm
        assert x == pytest.approx(80.0, abs=1e-3)
        assert y == pytest.approx(60.0, rel=0.02)
        framed = relief(stack, ReliefSettings(mode=mode, size_mm=90.0, fit="picture"))
        assert framed.size_mm[0] == pytest.approx(40.0, rel=0.02)


@settings(max_examples=40, deadline=None)
@given(
    hnp.arrays(
        np.int32,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
        elements=st.integers(-1, 3),
    ).filter(lambda a: (a >= 0).any())
)
def test_any_label_map_gives_closed_solids(labels: np.ndarray) -> None:
    stack = stack_of(labels)
    for mode in ("stacked", "terraced", "heightfield"):
        assert_solid(relief(stack, ReliefSettings(mode=mode)))
    assert_solid(relief(stack, ReliefSettings(mode="terraced", split=True)))


def test_hidden_layers_are_left_out_and_reveal_what_is_below(discs: LayerStack) -> None:
    from dataclasses import replace

    layers = tuple(replace(lay, hidden=i == 2) for i, lay in enumerate(discs))
    hidden = discs.with_layers(layers)
    mesh = relief(hidden)
    assert len(mesh.parts) == len(discs) - 1
    assert 2 not in [p.layer for p in mesh.parts]
    assert_solid(relief(hidden, ReliefSettings(mode="terraced")))
    nothing = discs.with_layers(tuple(replace(lay, hidden=True) for lay in discs))
    for mode in ("stacked", "terraced"):
        with pytest.raises(InputError, match="no shown layer"):
            relief(nothing, ReliefSettings(mode=mode))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2), (3, 2), (31, 17)])
def test_heightfield_of_any_shape(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).random(shape, np.float32)
    stack = stack_of(np.zeros(shape, np.int32))
    mesh = relief(stack, ReliefSettings(mode="heightfield"), DepthMap(values))
    assert_solid(mesh)
    assert max(mesh.size_mm[:2]) == pytest.approx(200.0)


def test_heightfield_keeps_to_its_vertex_budget() -> None:
    values = np.random.default_rng(0).random((300, 400), np.float32)
    stack = stack_of(np.zeros((300, 400), np.int32))
    small = ReliefSettings(mode="heightfield", max_vertices=5_000)
    mesh = relief(stack, small, DepthMap(values))
    assert 3_000 < len(mesh.vertices) < 5_600
    assert mesh.size_mm == pytest.approx((200.0, 150.0, 7.0), abs=1e-4)
    assert_solid(mesh)


def test_mistakes_are_named(discs: LayerStack) -> None:
    with pytest.raises(InputError, match="one size"):
        relief(discs, ReliefSettings(mode="heightfield"), DepthMap(np.zeros((3, 3), np.float32)))
    for bad in ({"mode": "sideways"}, {"size_mm": 0.0}, {"gap_mm": -1.0}, {"fit": "page"}):
        with pytest.raises(InputError):
            relief(discs, ReliefSettings(**bad))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="underside"):
        relief(discs, ReliefSettings(mode="terraced", base_mm=0.0))


def test_a_picture_is_no_stack() -> None:
    with pytest.raises(InputError, match="call decompose first"):
        relief("picture.png")  # type: ignore[arg-type]


def test_a_stack_without_a_shown_layer_has_no_relief_in_any_mode() -> None:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    hidden = replace(stack, layers=tuple(replace(layer, hidden=True) for layer in stack))
    for mode in ("stacked", "terraced", "heightfield"):
        with pytest.raises(InputError, match="no shown layer"):
            relief(hidden, ReliefSettings(mode=mode))
