"""Depth maps survive the disk: exactly as float, to 1/65535 of the range as 16-bit PNG."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.io.depth_file import DEPTH_SUFFIXES, read_depth, write_depth
from illustrators_depth.io.pictures.exr import encode_exr
from illustrators_depth.types import DepthMap


@pytest.fixture
def depth() -> DepthMap:
    rng = np.random.default_rng(1)
    return DepthMap((rng.random((33, 47)) * 11 - 3).astype(np.float32), "compact", "cpu")


@pytest.mark.parametrize("suffix", DEPTH_SUFFIXES)
def test_round_trip(tmp_path: Path, depth: DepthMap, suffix: str) -> None:
    path = write_depth(depth, tmp_path / f"d{suffix}")
    back = read_depth(path)
    if suffix == ".png":
        span = float(depth.values.max() - depth.values.min())
        assert np.abs(back.values - depth.values).max() <= 0.51 * span / 65535
    else:
        assert np.array_equal(back.values, depth.values)
    assert back.predictor == "precomputed"
    assert [p.name for p in tmp_path.iterdir()] == [f"d{suffix}"]


def test_npy_is_what_numpy_loads(tmp_path: Path, depth: DepthMap) -> None:
    loaded = np.load(write_depth(depth, tmp_path / "d.npy"))
    assert loaded.dtype == np.float32
    assert loaded.shape == depth.shape


def test_png_is_16_bit_and_larger_is_nearer(tmp_path: Path, depth: DepthMap) -> None:
    with PilImage.open(write_depth(depth, tmp_path / "d.png")) as picture:
        assert picture.mode == "I;16"
        steps = np.asarray(picture)
    assert steps.min() == 0 and steps.max() == 65535
    order = np.argsort(depth.values.ravel())
    assert (np.diff(steps.ravel()[order].astype(int)) >= 0).all()


def test_flat_map(tmp_path: Path) -> None:
    flat = DepthMap(np.full((5, 4), 2.5, np.float32))
    assert (read_depth(write_depth(flat, tmp_path / "d.png")).values == 2.5).all()


def test_depth_from_elsewhere(tmp_path: Path) -> None:
    ramp = np.arange(0, 250, 10, dtype=np.uint8).reshape(5, 5)
    PilImage.fromarray(ramp).save(tmp_path / "grey.png")
    PilImage.fromarray(ramp).convert("RGB").save(tmp_path / "rgb.png")
    for name in ("grey.png", "rgb.png"):
        assert np.allclose(read_depth(tmp_path / name).values, ramp / 255.0)
    np.save(tmp_path / "double.npy", ramp.astype(np.float64)[..., None])
    assert np.allclose(read_depth(tmp_path / "double.npy").values, ramp)
    np.save(tmp_path / "labels.npy", ramp.astype(np.int64))
    assert np.allclose(read_depth(tmp_path / "labels.npy").values, ramp)
    values = ramp.astype(np.float32)
    (tmp_path / "rgb.exr").write_bytes(encode_exr(np.repeat(values[..., None], 3, 2)))
    assert np.allclose(read_depth(tmp_path / "rgb.exr").values, values)


def test_refusals(tmp_path: Path, depth: DepthMap) -> None:
    PilImage.new("RGB", (4, 4), (1, 2, 3)).save(tmp_path / "colour.png")
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "flat.npy", np.zeros(9, np.float32))
    np.save(tmp_path / "nan.npy", np.full((3, 3), np.nan, np.float32))
    np.save(tmp_path / "text.npy", np.array([["a"]]))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "nan.npy").read_bytes()[:140])
    for name, words in (
        ("colour.png", "colour picture"),
        ("objects.npy", "plain NumPy"),
        ("flat.npy", "shape"),
        ("nan.npy", "NaN"),
        ("text.npy", "type"),
        ("cut.npy", "damaged"),
        ("none.npy", "no file"),
    ):
        with pytest.raises(InputError, match=words):
            read_depth(tmp_path / name)
    with pytest.raises(InputError, match=r"\.npy"):
        write_depth(depth, tmp_path / "d.jpg")
    write_depth(depth, tmp_path / "d.npy")
    with pytest.raises(InputError, match="exists"):
        write_depth(depth, tmp_path / "d.npy")
