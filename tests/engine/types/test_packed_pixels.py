"""Packed pixels and masks give back what was packed, to the bit, or refuse to pack it."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.export.layers.layer_images import to_bytes
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.layering import build, decompose
from illustrators_depth.layering.compositing.quantize import eight_bit, in_eight_bits
from illustrators_depth.layering.edges.patches import put_patches
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import DepthMap, Image, Layer, LayerStack
from illustrators_depth.types.packed_pixels import PackedMask, PackedPixels
from tests.engine.drawings import stacked_discs

_EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
_SIZES = [(1, 1), (1, 200), (200, 1), (64, 64), (65, 63), (150, 260)]


def _pixels(size: tuple[int, int], seed: int = 0) -> NDArray[np.float32]:
    """Values of 8 and of 12 bits, quarters, areas of one value and of zeros."""
    rng = np.random.default_rng(seed)
    kind = cv2.resize(rng.integers(0, 4, (3, 5)).astype(np.uint8), size[::-1], interpolation=0)
    eight = rng.integers(0, 256, (*size, 4)).astype(np.float32) / np.float32(255.0)
    twelve = rng.integers(0, 4096, (*size, 4)).astype(np.float32) / np.float32(4095.0)
    twelve[..., 3] = rng.integers(0, 5, size).astype(np.float32) / np.float32(4.0)
    one = np.broadcast_to(np.array([0.2, 1.0, 0.0, 1.0], np.float32), twelve.shape)
    zero = np.zeros_like(twelve)
    choices = [zero, eight, twelve, one]
    return np.choose(kind[..., None], choices).astype(np.float32)


def _packed(rgba: NDArray[np.float32]) -> PackedPixels:
    packed = PackedPixels.of(rgba, (rgba != 0.0).any(axis=2).astype(np.uint8))
    assert packed is not None
    return packed


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_pixels_come_back_to_the_bit(size: tuple[int, int], seed: int) -> None:
    rgba = _pixels(size, seed)
    packed = _packed(rgba)
    assert np.array_equal(packed.unpack(), rgba)
    assert packed.unpack().dtype == np.float32
    assert packed.nbytes <= rgba.nbytes // 2
    rows = slice(size[0] // 3, size[0] // 3 + max(1, size[0] // 2))
    assert np.array_equal(packed.rows(rows), rgba[rows])
    rng = np.random.default_rng(seed)
    places = rng.integers(0, size[0], 50), rng.integers(0, size[1], 50)
    assert np.array_equal(packed.take(places), rgba[places])


@pytest.mark.parametrize("size", _SIZES)
def test_written_pixels_come_back(size: tuple[int, int]) -> None:
    rgba = _pixels(size, 1)
    packed = _packed(rgba)
    places = np.nonzero(np.random.default_rng(2).random(size) < 0.1)
    values = _pixels((max(1, len(places[0])), 1), 3)[: len(places[0]), 0]
    packed.put(places, values)
    rgba[places] = values
    assert np.array_equal(packed.unpack(), rgba)


def test_other_values_are_not_packed() -> None:
    rgba = _pixels((70, 70), 1)
    rgba[69, 69] = np.float32(1.0 / 3.0) + np.float32(1e-4)
    assert PackedPixels.of(rgba, np.ones((70, 70), np.uint8)) is None
    packed = _packed(_pixels((70, 70), 1))
    with pytest.raises(ValueError, match="values"):
        packed.put((np.array([3]), np.array([3])), np.full((1, 4), 0.12345, np.float32))


@pytest.mark.parametrize("size", _SIZES)
def test_masks_come_back(size: tuple[int, int]) -> None:
    mask = np.random.default_rng(0).random(size) < 0.4
    assert np.array_equal(PackedMask(mask).unpack(), mask)


def test_a_layer_keeps_packed_what_it_was_given_packed() -> None:
    mask = PackedMask(np.ones((70, 70), bool))
    pixels = _packed(_pixels((70, 70), 1))
    frame = (0, 0, 70, 70)
    layer = Layer("a", 0.0, (0.0, 0.0, 0.0), (70, 70), frame, mask, mask, pixels)
    renamed = replace(layer, name="b")
    assert renamed.pixels is pixels
    assert renamed.rgba_crop is layer.rgba_crop or np.array_equal(
        renamed.rgba_crop, layer.rgba_crop
    )
    with pytest.raises(ValueError, match="read-only"):
        layer.rgba_crop[0, 0] = 1.0
    assert np.array_equal(layer.rgba_rows(slice(3, 9)), layer.rgba_crop[3:9])
    again = pickle.loads(pickle.dumps(layer))
    assert np.array_equal(again.rgba_crop, layer.rgba_crop)


def _picture(name: str) -> Image:
    if name == "discs":
        return stacked_discs((160, 200)).image
    if name == "translucent":
        rgba = stacked_discs((160, 200)).image.rgba.copy()
        rgba[40:90, 30:150, 3] = np.float32(100.0 / 255.0)
        rgba[120:, :60] = 0.0
        return Image(np.rint(rgba * 255).astype(np.float32) / np.float32(255.0), name)
    rgba = read_image(_EXAMPLES / f"{name}.png").rgba
    scale = 300 / max(rgba.shape[:2])
    small = cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Image(np.rint(small * 255).astype(np.float32) / np.float32(255.0), name)


def _assert_same(one: LayerStack, other: LayerStack) -> None:
    assert np.array_equal(one.labels, other.labels)
    for a, b in zip(one, other, strict=True):
        assert (a.name, a.depth, a.color, a.window) == (b.name, b.depth, b.color, b.window)
        assert np.array_equal(a.visible_crop, b.visible_crop)
        assert np.array_equal(a.mask_crop, b.mask_crop)
        assert np.array_equal(a.rgba_crop, b.rgba_crop)


@pytest.mark.parametrize("feather", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("name", ["discs", "translucent", "valley", "goldfish"])
def test_large_pictures_have_the_layers_of_small_ones(
    name: str, feather: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = _picture(name)
    grey = cv2.GaussianBlur(cv2.cvtColor(image.rgba[..., :3], cv2.COLOR_RGB2GRAY), (0, 0), 3)
    args = (image, DepthMap(grey), DecomposeSettings(), CompleteSettings("contour", feather))
    plain = decompose(*args)
    monkeypatch.setattr(build, "_MIN_PACKED_PIXELS", 0)
    packed = decompose(*args)
    kinds = [isinstance(layer.pixels, PackedPixels) for layer in packed]
    if name != "discs" and feather <= 1.0:  # the discs are of more than 8 bits
        assert all(kinds)
    assert not any(isinstance(layer.pixels, PackedPixels) for layer in plain)
    _assert_same(packed, plain)
    _assert_same(eight_bit(packed), eight_bit(plain))


def test_settling_an_edge_may_need_a_tile_that_was_empty() -> None:
    rgba = np.zeros((70, 70, 4), np.float32)
    rgba[:8, :8] = 1.0
    packed = _packed(rgba)
    patch = (np.array([66]), np.array([66]), np.ones((1, 4), np.float32))
    put_patches(packed, [patch])
    assert packed.unpack()[66, 66].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert packed.unpack()[65, 65].tolist() == [0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("seed", range(3))
def test_mapped_pixels_have_changed_values_and_the_same_codes(seed: int) -> None:
    rgba = _pixels((150, 260), seed)
    packed = _packed(rgba)
    rounded = packed.mapped(in_eight_bits)
    assert np.array_equal(rounded.unpack(), in_eight_bits(rgba))
    assert rounded.nbytes == packed.nbytes
    assert np.array_equal(packed.unpack(), rgba)
    again = pickle.loads(pickle.dumps(rounded))
    assert np.array_equal(again.unpack(), in_eight_bits(rgba))
    places = np.arange(50), np.arange(50)
    assert np.array_equal(rounded.take(places), in_eight_bits(rgba)[places])
    with pytest.raises(ValueError, match="not to be written to"):
        rounded.put(places, rgba[places])
    as_bytes = packed.mapped(to_bytes).rows(slice(3, 140))
    assert as_bytes.dtype == np.uint8
    assert np.array_equal(as_bytes, to_bytes(rgba[3:140]))


@pytest.mark.parametrize("margins", [(0, 0, 0, 0), (1, 2, 3, 4), (0, 0, 5, 0)])
def test_pixels_with_clear_ones_around_them(margins: tuple[int, int, int, int]) -> None:
    rgba = _pixels((70, 90))
    mask = rgba[..., 3] > 0.0
    plain = Layer("a", 0.0, (0.0, 0.0, 0.0), (70, 90), (0, 0, 70, 90), mask, mask, rgba)
    above, below, left, right = margins
    expected = np.pad(rgba, ((above, below), (left, right), (0, 0)))
    for layer in (plain, plain.replaced(rgba_crop=_packed(rgba))):
        assert np.array_equal(layer.rgba_around(margins), expected)
