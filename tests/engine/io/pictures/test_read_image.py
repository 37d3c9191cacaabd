"""read_image: every kind of file comes out as the same straight-alpha sRGB picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageOps

from illustrators_depth.errors import InputError
from illustrators_depth.io.color import linear_to_srgb
from illustrators_depth.io.pictures.exr import encode_exr
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.settings import ReadSettings
from illustrators_depth.types import Image

RED, GREEN = (230, 30, 40), (20, 160, 90)


def art(mode: str = "RGB") -> PilImage.Image:
    """A flat picture with large patches, so that lossy formats keep their colours."""
    pixels = np.zeros((48, 64, 3), np.uint8)
    pixels[:, :32], pixels[:, 32:], pixels[:16, :16] = RED, GREEN, (250, 240, 60)
    return PilImage.fromarray(pixels).convert(mode)


def rgb_bytes(image: Image) -> np.ndarray:
    return np.rint(image.rgba[..., :3] * 255).astype(int)


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".webp", ".gif", ".ppm", ".tga"])
def test_lossless_formats_agree(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    art().save(path, **({"lossless": True} if suffix == ".webp" else {}))
    image = read_image(path)
    assert image.name == "picture"
    assert image.rgba.dtype == np.float32
    assert np.array_equal(rgb_bytes(image), np.asarray(art()))
    assert (image.alpha == 1.0).all()


def test_jpeg_is_close(tmp_path: Path) -> None:
    art().save(tmp_path / "a.jpg", quality=95)
    got = rgb_bytes(read_image(str(tmp_path / "a.jpg")))
    assert np.abs(got - np.asarray(art()).astype(int)).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_orientation_is_applied(tmp_path: Path, suffix: str, orientation: int) -> None:
    exif = PilImage.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    art().save(path, exif=exif)
    with PilImage.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB")).astype(int)
    assert np.array_equal(rgb_bytes(read_image(path)), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_16_bit_png(tmp_path: Path, orientation: int) -> None:
    """Pixels come from OpenCV there, so the turning is ours."""
    path, exif = tmp_path / "a.png", PilImage.Exif()
    exif[0x0112] = orientation
    deep = np.asarray(art()).astype(np.uint16) * 257
    data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
    chunk = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    import struct
    import zlib

    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(data[:33] + chunk + data[33:])  # behind IHDR
    turned = art()
    turned.getexif()[0x0112] = orientation
    assert np.array_equal(
        rgb_bytes(read_image(path)), np.asarray(ImageOps.exif_transpose(turned)).astype(int)
    )


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV"]
)
def test_modes_of_pil_pictures(mode: str) -> None:
    picture = art().convert(mode) if mode != "PA" else art().convert("P").convert("PA")
    image = read_image(picture)
    expected = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(rgb_bytes(image) - expected).max() <= 1
    assert (image.alpha == 1.0).all()


def test_palette_transparency(tmp_path: Path) -> None:
    palette = art().convert("P", palette=PilImage.Palette.ADAPTIVE, colors=4)
    clear = palette.getpixel((40, 30))
    palette.save(tmp_path / "a.png", transparency=clear)
    alpha = read_image(tmp_path / "a.png").alpha
    assert alpha[30, 40] == 0.0
    assert alpha[30, 4] == 1.0


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    second = PilImage.new("RGB", (64, 48), (0, 0, 0))
    art().save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert np.array_equal(rgb_bytes(read_image(tmp_path / "a.gif")), np.asarray(art()))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_precision_is_kept(tmp_path: Path, suffix: str) -> None:
    ramp = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)
    deep = np.stack([ramp, ramp[::-1], ramp // 2, np.full_like(ramp, 65535)], axis=2)
    path = tmp_path / f"a{suffix}"
    assert cv2.imwrite(str(path), deep[..., [2, 1, 0, 3]])
    rgba = read_image(path).rgba
    assert np.abs(rgba - deep / 65535.0).max() < 1e-6
    cv2.imwrite(str(path), ramp)
    assert np.abs(read_image(path).rgba[..., 0] - ramp / 65535.0).max() < 1e-6


def test_16_bit_tiff_white_is_zero(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 64 * 48).astype(np.uint16).reshape(48, 64)
    PilImage.fromarray(ramp).save(tmp_path / "a.tif", tiffinfo={262: 0})
    assert np.abs(read_image(tmp_path / "a.tif").rgba[..., 0] - (1 - ramp / 65535.0)).max() < 1e-5


def test_float_tiff(tmp_path: Path) -> None:
    grey = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(48, 64)
    PilImage.fromarray(grey).save(tmp_path / "a.tif")
    assert np.allclose(read_image(tmp_path / "a.tif").rgba[..., 1], grey, atol=1e-6)


def test_exr_is_linear_and_premultiplied(tmp_path: Path) -> None:
    linear = np.zeros((5, 7, 4), np.float32)
    linear[..., :3], linear[..., 3] = (0.1, 0.2, 0.05), 0.5
    linear[0, 0] = (3.0, 0.5, 0.5, 1.0)  # a highlight is clipped
    (tmp_path / "a.exr").write_bytes(encode_exr(linear))
    rgba = read_image(tmp_path / "a.exr").rgba
    assert np.allclose(rgba[1, 1, :3], linear_to_srgb(np.array([0.2, 0.4, 0.1])), atol=1e-5)
    assert rgba[1, 1, 3] == 0.5
    assert rgba[0, 0, 0] == pytest.approx(1.0)


def test_exr_of_luminance_and_of_rgb(tmp_path: Path) -> None:
    grey = np.full((4, 6), 0.25, np.float32)
    (tmp_path / "y.exr").write_bytes(encode_exr(grey))
    (tmp_path / "rgb.exr").write_bytes(encode_exr(np.repeat(grey[..., None], 3, 2)))
    one, three = read_image(tmp_path / "y.exr"), read_image(tmp_path / "rgb.exr")
    assert np.allclose(one.rgba, three.rgba, atol=1e-6)
    assert np.allclose(one.rgba[..., 0], linear_to_srgb(np.float32([0.25]))[0], atol=1e-6)


@pytest.mark.parametrize("alpha", ["straight", "premultiplied"])
def test_alpha_is_read_as_told(alpha: str) -> None:
    pixels = np.full((4, 4, 4), 0.25, np.float32)
    pixels[..., 3] = 0.5
    rgba = read_image(pixels, ReadSettings(alpha=alpha)).rgba
    assert np.allclose(rgba[..., 0], 0.5 if alpha == "premultiplied" else 0.25)


def as_associated(path: Path) -> None:
    """Rewrite ExtraSamples (tag 338) from 2, straight, to 1, premultiplied: Pillow cannot."""
    entry = b"\x52\x01\x03\x00\x01\x00\x00\x00"
    data = path.read_bytes()
    assert data.count(entry + b"\x02") == 1
    path.write_bytes(data.replace(entry + b"\x02", entry + b"\x01"))


def test_tiff_associated_alpha_is_divided_out(tmp_path: Path) -> None:
    straight = np.zeros((8, 8, 4), np.uint8)
    straight[...] = (200, 100, 50, 128)
    stored = straight.copy()
    stored[..., :3] = np.rint(straight[..., :3] * (128 / 255))
    PilImage.fromarray(stored).save(tmp_path / "a.tif")
    as_associated(tmp_path / "a.tif")
    got = read_image(tmp_path / "a.tif").rgba * 255
    assert np.abs(got - straight).max() <= 2
    overruled = read_image(tmp_path / "a.tif", ReadSettings(alpha="straight")).rgba * 255
    assert np.abs(overruled - stored).max() <= 2
    PilImage.fromarray(straight).save(tmp_path / "b.tif")
    assert np.abs(read_image(tmp_path / "b.tif").rgba * 255 - straight).max() < 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, np.float16, bool])
@pytest.mark.parametrize("shape", [(6, 5), (6, 5, 1), (6, 5, 3), (6, 5, 4)])
def test_arrays(dtype: type, shape: tuple[int, ...]) -> None:
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    image = read_image(np.full(shape, top, dtype))
    assert image.rgba.shape == (6, 5, 4)
    assert (image.rgba == 1.0).all()


def test_an_image_passes_through() -> None:
    image = read_image(art())
    assert read_image(image) is image


def test_big_endian_and_strided_arrays() -> None:
    grey = np.arange(48, dtype=np.uint16).reshape(6, 8) * 1300
    swapped = grey.astype(">u2")[::-1, ::2]
    assert np.allclose(read_image(swapped).rgba[..., 0], grey[::-1, ::2] / 65535.0)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (np.zeros((4, 4), np.int32), "uint8"),
        (np.zeros((4, 4, 5), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.full((4, 4, 3), 255.0), "0..1"),
        (np.zeros((4, 4, 4), np.uint8), "fully transparent"),
    ],
)
def test_bad_arrays(bad: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_image(bad)


def test_other_things_are_refused() -> None:
    with pytest.raises(InputError, match="path, a PIL image"):
        read_image(42)  # type: ignore[arg-type]
