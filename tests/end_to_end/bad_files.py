"""Bad pictures, made on the spot, each with the words its one sentence must hold."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as PilImage

from illustrators_depth.io.pictures.exr import encode_exr

__all__ = ["BAD", "bomb_png"]


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def bomb_png(width: int, height: int, bits: int = 8) -> bytes:
    """A small, valid file that claims a huge picture: its pixels are a few kB of zeros."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    rows = zlib.compress(bytes(width * bits // 8 + 1) * min(height, 2000), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", rows)
        + _png_chunk(b"IEND", b"")
    )


def _textured(mode: str = "RGB") -> PilImage.Image:
    rng = np.random.default_rng(0)
    return PilImage.fromarray(rng.integers(0, 256, (64, 64, 3), np.uint8)).convert(mode)


def _cut(path: Path, keep: float = 0.5) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])


def _truncated(suffix: str, keep: float = 0.5) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        _textured().save(path)
        _cut(path, keep)

    make.__name__ = f"truncated_{suffix}"
    return make


def _truncated_16_bit(path: Path) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (64, 64, 3)).astype(np.uint16)
    path.write_bytes(cv2.imencode(path.suffix, deep)[1].tobytes())
    _cut(path)


def _exr(value: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        pixels = np.full((8, 8, 3), 0.5, np.float32)
        pixels[2, 3, 1] = value
        path.write_bytes(encode_exr(pixels))

    return make


def _truncated_exr(keep: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        _exr(0.5)(path)
        _cut(path, keep)

    return make


def _exr_window(x1: int, y1: int) -> Callable[[Path], None]:
    """An EXR whose header claims another size."""

    def make(path: Path) -> None:
        data = encode_exr(np.zeros((8, 8, 3), np.float32))
        good = struct.pack("<4i", 0, 0, 7, 7)
        assert data.count(good) == 2  # data and display window
        path.write_bytes(data.replace(good, struct.pack("<4i", 0, 0, x1, y1)))

    return make


def _tiff_bomb(path: Path) -> None:
    """A 16-bit TIFF of one strip whose directory claims 30000 x 30000."""
    tags = [(256, 30000), (257, 30000), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1),
            (278, 30000), (279, 16)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    path.write_bytes(b"II*\0" + struct.pack("<I", 24) + bytes(16) + directory)


def _zero_sized_png(path: Path) -> None:
    path.write_bytes(bomb_png(0, 10))


def _zero_sized_gif(path: Path) -> None:
    path.write_bytes(b"GIF89a" + struct.pack("<HHBBB", 0, 0, 0, 0, 0) + b"\x3b")


def _write(data: bytes) -> Callable[[Path], None]:
    return lambda path: path.write_bytes(data) and None


def _clear(path: Path) -> None:
    PilImage.new("RGBA", (32, 32), (200, 10, 10, 0)).save(path)


# Case -> (file name, how to make it, words of the message).
BAD: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "missing": ("missing.png", lambda _: None, "no file"),
    "empty": ("empty.png", _write(b""), "is empty"),
    "folder": ("folder.png", lambda path: path.mkdir(), "is a folder"),
    "text": ("text.png", _write(b"hello, this is not a picture\n" * 9), "not a picture"),
    "random bytes": ("noise.jpg", _write(bytes(range(256)) * 20), "not a picture"),
    "html": ("page.png", _write(b"<!DOCTYPE html><html></html>"), "not a picture"),
    "svg": ("art.svg", _write(b"<?xml version='1.0'?>\n<svg xmlns='x'/>"),
            "SVG.*PNG first|art.svg (is not read|holds layers)"),
    "svg named png": ("art.png", _write(b"<svg xmlns='x'></svg>"), "SVG.*PNG first"),
    "pdf": ("page.pdf", _write(b"%PDF-1.7\n"), "PDF.*PNG"),
    "heic": ("photo.heic", _write(b"\0\0\0\x18ftypheic\0\0\0\0"), "HEIC.*PNG"),
    "video": ("clip.mp4", _write(b"\0\0\0\x18ftypisom\0\0\0\0"), "video.*frame"),
    "zip": ("art.zip", _write(b"PK\x03\x04" + bytes(60)), "zip archive"),
    "blend": ("scene.blend", _write(b"BLENDER-v405" + bytes(60)), "render or save it"),
    "truncated png": ("cut.png", _truncated("png"), "truncated"),
    "truncated png header": ("cut-header.png", _truncated("png", 0.003), "not a picture|truncated"),
    "truncated jpeg": ("cut.jpg", _truncated("jpg"), "truncated"),
    "truncated webp": ("cut.webp", _truncated("webp"), "truncated|not a picture"),
    "truncated gif": ("cut.gif", _truncated("gif"), "truncated"),
    "truncated bmp": ("cut.bmp", _truncated("bmp"), "truncated"),
    "truncated tiff": ("cut.tif", _truncated("tif"), "truncated"),
    "truncated 16-bit png": ("deep.png", _truncated_16_bit, "truncated"),
    "truncated 16-bit tiff": ("deep.tif", _truncated_16_bit, "truncated"),
    "truncated exr": ("cut.exr", _truncated_exr(0.9), "truncated"),
    "cut exr header": ("cut2.exr", _truncated_exr(0.1), "truncated"),
    "exr magic only": ("magic.exr", _write(b"\x76\x2f\x31\x01"), "truncated"),
    "zero-sized png": ("zero.png", _zero_sized_png, "no pixels|not a picture|damaged"),
    "zero-sized gif": ("zero.gif", _zero_sized_gif, "no pixels|not a picture|damaged"),
    "zero-sized exr": ("zero.exr", _exr_window(-1, 7), "no pixels"),
    "bomb": ("bomb.png", _write(bomb_png(20_000, 20_000)), "(?i)400 million.*max.pixels"),
    "16-bit bomb": (
        "bomb16.png",
        _write(bomb_png(20_000, 20_000, 16)),
        "(?i)400 million.*max.pixels",
    ),
    "exr bomb": ("bomb.exr", _exr_window(19_999, 19_999), "20000x20000 pixels.*can hold"),
    "tiff bomb": ("bomb.tif", _tiff_bomb, "(?i)900 million.*max.pixels"),
    "nan exr": ("nan.exr", _exr(float("nan")), "1 NaN or infinite"),
    "inf exr": ("inf.exr", _exr(float("inf")), "1 NaN or infinite"),
    "fully transparent": ("clear.png", _clear, "fully transparent"),
}  # fmt: skip
