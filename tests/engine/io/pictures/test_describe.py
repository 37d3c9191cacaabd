"""describe_picture tells what a file is without decoding it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.describe import describe_picture
from illustrators_depth.io.pictures.exr import encode_exr
from tests.end_to_end.bad_files import bomb_png


def test_kinds(tmp_path: Path) -> None:
    deep = np.zeros((6, 8, 3), np.uint16)
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    cv2.imwrite(str(tmp_path / "deep.tif"), deep)
    (tmp_path / "a.exr").write_bytes(encode_exr(np.ones((6, 8, 4), np.float32)))
    PilImage.new("CMYK", (8, 6)).save(tmp_path / "cmyk.jpg")
    PilImage.new("LA", (8, 6)).save(tmp_path / "grey.png")
    frames = [PilImage.new("RGB", (8, 6), (90 * i, 0, 0)) for i in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    for name, expected in {
        "deep.png": {"bits": "16", "colour": "RGB", "alpha": "none"},
        "deep.tif": {"bits": "16", "colour": "RGB", "format": "TIFF"},
        "a.exr": {"format": "OpenEXR", "alpha": "premultiplied"},
        "cmyk.jpg": {"colour": "CMYK", "format": "JPEG"},
        "grey.png": {"colour": "greyscale with alpha", "alpha": "straight"},
    }.items():
        facts = describe_picture(tmp_path / name)
        assert facts["size"].startswith("8 x 6 pixels")
        for key, value in expected.items():
            assert facts[key] == value, (name, key)
    assert describe_picture(tmp_path / "a.gif")["frames"] == "3 (the first is used)"


def test_a_bomb_is_described_and_marked(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb_png(20_000, 20_000))
    facts = describe_picture(tmp_path / "bomb.png")
    assert facts["size"].startswith("20000 x 20000")
    assert "max_pixels" in facts["note"]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        describe_picture(tmp_path / "none.png")
