"""What holds for every picture, label map and edit, of any size; hypothesis seeks exceptions."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image as PilImage

from illustrators_depth.depth import predict_depth
from illustrators_depth.editing import bring_forward, delete, flatten, hide, insert, reorder, show
from illustrators_depth.editing.insert import Placement
from illustrators_depth.errors import Cancelled, InputError, UnavailableError, WorkerError
from illustrators_depth.export.meshes.mesh_file import write_mesh
from illustrators_depth.geometry import relief
from illustrators_depth.io.depth_file import read_depth, write_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering import decompose
from illustrators_depth.layering.build import build_stack
from illustrators_depth.product_settings import VectorizeSettings
from illustrators_depth.regions import flat_regions
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReliefSettings,
)
from illustrators_depth.tracing import vectorize
from illustrators_depth.types import DepthMap, Image, LayerStack
from illustrators_depth.worker.protocol import decode_request, encode, error_from, error_message
from tests.engine.tracing.rendering import over_white, render

SIZES = st.integers(1, 20)
FINITE = st.floats(-(2.0**90), 2.0**90, width=32)
few = settings(max_examples=20, deadline=None, derandomize=True)
fewer = settings(max_examples=10, deadline=None, derandomize=True)


@st.composite
def label_maps(draw: st.DrawFn, most: int = 20, fewest: int = 1) -> np.ndarray:
    """Labels 0..N-1, each occurring, and -1 for holes: islands, rings, chequers, single pixels."""
    shape = (draw(st.integers(fewest, most)), draw(st.integers(fewest, most)))
    raw = draw(hnp.arrays(np.int32, shape, elements=st.integers(-1, 4)))
    block = draw(st.integers(1, 4))  # coarse maps have inner topology; fine ones are noise
    raw = np.kron(raw, np.ones((block, block), np.int32))[: shape[0], : shape[1]]
    if draw(st.booleans()):
        raw = np.maximum(raw, 0)
    if not (raw >= 0).any():
        raw = np.zeros_like(raw)
    dense = np.full(shape, -1, np.int32)
    _, dense[raw >= 0] = np.unique(raw[raw >= 0], return_inverse=True)
    return dense


def painted(labels: np.ndarray) -> Image:
    """A colour for each label, clear where there is none."""
    palette = np.random.default_rng(3).integers(0, 256, (8, 3)) / 255
    rgba = np.zeros((*labels.shape, 4), np.float32)
    inside = labels >= 0
    rgba[inside, :3] = palette[labels[inside]]
    rgba[..., 3] = inside
    return Image(rgba)


def stack_of(labels: np.ndarray, complete: str = "smooth") -> LayerStack:
    depth = labels.astype(np.float32)
    return build_stack(painted(labels), labels, depth, CompleteSettings(complete), {})


def assert_same(a: LayerStack, b: LayerStack) -> None:
    """Equal in everything a product is made of."""
    np.testing.assert_array_equal(a.labels, b.labels)
    assert [x.name for x in a] == [x.name for x in b]
    for one, two in zip(a, b, strict=True):
        assert (one.window, one.hidden, one.color, one.depth) == (
            two.window, two.hidden, two.color, two.depth)  # fmt: skip
        np.testing.assert_array_equal(one.visible_crop, two.visible_crop)
        np.testing.assert_array_equal(one.mask_crop, two.mask_crop)
        np.testing.assert_array_equal(one.rgba_crop, two.rgba_crop)


# ---- pictures and depth ---------------------------------------------------------------------


@few
@given(
    st.one_of(
        hnp.arrays(np.uint8, st.tuples(SIZES, SIZES, st.sampled_from([1, 2, 3, 4]))),
        hnp.arrays(np.uint8, st.tuples(SIZES, SIZES)),
    )
)
def test_a_png_reads_as_the_array_it_was_made_of(pixels: np.ndarray) -> None:
    flat = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.png"
        PilImage.fromarray(flat).save(path)
        try:
            direct = read_image(pixels)
        except InputError as error:
            assert "fully transparent" in str(error)
            with pytest.raises(InputError, match="fully transparent"):
                read_image(path)
            return
        np.testing.assert_array_equal(read_image(path).rgba, direct.rgba)
    assert direct.rgba.shape == (*pixels.shape[:2], 4)


@few
@given(
    hnp.arrays(
        np.float32, st.tuples(SIZES, SIZES), elements=st.floats(-(2.0**90), 2.0**90, width=32)
    ),
    st.sampled_from([".npy", ".exr", ".tif", ".png"]),
)
def test_depth_survives_its_file(values: np.ndarray, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = read_depth(write_depth(DepthMap(values), Path(folder) / f"d{suffix}")).values
    if suffix == ".png":  # 65535 steps of the range
        reach = float(values.max()) - float(values.min())
        assert np.abs(back.astype(np.float64) - values).max() <= reach / 65535 * 0.51 + abs(
            values.max() * 1e-6)  # fmt: skip
    else:
        np.testing.assert_array_equal(back, values)


@few
@given(label_maps())
def test_regions_tile_the_opaque_part_and_are_connected(labels: np.ndarray) -> None:
    found = flat_regions(painted(labels).rgba)
    np.testing.assert_array_equal(found.labels >= 0, labels >= 0)
    assert np.array_equal(np.unique(found.labels[found.labels >= 0]), np.arange(found.count))
    assert found.areas.sum() == (labels >= 0).sum()


# ---- layers ---------------------------------------------------------------------------------


@few
@given(label_maps(), st.sampled_from(["auto", "clusters", "bins"]), st.integers(0, 3))
def test_visible_masks_add_up_to_the_picture(labels: np.ndarray, method: str, count: int) -> None:
    picture = painted(labels)
    depth = predict_depth(picture, settings=DepthSettings(model="heuristic"))
    try:
        stack = decompose(picture, depth, DecomposeSettings(method=method, layers=count))
    except InputError as error:
        assert re.search(r"\d layers? ", str(error)) and count > 1
        return
    total = np.zeros(labels.shape, int)
    for layer in stack:
        total += layer.visible
        assert not (layer.visible & ~layer.mask).any()
        assert layer.visible.any()
    np.testing.assert_array_equal(total, labels >= 0)
    np.testing.assert_array_equal(stack.labels >= 0, labels >= 0)


@few
@given(label_maps(), st.sampled_from(["smooth", "nearest", "none"]))
def test_saved_and_loaded_is_the_same(labels: np.ndarray, complete: str) -> None:
    stack = stack_of(labels, complete)
    with tempfile.TemporaryDirectory() as folder:
        assert_same(load_stack(save_stack(stack, Path(folder) / "a.idl")), stack)


@few
@given(label_maps(), st.randoms(use_true_random=False))
def test_every_edit_with_an_inverse_is_undone_by_it(labels: np.ndarray, random) -> None:
    # Labels that are the top-most mask, as every edit leaves them.
    stack = reorder(stack_of(labels), range(int(labels.max()) + 1))
    count = len(stack)
    order = random.sample(range(count), count)
    assert_same(reorder(reorder(stack, order), np.argsort(order).tolist()), stack)
    index = random.randrange(count)
    if count > 1:
        assert_same(show(hide(stack, index), index), stack)
    patch = np.full((3, 2, 4), 0.5, np.float32)
    place = Placement(labels.shape[1] / 2, labels.shape[0] / 2)
    assert_same(delete(insert(stack, patch, index, place), index), stack)
    if index < count - 1:
        moved = bring_forward(stack, index, count - 1 - index)
        back = [*range(index), count - 1, *range(index, count - 1)]
        assert_same(reorder(moved, back), stack)


# ---- products -------------------------------------------------------------------------------


@fewer
@given(
    label_maps(12),
    st.sampled_from(["stacked", "terraced", "heightfield"]),
    st.floats(0.0, 1.0),
    st.sampled_from([".stl", ".ply", ".glb", ".obj"]),
    st.randoms(use_true_random=False),
)
def test_every_mesh_is_closed_and_positive_also_from_its_file(
    labels: np.ndarray, mode: str, smoothing: float, suffix: str, random
) -> None:
    stack = stack_of(labels)
    if len(stack) > 1 and random.random() < 0.5:
        stack = hide(stack, random.randrange(len(stack)))
        if not (stack.labels >= 0).any():
            return
    mesh = relief(stack, ReliefSettings(mode=mode, size_mm=50.0, smoothing=smoothing))
    for part in mesh.split():
        solid = trimesh.Trimesh(part.vertices, part.faces, process=False)
        assert solid.is_watertight and solid.is_winding_consistent
        assert solid.volume > 0
    assert max(mesh.size_mm[:2]) == pytest.approx(50.0, rel=1e-4)
    assert mesh.vertices.min() >= -1e-4
    with tempfile.TemporaryDirectory() as folder:
        read = trimesh.load(write_mesh(mesh, Path(folder) / f"a{suffix}"), force="mesh")
    scale = 1000.0 if suffix == ".glb" else 1.0
    assert len(read.faces) == len(mesh.faces)
    assert sorted(read.extents * scale) == pytest.approx(sorted(mesh.size_mm), rel=1e-4)


@fewer
@given(label_maps(16, 8))
def test_the_drawing_rendered_again_is_the_flattened_stack(labels: np.ndarray) -> None:
    """Each label map pixel is a block of 8, whose inside no outline may touch."""
    stack = stack_of(np.kron(labels, np.ones((8, 8), np.int32)), "none")
    drawn = render(vectorize(stack, VectorizeSettings(gradients=False, despeckle=0.0)))
    wanted = over_white(flatten(stack).rgba)
    inner = np.zeros(stack.labels.shape, bool)
    inner.reshape(labels.shape[0], 8, labels.shape[1], 8)[:, 2:6, :, 2:6] = True
    off = np.abs(over_white(drawn) - wanted).max(axis=2)
    assert off[inner].max() < 0.02


# ---- the worker's language ------------------------------------------------------------------

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)  # fmt: skip


@few
@given(st.integers(0, 2**53), st.text(min_size=1), st.dictionaries(st.text(max_size=5), plain))
def test_requests_arrive_as_they_were_sent(number: int, job: str, params: dict) -> None:
    line = encode({"id": number, "job": job, "params": params})
    assert line.count(b"\n") == 1
    back = decode_request(line)
    assert (back.id, back.job, back.params) == (number, job, params)


@few
@given(st.sampled_from([InputError, UnavailableError, WorkerError, Cancelled]), st.text())
def test_errors_arrive_as_they_were_raised(kind: type, text: str) -> None:
    message = error_message(1, kind(text))
    back = error_from(message["code"], message["message"])
    assert (type(back), str(back)) == (kind, text)


@few
@given(st.sampled_from([DepthSettings, DecomposeSettings, CompleteSettings, ReliefSettings]),
       st.data())  # fmt: skip
def test_settings_of_the_wrong_type_are_named(kind: type, data: st.DataObject) -> None:
    good = kind().to_dict()
    assert kind.from_dict(good) == kind()
    name = data.draw(st.sampled_from(sorted(good)))
    wrong = data.draw(plain)
    try:
        made = kind.from_dict(good | {name: wrong})
    except InputError as error:
        assert name in str(error) or "layers" in str(error) or name == "method", error
        return
    assert made.to_dict()[name] == (tuple(wrong) if isinstance(wrong, list) else wrong)
