"""Every kind of PNG, against pixels that are known from the specification alone."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.io.color import linear_to_srgb
from illustrators_depth.io.color.primaries import REC_709
from illustrators_depth.io.depth_file import read_depth
from illustrators_depth.io.pictures.describe import describe_picture, unsupported_metadata
from illustrators_depth.io.pictures.read_image import read_image
from tests.engine.io.pictures.png_maker import CHANNELS, write_png

CASES = Path(__file__).parents[3] / "cases" / "files"
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8),
         (4, 8), (4, 16), (6, 8), (6, 16)]  # fmt: skip
TRANSPARENT = [kind for kind in KINDS if kind[0] in (0, 2, 3)]


def samples(color_type: int, bits: int) -> np.ndarray:
    rng = np.random.default_rng(bits + 20 * color_type)
    return rng.integers(0, 1 << bits, (7, 9, CHANNELS[color_type]))


def palette(bits: int) -> np.ndarray:
    return np.random.default_rng(bits).integers(0, 256, (1 << bits, 4))


def expected(values: np.ndarray, bits: int, color_type: int, transparent: bool) -> np.ndarray:
    """RGBA, 0 to 1, as chapters 11 and 13 of the specification say."""
    top = float((1 << bits) - 1)
    rgba = np.ones((*values.shape[:2], 4))
    if color_type == 3:
        rgba = palette(bits)[values[..., 0]] / 255.0
        if not transparent:
            rgba[..., 3] = 1.0
        return rgba
    rgba[..., :3] = (values[..., :1] if color_type in (0, 4) else values[..., :3]) / top
    if color_type in (4, 6):
        rgba[..., 3] = values[..., -1] / top
    elif transparent:
        rgba[..., 3] = (values != values[0, 0]).any(axis=2)
    return rgba


def extra_chunks(values: np.ndarray, bits: int, color_type: int, transparent: bool) -> list:
    chunks = []
    if color_type == 3:
        chunks.append((b"PLTE", palette(bits)[:, :3].astype(np.uint8).tobytes()))
    if transparent:
        alpha = palette(bits)[:, 3].astype(np.uint8).tobytes()
        key = values[0, 0].astype(">u2").tobytes()
        chunks.append((b"tRNS", alpha if color_type == 3 else key))
    return chunks


def check(path: Path, wanted: np.ndarray, bits: int) -> None:
    got = read_image(path).rgba
    seen = wanted[..., 3] > 0
    assert np.allclose(got[..., 3], wanted[..., 3], atol=1e-6)
    assert np.allclose(got[seen], wanted[seen], atol=1e-6 if bits < 16 else 1e-5)


@pytest.mark.parametrize("animated", [False, True])
@pytest.mark.parametrize(("color_type", "bits"), KINDS)
def test_kinds(tmp_path: Path, color_type: int, bits: int, animated: bool) -> None:
    values = samples(color_type, bits)
    chunks = extra_chunks(values, bits, color_type, False)
    path = write_png(tmp_path / "a.png", values, bits, color_type, *chunks, animated=animated)
    check(path, expected(values, bits, color_type, False), bits)


@pytest.mark.parametrize(("color_type", "bits"), TRANSPARENT)
def test_transparent_colours(tmp_path: Path, color_type: int, bits: int) -> None:
    values = samples(color_type, bits)
    chunks = extra_chunks(values, bits, color_type, True)
    path = write_png(tmp_path / "a.png", values, bits, color_type, *chunks)
    check(path, expected(values, bits, color_type, True), bits)


def test_sixteen_bits_animated() -> None:
    red = read_image(CASES / "apng16_rgb.png").rgba[0, ::9, 0]
    assert np.rint(red * 255).astype(int).tolist()[:5] == [0, 36, 73, 109, 146]


def test_a_comment_that_mentions_svg() -> None:
    assert read_image(CASES / "png_text_mentions_svg.png").width == 8


# ---- colour -----------------------------------------------------------------------------------

GREY = np.full((4, 4, 3), 128)


def chromaticities(primaries: tuple[float, ...]) -> bytes:
    return struct.pack(">8I", *(round(v * 1e5) for v in (*primaries[6:], *primaries[:6])))


DISPLAY_P3 = (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290)


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 1e5))


@pytest.mark.parametrize(
    ("chunks", "grey"),
    [
        ([gamma(1.0)], linear_to_srgb(np.float32([128 / 255]))[0]),
        ([gamma(1 / 1.8)], linear_to_srgb(np.float32([(128 / 255) ** 1.8]))[0]),
        ([gamma(1 / 2.2)], 128 / 255),
        ([gamma(1.0), (b"sRGB", b"\0")], 128 / 255),
        ([gamma(0.0)], 128 / 255),
        ([(b"cICP", bytes([1, 13, 0, 1])), gamma(1.0)], 128 / 255),
        ([(b"cICP", bytes([1, 8, 0, 1]))], linear_to_srgb(np.float32([128 / 255]))[0]),
        ([(b"cICP", bytes([9, 16, 0, 1]))], 128 / 255),
        ([(b"cHRM", chromaticities(REC_709))], 128 / 255),
        ([(b"cHRM", chromaticities(DISPLAY_P3))], 128 / 255),
        ([(b"cHRM", bytes(32))], 128 / 255),
    ],
)
@pytest.mark.parametrize("bits", [8, 16])
def test_grey_under_every_chunk(tmp_path: Path, chunks: list, grey: float, bits: int) -> None:
    values = GREY if bits == 8 else GREY * 257
    image = read_image(write_png(tmp_path / "a.png", values, bits, 2, *chunks))
    assert np.allclose(image.rgba[..., :3], grey, atol=2e-3)


@pytest.mark.parametrize(
    "chunk", [(b"cHRM", chromaticities(DISPLAY_P3)), (b"cICP", bytes([12, 13, 0, 1]))]
)
def test_a_wide_red_grows_redder(tmp_path: Path, chunk: tuple[bytes, bytes]) -> None:
    """Display P3 (200, 60, 60) is sRGB (217, 42, 52), by the matrix in CSS Color 4."""
    values = np.broadcast_to([200, 60, 60], (4, 4, 3))
    path = write_png(tmp_path / "a.png", values, 8, 2, chunk)
    got = np.rint(read_image(path).rgba[0, 0, :3] * 255)
    assert np.abs(got - [217, 42, 52]).max() <= 1, got
    assert unsupported_metadata(path) == ("profile",)
    assert "converted to sRGB" in describe_picture(path)["profile"]


def test_what_is_not_converted_is_said(tmp_path: Path) -> None:
    path = write_png(tmp_path / "a.png", GREY, 8, 2, (b"cICP", bytes([9, 16, 0, 1])))
    assert describe_picture(path)["profile"] == (
        "high dynamic range (PQ), not converted, taken as sRGB"
    )
    assert unsupported_metadata(path) == ()


def test_a_truncated_depth_is_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    values = np.random.default_rng(0).integers(0, 1 << 16, (40, 40, 1))
    data = write_png(tmp_path / "a.png", values, 16, 0).read_bytes()
    (tmp_path / "b.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError, match=r"b\.png"):
        read_depth(tmp_path / "b.png")
    assert capfd.readouterr().err == "", "a library speaks on the terminal"


def test_pixels_that_so_few_bytes_cannot_become(tmp_path: Path) -> None:
    data = write_png(tmp_path / "a.png", np.zeros((8, 8, 3), int), 8, 2).read_bytes()
    (tmp_path / "b.png").write_bytes(data[:16] + struct.pack(">II", 8000, 8000) + data[24:])
    with pytest.raises(InputError, match="more than a file of its size can hold"):
        read_image(tmp_path / "b.png")
