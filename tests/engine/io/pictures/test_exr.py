"""EXR as the OpenEXR library writes it: every kind is read, or refused for what it is."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.io.color import linear_to_srgb
from illustrators_depth.io.color.primaries import REC_709, conversion_matrix, luminance_weights
from illustrators_depth.io.depth_file import read_depth
from illustrators_depth.io.pictures.describe import describe_picture
from illustrators_depth.io.pictures.exr_header import read_exr_header
from illustrators_depth.io.pictures.read_image import read_image

CASES = Path(__file__).parents[3] / "cases" / "files"
ACES = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)


def channels(names: str, kind: Any = np.float32, size: tuple[int, int] = (20, 24)) -> dict:
    rng = np.random.default_rng(3)
    values = rng.random((*size, len(names)), np.float32) * 0.8 + 0.1
    if "A" in names:
        values[..., names.index("A")] = 1.0
    return {name: np.ascontiguousarray(values[..., i].astype(kind)) for i, name in enumerate(names)}


def write(path: Path, header: dict[str, Any], planes: dict[str, Any]) -> Path:
    full = {"type": OpenEXR.scanlineimage, "compression": OpenEXR.ZIP_COMPRESSION, **header}
    OpenEXR.File(full, dict(planes)).write(str(path))
    return path


def window(x: int, y: int, width: int, height: int) -> tuple[Any, Any]:
    return np.array([x, y], np.int32), np.array([x + width - 1, y + height - 1], np.int32)


@pytest.mark.parametrize("kind", [np.float16, np.float32])
@pytest.mark.parametrize("names", ["RGB", "RGBA", "Y", "YA", "R", "GA"])
def test_channels(tmp_path: Path, names: str, kind: Any) -> None:
    planes = channels(names, kind)
    image = read_image(write(tmp_path / "a.exr", {}, planes))
    none = np.zeros((20, 24), np.float32)
    rgb = [planes.get("Y", planes.get(name, none)).astype(np.float32) for name in "RGB"]
    assert np.allclose(image.rgba[..., :3], linear_to_srgb(np.dstack(rgb)), atol=1e-6)
    assert (image.alpha == 1.0).all()


@pytest.mark.parametrize(
    "compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB"]
)
def test_compressions(tmp_path: Path, compression: str) -> None:
    flat = {name: np.full((80, 70), 0.25, np.float16) for name in "RGB"}
    kind = getattr(OpenEXR, f"{compression}_COMPRESSION")
    image = read_image(write(tmp_path / "a.exr", {"compression": kind}, flat))
    assert np.allclose(image.rgba[..., :3], linear_to_srgb(np.float32([0.25])), atol=2e-3)


def test_tiles(tmp_path: Path) -> None:
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 16
    planes = channels("RGB", size=(40, 50))
    path = write(tmp_path / "a.exr", {"type": OpenEXR.tiledimage, "tiles": tiles}, planes)
    assert np.allclose(
        read_image(path).rgba[..., :3],
        linear_to_srgb(np.dstack([planes[n] for n in "RGB"])), atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize("x", [-5, 0, 2, 3, 7])
def test_windows(tmp_path: Path, x: int) -> None:
    planes = channels("RGB", size=(6, 8))
    header = {"dataWindow": window(x, 1, 8, 6), "displayWindow": window(0, 0, 12, 10)}
    image = read_image(write(tmp_path / "a.exr", header, planes))
    frame = np.zeros((10, 12, 3), np.float32)
    left, right = max(x, 0), min(x + 8, 12)
    inner = np.dstack([planes[n] for n in "RGB"])
    frame[1:7, left:right] = inner[:, left - x : right - x]
    assert np.allclose(image.rgba[..., :3], linear_to_srgb(frame), atol=1e-6)


def test_luminance_and_chroma() -> None:
    """The file's window begins at x = 2; OpenCV's decoder ends the process on it."""
    image = read_image(CASES / "exr_luma_chroma_window_at_2.exr")
    red, green, blue = luminance_weights(REC_709)
    linear = np.float32([0.75, (0.5 - 0.75 * (red + blue)) / green, 0.75])
    assert np.allclose(image.rgba[..., :3], linear_to_srgb(linear), atol=1e-3)


def test_grey_with_alpha() -> None:
    image = read_image(CASES / "exr_grey_alpha.exr")
    assert np.allclose(image.rgba[0, 2, :3], linear_to_srgb(np.float32([0.00784])), atol=1e-4)
    assert (image.alpha == 1.0).all()


def test_chromaticities(tmp_path: Path) -> None:
    """White stays white, and a colour of ACES' gamut becomes what the matrices say."""
    white = {name: np.full((4, 4), 0.5, np.float32) for name in "RGB"}
    path = write(tmp_path / "white.exr", {"chromaticities": ACES}, white)
    assert np.allclose(read_image(path).rgba[..., :3], linear_to_srgb(np.float32([0.5])), atol=1e-3)
    pale = {n: np.full((4, 4), v, np.float32) for n, v in zip("RGB", (0.4, 0.3, 0.35), strict=True)}
    matrix = conversion_matrix(ACES)
    assert matrix is not None
    expected = linear_to_srgb(matrix @ np.float32([0.4, 0.3, 0.35]))
    image = read_image(write(tmp_path / "pale.exr", {"chromaticities": ACES}, pale))
    assert np.allclose(image.rgba[0, 0, :3], expected, atol=1e-4)


def test_known_matrix() -> None:
    """ACES2065-1 to linear Rec. 709, as published with the Bradford transform."""
    published = [[2.5217, -1.1341, -0.3876], [-0.2764, 1.3727, -0.0963], [-0.0154, -0.1530, 1.1684]]
    assert np.allclose(conversion_matrix(ACES), published, atol=2e-3)
    assert conversion_matrix(REC_709) is None
    assert conversion_matrix((0.0,) * 8) is None


def test_resolution(tmp_path: Path) -> None:
    path = write(tmp_path / "a.exr", {"xDensity": 300.0}, channels("RGB"))
    assert read_image(path).dpi == (300.0, 300.0)


def test_deep_pixels_are_refused_before_decoding(tmp_path: Path) -> None:
    data = bytearray(write(tmp_path / "a.exr", {}, channels("RGB")).read_bytes())
    (flags,) = struct.unpack_from("<I", data, 4)
    struct.pack_into("<I", data, 4, flags | 0x800)
    (tmp_path / "deep.exr").write_bytes(data)
    with pytest.raises(InputError, match="deep EXR"):
        read_image(tmp_path / "deep.exr")


def test_sizes_that_no_file_of_these_bytes_has(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than a file of its size can hold"):
        read_exr_header(CASES / "exr_thin.exr")
    flat = {name: np.zeros((3000, 3000), np.float16) for name in "RGB"}
    for name in ("ZIP", "PIZ", "PXR24", "B44A", "DWAB", "RLE"):
        kind = getattr(OpenEXR, f"{name}_COMPRESSION")
        path = write(tmp_path / f"{name}.exr", {"compression": kind}, flat)
        assert read_exr_header(path).width == 3000, f"an empty {name} page is taken for damaged"


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_truncated(tmp_path: Path, keep: float, capfd: pytest.CaptureFixture[str]) -> None:
    data = write(tmp_path / "a.exr", {}, channels("RGBA")).read_bytes()
    (tmp_path / "cut.exr").write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(InputError, match=r"cut\.exr"):
        read_image(tmp_path / "cut.exr")
    assert capfd.readouterr().err == "", "the library speaks on the terminal"


def test_depth_of_luminance_with_alpha(tmp_path: Path) -> None:
    planes = channels("YA")
    depth = read_depth(write(tmp_path / "a.exr", {}, planes))
    assert np.array_equal(depth.values, planes["Y"])


def test_depth_of_whole_numbers(tmp_path: Path) -> None:
    """Unsigned channels hold numbers, not the bits of floats."""
    numbers = np.arange(20 * 24, dtype=np.uint32).reshape(20, 24)
    path = write(tmp_path / "a.exr", {}, {"Y": numbers})
    assert np.array_equal(read_depth(path).values, numbers.astype(np.float32))
    assert describe_picture(path)["bits"] == "32 unsigned integer"


def test_colors_of_whole_numbers_are_refused(tmp_path: Path) -> None:
    planes = {name: np.full((20, 24), 200, np.uint32) for name in "RGB"}
    with pytest.raises(InputError, match=r"a\.exr .* whole numbers .* half or float"):
        read_image(write(tmp_path / "a.exr", {}, planes))
