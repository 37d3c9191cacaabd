"""Layers for other programs: every file is reopened by readers that are not ours."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
import zipfile
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.editing import flatten, hide, rename
from illustrators_depth.errors import InputError
from illustrators_depth.export.layers.layer_images import to_bytes
from illustrators_depth.export.layers.multilayer_exr import write_exr
from illustrators_depth.export.layers.openraster import write_ora
from illustrators_depth.export.layers.packbits import pack_rows
from illustrators_depth.export.layers.psd import write_psd
from illustrators_depth.export.stack_writer import STACK_SUFFIXES, write_stack
from illustrators_depth.io.color import srgb_to_linear
from illustrators_depth.io.depth_file import read_depth
from illustrators_depth.io.stack_file import load_stack
from illustrators_depth.layering import decompose
from illustrators_depth.types import DepthMap, Layer, LayerStack
from tests.engine.drawings import stacked_discs


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    """Six layers; one with a name outside Latin letters, one hidden."""
    drawing = stacked_discs()
    made = rename(decompose(drawing.image, drawing.depth), 1, 'Ball "é" 日本 <&>')
    return hide(made, 4)


def unpack(counts: np.ndarray, data: bytes, width: int) -> np.ndarray:
    """PackBits as Apple's note describes it, byte by byte."""
    rows, at = [], 0
    for count in counts:
        row, end = bytearray(), at + int(count)
        while at < end:
            head = data[at]
            if head < 128:
                row += data[at + 1 : at + 2 + head]
                at += 2 + head
            elif head > 128:
                row += data[at + 1 : at + 2] * (257 - head)
                at += 2
            else:
                at += 1
        assert at == end and len(row) == width
        rows.append(np.frombuffer(bytes(row), np.uint8))
    return np.stack(rows)


@pytest.mark.parametrize("shape", [(1, 1), (7, 3), (40, 300), (5, 129), (3, 4096)])
def test_packed_rows_unpack(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    noisy = rng.integers(0, 256, shape).astype(np.uint8)
    flat = np.repeat(rng.integers(0, 256, (shape[0], 1)), shape[1], axis=1).astype(np.uint8)
    for plane in (noisy, flat, np.where(noisy > 200, noisy, flat).astype(np.uint8)):
        counts, data = pack_rows(plane)
        assert np.array_equal(unpack(counts, data, shape[1]), plane)


def test_psd_through_psd_tools(tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools", reason="psd-tools is not installed")
    path = write_psd(stack(), tmp_path / "a.psd")
    opened = psd_tools.PSDImage.open(path)
    assert opened.size == (stack().width, stack().height)
    layers = list(opened)
    assert [layer.name for layer in layers] == [layer.name for layer in stack()]
    assert [layer.visible for layer in layers] == [not layer.hidden for layer in stack()]
    for read, layer in zip(layers, stack(), strict=True):
        top, left, bottom, right = layer.window
        assert read.bbox == (left, top, right, bottom)
        pixels = np.asarray(read.topil().convert("RGBA"))
        assert np.array_equal(pixels, to_bytes(layer.rgba_crop))


def test_psd_through_pillow(tmp_path: Path) -> None:
    path = write_psd(stack(), tmp_path / "a.psd")
    with PilImage.open(path) as opened:
        assert opened.format == "PSD" and opened.n_frames == len(stack())
        merged = np.asarray(opened.convert("RGBA"))
        assert np.array_equal(merged, to_bytes(flatten(stack()).rgba))
        opened.seek(4)
        top, left, bottom, right = stack().layers[3].window
        assert opened.layers[3][2] == (left, top, right, bottom)


def test_ora_as_the_standard_says(tmp_path: Path) -> None:
    path = write_ora(stack(), tmp_path / "a.ora")
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED
        root = ElementTree.fromstring(archive.read("stack.xml"))
        assert (root.get("w"), root.get("h")) == (str(stack().width), str(stack().height))
        listed = root.findall("./stack/layer")
        assert [e.get("name") for e in listed] == [layer.name for layer in reversed(stack().layers)]
        canvas = PilImage.new("RGBA", (stack().width, stack().height))
        for element in reversed(listed):
            if element.get("visibility") == "visible":
                pixels = PilImage.open(io.BytesIO(archive.read(element.get("src") or "")))
                place = int(element.get("x") or 0), int(element.get("y") or 0)
                canvas.alpha_composite(pixels.convert("RGBA"), place)
        merged = np.asarray(PilImage.open(io.BytesIO(archive.read("mergedimage.png"))))
        thumbnail = PilImage.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png")))
    assert np.array_equal(merged, to_bytes(flatten(stack()).rgba))
    assert np.abs(np.asarray(canvas).astype(int) - merged).max() <= 2
    assert max(thumbnail.size) <= 256


def test_exr_through_its_own_library(tmp_path: Path) -> None:
    openexr = pytest.importorskip("OpenEXR", reason="OpenEXR is not installed")
    depth = stacked_discs().depth
    path = write_exr(stack(), tmp_path / "a.exr", depth=depth)
    channels = openexr.File(str(path), separate_channels=True).channels()
    flat = flatten(stack()).rgba
    assert np.abs(channels["A"].pixels - flat[..., 3]).max() < 1e-3
    assert np.abs(channels["R"].pixels - srgb_to_linear(flat)[..., 0] * flat[..., 3]).max() < 2e-3
    assert channels["depth.Z"].pixels.dtype == np.float32
    assert np.array_equal(channels["depth.Z"].pixels, depth.values)
    names = sorted({n.split(".")[0] for n in channels if n.endswith(".Combined.R")})
    assert len(names) == len(stack()) - 1  # one is hidden
    assert all(re.fullmatch(r"\d\d_[a-z0-9-]+", name) for name in names)
    red = stack().layers[1].rgba
    own = channels[f"{names[1]}.Combined.G"].pixels.astype(np.float32)
    inner = red[..., 3] == 1.0  # edges are solved for in linear light
    assert inner.any() and np.abs(own - srgb_to_linear(red)[..., 1])[inner].max() < 2e-3


def test_exr_wants_the_depth_of_the_same_picture(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one size"):
        write_exr(stack(), tmp_path / "a.exr", depth=DepthMap(np.ones((3, 3), np.float32)))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", STACK_SUFFIXES)
def test_one_call_writes_every_kind(tmp_path: Path, suffix: str) -> None:
    path = write_stack(stack(), tmp_path / f"a{suffix}")
    assert path.stat().st_size > 100
    with pytest.raises(InputError, match="exists already"):
        write_stack(stack(), path)
    before = path.read_bytes()
    assert write_stack(stack(), path, overwrite=True).read_bytes()[:4] == before[:4]
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_one_call_writes_folders_idl_depth_and_list(tmp_path: Path) -> None:
    folder = write_stack(stack(), tmp_path / "layers")
    assert len(list(folder.glob("*.png"))) == 5
    assert len(load_stack(write_stack(stack(), tmp_path / "a.idl"))) == 6
    depth = read_depth(write_stack(stack(), tmp_path / "d.png"))
    assert np.abs(depth.values - stack().discrete_depth()).max() < 0.001
    listing = json.loads(write_stack(stack(), tmp_path / "a.json").read_text())
    assert [e["name"] for e in listing["layers"]] == [layer.name for layer in stack()]
    assert sum(e["visible_pixels"] for e in listing["layers"]) == (stack().labels >= 0).sum()


@pytest.mark.parametrize("write", [write_psd, write_ora])
def test_an_empty_stack_is_refused(tmp_path: Path, write) -> None:
    empty = LayerStack(np.full((4, 5), -1, np.int32), ())
    with pytest.raises(InputError, match="no layers"):
        write(empty, tmp_path / "a.psd")
    assert not list(tmp_path.iterdir())


def test_unknown_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="written as"):
        write_stack(stack(), tmp_path / "a.tga")


def test_exr_of_many_layers_takes_little_memory(tmp_path: Path) -> None:
    """All layers at once, in full frames of half floats, would take 150 MB here."""
    side, count = 600, 50
    labels = (np.arange(side) * count // side).astype(np.int32)[:, None].repeat(side, 1)
    layers = []
    for n in range(count):
        seen = labels == n
        rgba = np.dstack([np.full((side, side, 3), n / count), seen]).astype(np.float32)
        layers.append(Layer.from_full(f"band {n}", n, (0.5, 0.5, 0.5), seen, seen, rgba))
    stack = LayerStack(labels, tuple(layers))
    tracemalloc.start()
    try:
        write_stack(stack, tmp_path / "bands.exr")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40e6
