"""Krita files: one that Krita wrote, and others put together by its form."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.layered.archives.krita_tiles import TileError, read_tiles

from .test_groups import BLENDS, GROUPS, grouped_stack

FILES = Path(__file__).parent / "files"
SIDE = 64


def literal(values: bytes) -> bytes:
    """LZF that refers to nothing: runs of 32 literal bytes."""
    runs = (values[i : i + 32] for i in range(0, len(values), 32))
    return b"".join(bytes([len(run) - 1]) + run for run in runs)


def tile(pixels: np.ndarray, left: int, top: int, packed: bool) -> bytes:
    """One tile of uint8 (64, 64, n) as Krita stores it, packed or raw."""
    size = pixels.shape[2]
    planes = np.ascontiguousarray(pixels.reshape(-1, size).T).tobytes()
    body = b"\x01" + literal(planes) if packed else b"\x00" + pixels.tobytes()
    return f"{left},{top},LZF,{len(body)}\n".encode() + body


def tiles(*parts: bytes, size: int = 4) -> bytes:
    head = f"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE {size}\nDATA {len(parts)}\n"
    return head.encode() + b"".join(parts)


def plain(bgra: tuple[int, ...]) -> np.ndarray:
    return np.full((SIDE, SIDE, len(bgra)), bgra, np.uint8)


LAYER = (
    '<layer name="{name}" filename="{file}" x="{x}" y="{y}" opacity="{opacity}" {more}>{inner}'
    "</layer>"
)


def layer(name: str, file: str, more: str = "", inner: str = "", **values: int) -> str:
    values = {"x": 0, "y": 0, "opacity": 255, **values}
    return LAYER.format(name=name, file=file, more=more, inner=inner, **values)


def kra(path: Path, layers: str, members: dict[str, bytes], attributes: str = "") -> Path:
    size = attributes or 'width="100" height="80"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/x-krita")
        archive.writestr(
            "maindoc.xml",
            "<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://x/krita-2.0.dtd'>"
            f'<DOC xmlns="http://www.calligra.org/DTD/krita"><IMAGE name="art" {size} '
            f'colorspacename="RGBA" x-res="150"><layers>{layers}</layers></IMAGE></DOC>',
        )
        for name, data in members.items():
            archive.writestr(f"art/layers/{name}", data)
    return path


CLEAR = bytes(4)


def test_what_krita_wrote() -> None:
    stack = read_layers(FILES / "krita-village.kra")
    assert [x.name for x in stack] == [f"part {i}" for i in range(5)]
    assert [x.group for x in stack] == GROUPS
    assert [x.blend for x in stack] == BLENDS
    assert [x.hidden for x in stack] == [False] * 4 + [True]
    ours = grouped_stack()
    for one, other in zip(stack, ours, strict=True):
        assert one.window == other.window
        np.testing.assert_allclose(one.rgba_crop, other.rgba_crop, atol=1.01 / 255)


@pytest.mark.parametrize("packed", [True, False])
def test_places_masks_opacity_and_default_pixels(tmp_path: Path, packed: bool) -> None:
    gradient = plain((0, 0, 255, 255))
    gradient[..., 0] = np.arange(SIDE)  # blue grows to the right
    half = np.zeros((SIDE, SIDE, 1), np.uint8)
    half[:, :32] = 255
    mask = '<masks><mask nodetype="transparencymask" name="m" filename="m1" x="0" y="0"/></masks>'
    file = kra(
        tmp_path / "a.kra",
        layer("top", "l1", 'nodetype="paintlayer" compositeop="multiply"', mask, x=10, opacity=128)
        + layer("page", "l2", 'nodetype="paintlayer"'),
        {
            "l1": tiles(tile(gradient, 0, 0, packed)),
            "l1.defaultpixel": CLEAR,
            "l2": tiles(),
            "l2.defaultpixel": bytes((10, 20, 30, 255)),
            "m1.pixelselection": tiles(tile(half, 0, 0, packed), size=1),
            "m1.pixelselection.defaultpixel": b"\x00",
        },
    )
    stack = read_layers(file)
    page, top = stack.layers
    assert page.window == (0, 0, 80, 100)
    assert page.color == pytest.approx((30 / 255, 20 / 255, 10 / 255), abs=1e-5)
    assert top.window == (0, 10, 64, 32) and top.blend == "multiply"
    assert top.rgba_crop[5, 7] == pytest.approx((1.0, 0.0, 7 / 255, 128 / 255))
    assert stack.meta["dpi"] == [150.0, 150.0]


def test_sixteen_bits_and_floats(tmp_path: Path) -> None:
    deep = np.zeros((SIDE, SIDE, 4), np.uint16)
    deep[:] = (0, 32768, 65535, 65535)
    light = np.zeros((SIDE, SIDE, 4), np.float32)
    light[:] = (0.5, 2.0, 0.0, 1.0)
    file = kra(
        tmp_path / "a.kra",
        layer("deep", "l1", 'nodetype="paintlayer" colorspacename="RGBA16"')
        + layer("light", "l2", 'nodetype="paintlayer" colorspacename="RGBAF32"'),
        {
            "l1": tiles(tile(deep.view(np.uint8), 0, 0, True), size=8),
            "l1.defaultpixel": bytes(8),
            "l2": tiles(tile(light.view(np.uint8), 0, 0, True), size=16),
            "l2.defaultpixel": bytes(16),
        },
    )
    light_layer, deep_layer = read_layers(file).layers
    assert deep_layer.rgba_crop[0, 0] == pytest.approx((1.0, 32768 / 65535, 0.0, 1.0))
    assert light_layer.rgba_crop[0, 0] == pytest.approx((0.5, 1.0, 0.0, 1.0))


def test_vector_layers_are_drawn_and_others_named(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="50pt" height="40pt" viewBox="0 0 50 40">'
        b'<rect x="10" y="10" width="20" height="10" fill="#f00"/></svg>'
    )
    file = kra(
        tmp_path / "a.kra",
        layer("sign", "l1", 'nodetype="shapelayer"')
        + layer("blur", "l2", 'nodetype="adjustmentlayer"')
        + layer("twin", "l3", 'nodetype="clonelayer"'),
        {"l1.shapelayer/content.svg": svg},
    )
    stack = read_layers(file)
    assert [x.name for x in stack] == ["sign"]
    assert stack.layers[0].window == (20, 20, 40, 60)
    assert [note.split(" has")[0] for note in stack.meta["notes"]] == [
        "'blur' (a filter layer)",
        "'twin' (a clone layer)",
    ]


def test_references_are_unpacked() -> None:
    # A literal, then a reference that goes on into what it writes: a run of 4,096 equal bytes.
    run = b"\x00\x07" + b"\xe0\xff\x00" * 15 + b"\xe0\x72\x00"
    body = b"\x01" + run
    data = tiles(f"0,0,LZF,{len(body)}\n".encode() + body, size=1)
    assert SIDE * SIDE > 1 + 15 * (7 + 255 + 2) + (7 + 0x72 + 2)
    with pytest.raises(TileError):  # too short for a tile
        read_tiles(data, b"\x00", (0, 0, SIDE, SIDE))
    left = SIDE * SIDE - 1 - 15 * 264
    body = b"\x01\x00\x07" + b"\xe0\xff\x00" * 15 + bytes([0xE0, left - 9, 0])
    data = tiles(f"0,0,LZF,{len(body)}\n".encode() + body, size=1)
    assert (read_tiles(data, b"\x00", (0, 0, SIDE, SIDE)).pixels == 7).all()


GOOD = {"l1": tiles(tile(plain((1, 2, 3, 255)), 0, 0, True)), "l1.defaultpixel": CLEAR}
PAINT = layer("a", "l1", 'nodetype="paintlayer"')
BAD = {
    "a missing member": (PAINT, {}, "holds no art/layers/l1"),
    "old tiles": (PAINT, {**GOOD, "l1": b"VERSION 1\n"}, "not of the form"),
    "cut off": (PAINT, {**GOOD, "l1": GOOD["l1"][:200]}, "cut off"),
    "damaged": (PAINT, {**GOOD, "l1": tiles(b"0,0,LZF,4\n\x01\xff\xff\xff")}, "damaged"),
    "another size": (PAINT, {**GOOD, "l1.defaultpixel": b"\x00"}, "strange kind"),
    "CMYK": (PAINT.replace("<layer", '<layer colorspacename="CMYKA"'), GOOD, "convert"),
    "no number": (PAINT.replace('x="0"', 'x="left"'), GOOD, "no number"),
    "all hidden": (PAINT.replace("<layer", '<layer visible="0"'), GOOD, "All layers"),
    "no layer": ("", {}, "no layer with a pixel"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_one_sentence(tmp_path: Path, case: str) -> None:
    layers, members, words = BAD[case]
    with pytest.raises(InputError, match=words) as raised:
        read_layers(kra(tmp_path / "bad.kra", layers, members))
    assert "\n" not in str(raised.value)


def test_bombs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="million pixels"):
        read_layers(kra(tmp_path / "a.kra", PAINT, GOOD, 'width="300000" height="300000"'))
    nested = PAINT
    for _ in range(60):
        nested = layer("g", "g", 'nodetype="grouplayer"', f"<layers>{nested}</layers>")
    with pytest.raises(InputError, match="nested too deep"):
        read_layers(kra(tmp_path / "b.kra", nested, GOOD))
    encrypted = kra(tmp_path / "c.kra", PAINT, GOOD).read_bytes()
    flagged = encrypted.replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )
    (tmp_path / "d.kra").write_bytes(flagged)
    with pytest.raises(InputError, match="encrypted"):
        read_layers(tmp_path / "d.kra")


def test_what_gimp_wrote() -> None:
    pytest.importorskip("psd_tools")
    stack = read_layers(FILES / "gimp-village.psd")
    assert [x.name for x in stack] == [f"part {i}" for i in range(5)]
    assert [x.group for x in stack] == GROUPS
    assert [x.blend for x in stack] == BLENDS
    assert [x.hidden for x in stack] == [False] * 4 + [True]
    for one, other in zip(stack, grouped_stack(), strict=True):
        assert one.window == other.window
        np.testing.assert_allclose(one.rgba_crop, other.rgba_crop, atol=1.01 / 255)


def test_the_layers_give_the_picture_that_krita_shows() -> None:
    file = FILES / "krita-sample.kra"
    stack = read_layers(file)
    assert [x.name for x in stack] == ["page", "leaf", "secret", "odd"]
    # Its group is a picture of its own: it multiplies nothing there.
    assert stack.layers[1].group == ("tree",) and stack.layers[1].blend == "normal"
    assert "'leaf' (multiply) is kept as it looks inside its group." in stack.meta["notes"]
    assert stack.layers[2].hidden and stack.layers[2].window == (140, 0, 150, 15)
    with zipfile.ZipFile(file) as archive:
        png = np.frombuffer(archive.read("mergedimage.png"), np.uint8)
    merged = cv2.imdecode(png, cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]]
    assert abs(flatten(stack).rgba * 255 - merged).max() <= 2.0
