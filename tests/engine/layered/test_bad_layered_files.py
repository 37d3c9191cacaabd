"""What strangers send: each is one sentence, exit code 2, and nothing is written."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import read_layers
from illustrators_depth.export.stack_writer import write_stack

from .test_groups import grouped_stack

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">{}</svg>'
RECT = '<rect width="40" height="30" fill="#a00"/>'


def cut(ending: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        data = write_stack(grouped_stack(), folder / f"whole.{ending}").read_bytes()
        (folder / f"bad.{ending}").write_bytes(data[: len(data) // 2])
        return folder / f"bad.{ending}"

    return make


def svg(inner: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / "bad.svg").write_text(SVG.format(inner))
        return folder / "bad.svg"

    return make


def wide_psd(folder: Path) -> Path:
    data = bytearray(write_stack(grouped_stack(), folder / "a.psd").read_bytes())
    data[14:22] = (30_000).to_bytes(4, "big") * 2
    (folder / "bad.psd").write_bytes(bytes(data))
    return folder / "bad.psd"


def zip_of(folder: Path, stack: str, png: bytes, encrypted: bool = False) -> Path:
    path = folder / "bad.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", f'<image w="20" h="20"><stack>{stack}</stack></image>')
        archive.writestr("a.png", png)
    if encrypted:
        data = path.read_bytes()
        head = b"PK\x01\x02\x14\x03\x14\x00"
        assert head + b"\x00" in data
        path.write_bytes(data.replace(head + b"\x00", head + b"\x01"))
    return path


LAYER = '<layer name="a" src="a.png"/>'


def small_png() -> bytes:
    buffer = io.BytesIO()
    PilImage.new("RGBA", (20, 20), (9, 9, 9, 255)).save(buffer, "PNG")
    return buffer.getvalue()


def zip_bomb(folder: Path) -> Path:
    """A member that unpacks to more than any PNG of a picture of that size could have."""
    path = zip_of(folder, LAYER, small_png())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", f'<image w="20" h="20"><stack>{LAYER}</stack></image>')
        info = zipfile.ZipInfo("a.png")
        info.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(info, "w") as stream:
            stream.write(bytes(40 << 20))
    return path


def png_bomb(folder: Path) -> Path:
    """A PNG of few bytes that claims to be enormous."""
    head = b"\x00\x00\x00\rIHDR" + (100_000).to_bytes(4, "big") * 2 + b"\x08\x06\x00\x00\x00"
    png = b"\x89PNG\r\n\x1a\n" + head + zlib.crc32(head[4:]).to_bytes(4, "big")
    return zip_of(folder, LAYER, png + bytes(40))


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "truncated ora": (cut("ora"), "damaged"),
    "truncated psd": (cut("psd"), "damaged"),
    "truncated svg": (cut("svg"), "XML"),
    "encrypted": (lambda f: zip_of(f, LAYER, small_png(), True), "encrypted"),
    "a PSD of 30,000 pixels": (wide_psd, "million pixels"),
    "no layers": (lambda f: zip_of(f, "", small_png()), "no layer"),
    "no shapes": (svg(""), "draws nothing"),
    "all hidden": (svg(RECT.replace("<rect", '<rect display="none"')), "hidden"),
    "recursive use": (svg('<g id="a"><use href="#a"/></g>' + RECT), "refers to itself"),
    "a linked image": (svg(RECT + '<image href="photo.jpg" width="9" height="9"/>'), "outside"),
    "a zip bomb": (zip_bomb, "refused"),
    "a PNG bomb": (png_bomb, "million pixels"),
}


@pytest.mark.parametrize("case", BAD)
def test_one_sentence_and_nothing_written(tmp_path: Path, case: str) -> None:
    make, words = BAD[case]
    if "psd" in case.lower() or "PSD" in case:
        pytest.importorskip("psd_tools")
    if make.__qualname__.startswith("svg") or "svg" in case:
        pytest.importorskip("resvg_py")
    bad = make(tmp_path)
    out = tmp_path / "out"
    words_typed = ["layers", str(bad), "-o", str(out), "--max-pixels", "1000000"]
    done = subprocess.run(
        [sys.executable, "-m", "illustrators_depth", *words_typed],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    said = " ".join(done.stderr.split())
    assert words in said and bad.name in said
    assert not out.exists()


def test_a_missing_font_is_named(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    inner = RECT + '<text y="50" font-family="Nowhere Grotesk, serif">Ahoy</text>'
    (tmp_path / "a.svg").write_text(SVG.format(inner))
    notes = read_layers(tmp_path / "a.svg").meta["notes"]
    assert notes == [
        "The font 'Nowhere Grotesk' is not installed: its text is drawn with another, or not at "
        "all.",
        "Outlines from pixels instead of curves: 'black' (text).",
    ]
    (tmp_path / "b.svg").write_text(SVG.format(RECT))
    assert "notes" not in read_layers(tmp_path / "b.svg").meta


def test_a_hidden_layer_of_an_open_file_is_no_error(tmp_path: Path) -> None:
    file = write_stack(grouped_stack(), tmp_path / "a.ora")
    assert np.count_nonzero(read_layers(file).labels < 0) == 0
