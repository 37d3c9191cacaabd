"""Every format, mode and depth that Pillow or OpenCV can write, against the pixels it was given."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import features

from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.read_image import read_image

CASES = Path(__file__).parents[3] / "cases" / "files"

# Format, modes that it keeps without loss, and options.
KINDS = [
    ("PNG", "1 L LA P RGB RGBA I;16", {}),
    ("BMP", "1 L P RGB", {}),  # a plain bitmap's fourth byte is no coverage
    ("DIB", "1 L P RGB", {}),
    ("GIF", "1 L P", {}),
    ("TGA", "1 L LA P RGB RGBA", {}),
    ("TGA", "L P RGB RGBA", {"compression": "tga_rle"}),
    ("WEBP", "RGB RGBA", {"lossless": True, "exact": True}),
    ("TIFF", "1 L LA P RGB RGBA CMYK LAB I;16 F", {}),
    ("TIFF", "1 L P RGB RGBA", {"compression": "tiff_lzw"}),
    ("TIFF", "L RGB", {"compression": "tiff_adobe_deflate"}),
    ("TIFF", "RGB RGBA", {"compression": "packbits"}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "L RGB", {"big_tiff": True}),
    ("PPM", "1 L RGB I;16", {}),
    ("PCX", "1 L P RGB", {}),
    ("SGI", "L RGB RGBA", {}),
    ("SGI", "L RGB", {"bpc": 2}),
    ("QOI", "RGB RGBA", {}),
    ("DDS", "L LA RGB RGBA", {}),
    ("ICO", "RGBA", {"sizes": [(16, 16)]}),
    ("ICO", "RGBA", {"sizes": [(16, 16)], "bitmap_format": "bmp"}),
    ("JPEG2000", "L LA RGB RGBA I;16", {"irreversible": False}),
]
CODECS = {"WEBP": "webp", "JPEG2000": "jpg_2000"}


def drawing(mode: str) -> PilImage.Image:
    rng = np.random.default_rng(len(mode))
    if mode == "1":
        return PilImage.fromarray(rng.random((16, 16)) > 0.5)
    if mode == "I;16":
        return PilImage.fromarray(rng.integers(0, 65536, (16, 16)).astype(np.uint16))
    if mode == "F":
        return PilImage.fromarray(rng.random((16, 16), np.float32))
    if mode == "P":
        picture = PilImage.fromarray(rng.integers(0, 9, (16, 16)).astype(np.uint8), "L")
        picture = picture.convert("P")
        picture.putpalette(rng.integers(0, 256, 27).tolist())
        return picture
    bands = len(PilImage.new(mode, (1, 1)).getbands())
    values = rng.integers(0, 256, (16, 16, bands)).astype(np.uint8)
    if mode == "LAB":
        values[..., 1:] = values[..., 1:] % 16
    return PilImage.fromarray(values[..., 0] if bands == 1 else values, mode)


def expected(picture: PilImage.Image) -> np.ndarray:
    """RGBA, 0 to 1, straight from the values: a second decoder would only be a second opinion."""
    if picture.mode in ("I;16", "F"):
        top = 65535.0 if picture.mode == "I;16" else 1.0
        grey = np.asarray(picture).astype(np.float64) / top
        return np.dstack([grey, grey, grey, np.ones_like(grey)])
    return np.asarray(picture.convert("RGBA")).astype(np.float64) / 255.0


def cases() -> list:
    return [
        pytest.param(kind, mode, options, id=f"{kind}-{mode}-{'-'.join(map(str, options))}")
        for kind, modes, options in KINDS
        for mode in modes.split()
    ]


@pytest.mark.parametrize(("kind", "mode", "options"), cases())
def test_written_by_pillow(tmp_path: Path, kind: str, mode: str, options: dict) -> None:
    if kind in CODECS and not features.check(CODECS[kind]):
        pytest.skip(f"this Pillow has no {kind}")
    picture = drawing(mode)
    path = tmp_path / "a.dat"
    picture.save(path, kind, **options)
    got = read_image(path).rgba
    wanted = expected(picture) if mode not in ("LAB", "CMYK") else None
    if wanted is None:
        assert got.shape == (16, 16, 4)
        return
    seen = wanted[..., 3] > 0
    assert np.allclose(got[..., 3], wanted[..., 3], atol=1e-6)
    assert np.abs(got[seen] - wanted[seen]).max() < 1e-5


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_written_by_opencv(tmp_path: Path, kind: type, channels: int) -> None:
    top = 1.0 if kind is np.float32 else np.iinfo(kind).max
    values = (np.random.default_rng(1).random((9, 7, channels)) * top).astype(kind)
    bgra = values[..., [2, 1, 0, 3][:channels]] if channels > 1 else values
    assert cv2.imwrite(str(tmp_path / "a.tif"), bgra)
    got = read_image(tmp_path / "a.tif").rgba
    unit = values.astype(np.float64) / top
    log_luv = kind is np.float32 and channels == 3  # what OpenCV writes, in steps of its own
    assert np.allclose(got[..., :3], unit[..., :3], atol=0.02 if log_luv else 1e-6)
    assert np.allclose(got[..., 3], unit[..., 3] if channels == 4 else 1.0, atol=1e-6)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_the_first_frame_of_an_animation(tmp_path: Path, kind: str) -> None:
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    red, blue = (PilImage.new("RGB", (16, 16), color) for color in ("red", "blue"))
    lossless = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100}}.get(kind, {})
    red.save(tmp_path / "a", kind, save_all=True, append_images=[blue, red], **lossless)
    assert np.allclose(read_image(tmp_path / "a").rgba[8, 8], (1, 0, 0, 1), atol=0.02)


@pytest.mark.parametrize("quality", [50, 100])
def test_avif_is_close(tmp_path: Path, quality: int) -> None:
    if not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    picture = PilImage.new("RGBA", (16, 16), (200, 40, 60, 128))
    picture.save(tmp_path / "a.avif", quality=quality)
    assert np.allclose(read_image(tmp_path / "a.avif").rgba[8, 8], (0.784, 0.157, 0.235, 0.5),
                       atol=0.02)  # fmt: skip


def test_a_palette_with_coverage() -> None:
    alpha = read_image(CASES / "tga_pal32.tga").rgba[0, :, 3]
    assert sorted(set(np.rint(alpha * 255).astype(int).tolist())) == [0, 128, 255]


def test_an_icon_of_a_bitmap() -> None:
    image = read_image(CASES / "icon128_bmp.ico")
    assert (image.width, image.rgba[0, 0].tolist()) == (128, [1.0, 0.0, 0.0, 1.0])


@pytest.mark.parametrize("name", ["avif_damaged_data.avif", "tiff_fax_garbage.tif"])
def test_damaged_data(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=rf"^{name} is damaged or truncated"):
        read_image(CASES / name)
    assert capfd.readouterr().err == "", "a library speaks on the terminal"


def bitfields_bmp() -> bytes:
    """A whole bitmap of a layout that Pillow has no decoder for: 10 bits a colour."""
    masks = struct.pack("<4I", 0x3FF00000, 0x000FFC00, 0x000003FF, 0)
    header = struct.pack("<IiiHHIIiiII", 56, 4, 4, 1, 32, 3, 64, 0, 0, 0, 0) + masks
    return b"BM" + struct.pack("<IHHI", 70 + 64, 0, 0, 70) + header + bytes(64)


def test_whole_files_of_a_rare_kind_are_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.bmp").write_bytes(bitfields_bmp())
    with pytest.raises(InputError, match=r"rare kind that is not read.*save it as PNG"):
        read_image(tmp_path / "a.bmp")


def test_a_gif_without_its_pixels(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    PilImage.new("P", (8, 8)).save(buffer, "GIF")
    data = bytearray(buffer.getvalue())
    struct.pack_into("<HH", data, 6, 8000, 8000)
    struct.pack_into("<HH", data, data.index(b"\x2c\0\0\0\0") + 5, 8000, 8000)
    (tmp_path / "a.gif").write_bytes(data)
    with pytest.raises(InputError, match="more than a file of its size can hold"):
        read_image(tmp_path / "a.gif")
