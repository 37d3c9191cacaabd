"""What other programs make of the files: compositors, ImageMagick, rulers."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.editing import flatten
from illustrators_depth.export.layers.layer_images import to_bytes
from illustrators_depth.export.layers.multilayer_exr import write_exr
from illustrators_depth.export.layers.openraster import write_ora
from illustrators_depth.export.layers.psd import write_psd
from illustrators_depth.io.color import linear_to_srgb
from illustrators_depth.layering import decompose
from illustrators_depth.types import Image, LayerStack
from tests.engine.drawings import stacked_discs

magick = pytest.mark.skipif(
    shutil.which("identify") is None or shutil.which("convert") is None,
    reason="ImageMagick is not installed",
)


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    drawing = stacked_discs((96, 120))
    made = decompose(drawing.image, drawing.depth)
    return replace(made, meta={**made.meta, "dpi": [300.0, 150.0]})


@lru_cache(maxsize=1)
def translucent() -> LayerStack:
    """The same on a page that fades to clear."""
    drawing = stacked_discs((96, 120))
    rgba = drawing.image.rgba.copy()
    rgba[..., 3] = np.linspace(0.0, 1.0, 120, dtype=np.float32)[None, :]
    return decompose(Image(rgba), drawing.depth)


def test_exr_layers_composited_in_linear_light_are_the_picture(tmp_path: Path) -> None:
    openexr = pytest.importorskip("OpenEXR", reason="OpenEXR is not installed")
    path = write_exr(stack(), tmp_path / "a.exr")
    channels = openexr.File(str(path), separate_channels=True).channels()
    names = sorted({n.rsplit(".", 1)[0] for n in channels if n.endswith(".Combined.R")})
    canvas = np.zeros((96, 120, 4), np.float32)
    for name in names:
        own = np.stack([channels[f"{name}.{c}"].pixels.astype(np.float32) for c in "RGBA"], axis=2)
        assert own.min() >= 0.0 and own[..., 3].max() <= 1.0
        canvas = own + canvas * (1.0 - own[..., 3:])
    composited = linear_to_srgb(canvas[..., :3]) * 255.0
    off = np.abs(composited - flatten(stack()).rgba[..., :3] * 255.0)
    assert off.max() <= 2.0
    assert np.abs(canvas[..., 3] - 1.0).max() < 2e-3


@magick
@pytest.mark.parametrize("which", ["opaque", "translucent"])
def test_psd_reads_right_in_imagemagick(tmp_path: Path, which: str) -> None:
    chosen = stack() if which == "opaque" else translucent()
    path = write_psd(chosen, tmp_path / "a.psd")
    told = subprocess.run(
        ["identify", "-format", "%w %h %[colorspace]\n", str(path)],
        capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert told[0] == "120 96 sRGB" and len(told) == 1 + len(chosen)
    subprocess.run(["convert", f"{path}[0]", str(tmp_path / "a.png")], check=True)
    read = PilImage.open(tmp_path / "a.png").convert("RGBA")
    ours = to_bytes(flatten(chosen).rgba)
    page = PilImage.new("RGBA", read.size, (255, 255, 255, 255))
    over = [
        np.asarray(PilImage.alpha_composite(page, picture)).astype(int)
        for picture in (read, PilImage.fromarray(ours))
    ]
    assert np.abs(over[0] - over[1]).max() <= 3


def test_psd_merged_picture_is_matted_with_white(tmp_path: Path) -> None:
    path = write_psd(translucent(), tmp_path / "a.psd")
    merged = np.asarray(PilImage.open(path).convert("RGBA")).astype(int)
    clear = merged[..., 3] == 0
    assert clear.any() and (merged[clear][:, :3] == 255).all()


@magick
def test_psd_keeps_resolution_and_profile(tmp_path: Path) -> None:
    path = write_psd(stack(), tmp_path / "a.psd")
    told = subprocess.run(
        ["identify", "-units", "PixelsPerInch", "-format", "%x %y %[profile:icc]", f"{path}[0]"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert told.startswith("300 150") and "sRGB" in told


def test_psd_without_resolution_claims_none(tmp_path: Path) -> None:
    plain = replace(stack(), meta={})
    data = write_psd(plain, tmp_path / "a.psd").read_bytes()
    assert struct.pack(">4sH", b"8BIM", 0x03ED) not in data
    assert struct.pack(">4sH", b"8BIM", 0x040F) in data
    assert write_psd(plain, tmp_path / "b.psd").read_bytes() == data


def test_ora_keeps_resolution(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_ora(stack(), tmp_path / "a.ora")) as archive:
        root = ElementTree.fromstring(archive.read("stack.xml"))
    assert (root.get("xres"), root.get("yres")) == ("300", "150")
