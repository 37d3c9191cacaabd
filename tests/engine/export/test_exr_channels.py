"""Channels written by us, read by OpenEXR's own library and by OpenCV, to the last bit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.export.layers.exr_channels import write_channels, write_strips


def planes(height: int, width: int, *, noisy: bool) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    half = rng.random((height, width)) if noisy else np.full((height, width), 0.25)
    names = ("R", "G", "B", "A", "02_" + "a-rather-long-name-of-a-layer" * 3 + ".Combined.R")
    made: dict[str, np.ndarray] = {name: half.astype(np.float16) for name in names}
    made["depth.Z"] = rng.random((height, width), np.float32) * 100.0
    return made


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (16, 5), (17, 33), (100, 64)])
@pytest.mark.parametrize("noisy", [False, True])
def test_through_openexr(tmp_path: Path, size: tuple[int, int], noisy: bool) -> None:
    openexr = pytest.importorskip("OpenEXR", reason="OpenEXR is not installed")
    written = planes(*size, noisy=noisy)
    with (tmp_path / "a.exr").open("wb") as out:
        write_channels(out, written)
    read = openexr.File(str(tmp_path / "a.exr"), separate_channels=True).channels()
    assert set(read) == set(written)
    for name, plane in written.items():
        assert read[name].pixels.dtype == plane.dtype
        assert np.array_equal(read[name].pixels, plane), name


def test_through_opencv(tmp_path: Path) -> None:
    os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"
    import cv2

    written = planes(40, 30, noisy=True)
    with (tmp_path / "a.exr").open("wb") as out:
        write_channels(out, {name: written[name] for name in "RGBA"})
    read = cv2.imread(str(tmp_path / "a.exr"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(read, np.dstack([written[n] for n in "BGRA"]).astype(np.float32))


@pytest.mark.parametrize(
    "channels",
    [
        {},
        {"R": np.zeros((2, 2), np.float16), "G": np.zeros((2, 3), np.float16)},
        {"R": np.zeros((2, 2), np.float64)},
        {"": np.zeros((2, 2), np.float16)},
        {"é": np.zeros((2, 2), np.float16)},
    ],
)
def test_what_cannot_be_written(tmp_path: Path, channels: dict[str, np.ndarray]) -> None:
    with (tmp_path / "a.exr").open("wb") as out, pytest.raises(ValueError):
        write_channels(out, channels)


@pytest.mark.parametrize("noisy", [False, True])
def test_channels_left_out_of_a_strip_are_zero_there(tmp_path: Path, noisy: bool) -> None:
    openexr = pytest.importorskip("OpenEXR", reason="OpenEXR is not installed")
    written = planes(50, 33, noisy=noisy)
    for number, name in enumerate(sorted(written)):
        written[name][16 * (number % 4) : 16 * (number % 4) + 16] = 0
    kinds = {name: plane.dtype for name, plane in written.items()}

    def strip(rows: slice) -> dict[str, np.ndarray]:
        made = {name: plane[rows] for name, plane in written.items()}
        return {name: plane for name, plane in made.items() if plane.any()}

    with (tmp_path / "a.exr").open("wb") as out:
        write_strips(out, (50, 33), kinds, strip)
    read = openexr.File(str(tmp_path / "a.exr"), separate_channels=True).channels()
    for name, plane in written.items():
        assert np.array_equal(read[name].pixels, plane), name
