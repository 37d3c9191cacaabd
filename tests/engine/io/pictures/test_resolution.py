"""A picture's resolution goes with it, from the file to the saved layers."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.io.pictures.resolution import dpi_of_info, dpi_of_tiff, turned_dpi
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering.decompose import decompose
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image
from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers


def save(path: Path, **options: object) -> Path:
    PilImage.new("RGB", (8, 6), (200, 30, 40)).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "bmp"])
def test_files(tmp_path: Path, suffix: str) -> None:
    assert read_image(save(tmp_path / f"a.{suffix}", dpi=(300, 150))).dpi == (300.0, 150.0)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_file_that_does_not_say(tmp_path: Path, suffix: str) -> None:
    assert read_image(save(tmp_path / f"a.{suffix}")).dpi is None


def test_a_turned_picture(tmp_path: Path) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = 6
    image = read_image(save(tmp_path / "a.tif", dpi=(300, 150), exif=exif))
    assert (image.width, image.dpi) == (6, (150.0, 300.0))


def test_sixteen_bits(tmp_path: Path) -> None:
    deep = np.full((6, 8, 3), 40_000, np.uint16)
    assert cv2.imwrite(str(tmp_path / "a.tif"), deep, [cv2.IMWRITE_TIFF_RESUNIT, 3,
                       cv2.IMWRITE_TIFF_XDPI, 100, cv2.IMWRITE_TIFF_YDPI, 200])  # fmt: skip
    assert read_image(tmp_path / "a.tif").dpi == (254.0, 508.0)
    PilImage.fromarray(deep[..., 0]).save(tmp_path / "a.png", dpi=(600, 600))
    assert read_image(tmp_path / "a.png").dpi == (600.0, 600.0)


@pytest.mark.parametrize("given", [(0, 0), (1e9, 1), ("a", 1), (float("nan"), 1), (1,), None])
def test_what_makes_no_sense_is_left_aside(given: object) -> None:
    assert dpi_of_info({"dpi": given}) is None


def test_tiff_without_a_unit() -> None:
    assert dpi_of_tiff(300, 300, 1) is None
    assert turned_dpi(None, 6) is None


def test_layers_keep_it(tmp_path: Path) -> None:
    rgba = np.ones((12, 16, 4), np.float32)
    rgba[4:8, 4:10, :3] = (1.0, 0.0, 0.0)
    image = Image(rgba, dpi=(300.0, 150.0))
    depth = np.zeros((12, 16), np.float32)
    depth[4:8, 4:10] = 1.0
    stack = decompose(image, depth)
    assert load_stack(save_stack(stack, tmp_path / "a.idl")).meta["dpi"] == [300.0, 150.0]
    assert "dpi" not in decompose(Image(rgba), depth).meta


def test_the_worker_passes_it_on() -> None:
    rgba = np.ones((12, 16, 4), np.float32)
    rgba[4:8, 4:10, :3] = (1.0, 0.0, 0.0)
    with WorkerClient() as worker:
        job = submit_layers(worker, Image(rgba, dpi=(72.0, 72.0)), DepthSettings(model="heuristic"))
        worker.wait(job)
        assert collect_layers(job)[1].meta["dpi"] == [72.0, 72.0]
