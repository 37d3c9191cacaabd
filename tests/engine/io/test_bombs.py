"""Small files that ask for huge memory: refused in one sentence, before the memory is taken."""

from __future__ import annotations

import functools
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.io.depth_file import read_depth
from illustrators_depth.io.memory import physical_memory
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.types import Layer, LayerStack
from tests.end_to_end.bad_files import bomb_png
from tests.reliability.faults import run_cli

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@functools.cache
def zeros(size: int = 200_000_000) -> bytes:
    """That many zeros, deflated a thousandfold, without ever holding them."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def png(bits: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", 8, 8, bits, 2, 0, 0, 0)
    rows = zlib.compress(bytes(8 * (1 + 24 * bits // 8)))
    return b"".join(
        [_SIGNATURE, png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", rows),
         png_chunk(b"IEND", b"")]
    )  # fmt: skip


def ico() -> bytes:
    inner = bomb_png(20_000, 20_000)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + inner


def icns(side: int) -> bytes:
    inner = bomb_png(side, side)
    body = b"ic07" + struct.pack(">I", len(inner) + 8) + inner
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def patched(kind: str, mark: bytes, offset: int, form: str, side: int = 60_000) -> bytes:
    """A true 8x8 file of a kind, its sides overwritten."""
    buffer = io.BytesIO()
    PilImage.new("P" if kind == "GIF" else "RGB", (8, 8)).save(buffer, kind)
    data = bytearray(buffer.getvalue())
    struct.pack_into(form, data, data.index(mark) + offset, side, side)
    return bytes(data)


BOMBS: dict[str, Callable[[], bytes]] = {
    "inside.ico": ico,
    "inside.icns": lambda: icns(20_000),
    "screen.gif": lambda: patched("GIF", b"GIF8", 6, "<HH"),
    "frame.gif": lambda: patched("GIF", b"\x2c", 5, "<HH"),
    "size.bmp": lambda: patched("BMP", b"BM", 18, "<ii"),
    "size.jpg": lambda: patched("JPEG", b"\xff\xc0", 5, ">HH"),
    "size.ppm": lambda: b"P6 60000 60000 255\n" + bytes(99),
    "size.qoi": lambda: b"qoif" + struct.pack(">IIBB", 60_000, 60_000, 4, 0) + bytes(99),
    "within.jpg": lambda: patched("JPEG", b"\xff\xc0", 5, ">HH", 8_000),
    "profile.png": lambda: png(8, png_chunk(b"iCCP", b"x\0\0" + zeros())),
    "profile16.png": lambda: png(16, png_chunk(b"iCCP", b"x\0\0" + zeros())),
    "text.png": lambda: png(8, png_chunk(b"zTXt", b"illustrators-depth\0\0" + zeros())),
    "itext.png": lambda: png(8, png_chunk(b"iTXt", b"k\0\1\0\0\0" + zeros())),
}

MEASURED = """
import resource, sys
from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.io.depth_file import read_depth
import cv2, PIL.ImageCms
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    for read in (read_image, read_depth):
        try:
            read(path)
        except InputError as error:
            assert str(error).count("\\n") == 0 and len(str(error)) < 400, error
        else:
            raise SystemExit(f"{path} was read")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_pictures_are_refused_and_take_no_memory(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    for name, make in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    paths = [str(tmp_path / name) for name in BOMBS]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *paths], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout) < 60_000, "kB of memory were taken"


def _under_limit(megabytes: int, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line in a process that may take so much address space."""
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({megabytes} << 20,) * 2)"
    return run_cli(*arguments, cwd=cwd, before=limit)


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space")
@pytest.mark.parametrize("command", ["relief", "depth"])
def test_work_beyond_the_free_memory_is_refused_beforehand(tmp_path: Path, command: str) -> None:
    """A good file of 15 kB; the size that the sentence names is one that would be worked on."""
    PilImage.new("1", (5000, 6000), 1).save(tmp_path / "large.png")
    assert (tmp_path / "large.png").stat().st_size < 16_000
    done = _under_limit(1200, command, "large.png", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    said = re.fullmatch(
        r"Error: large\.png is 5000x6000, which takes some [\d.]+ GiB of memory, and [\d.]+ GiB "
        r"are free; scale it down to (\d+)x(\d+), or close other programs\.\n",
        done.stderr,
    )
    assert said, done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["large.png"]
    small = PilImage.new("RGB", (int(said[1]) // 2, int(said[2]) // 2), "white")
    small.paste("red", (100, 100, 400, 300))
    small.save(tmp_path / "small.png")
    fits = _under_limit(1200, command, "small.png", "-m", "heuristic", cwd=tmp_path)
    assert fits.returncode == 0, fits.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space")
def test_free_memory_minds_the_limit_of_the_process() -> None:
    code = (
        "import resource; from illustrators_depth.io.memory import available_memory as free\n"
        "before = free(); resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)\n"
        "print(before > 1 << 30, 1 << 29 < free() < 1 << 30)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[1] == "True"


def test_surplus_pixel_data_is_left_aside(tmp_path: Path) -> None:
    """An 8x8 picture whose pixels go on for 200 MB: only the first 8x8 are unpacked."""
    for bits in (8, 16):
        header = struct.pack(">IIBBBBB", 8, 8, bits, 2, 0, 0, 0)
        path = tmp_path / f"long{bits}.png"
        path.write_bytes(
            _SIGNATURE + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zeros())
            + png_chunk(b"IEND", b"")
        )  # fmt: skip
        assert read_image(path).rgba.shape == (8, 8, 4)
        assert read_depth(path).shape == (8, 8)


# ---- layer files ----------------------------------------------------------------------------


def one_layer(side: int = 2000) -> LayerStack:
    shape = (side, side)
    every = np.ones(shape, bool)
    layer = Layer.from_full("a", 1.0, (1, 1, 1), every, every, np.ones((*shape, 4), np.float32))
    return LayerStack(np.zeros(shape, np.int32), (layer,), "a")


def repeated(path: Path, times: int) -> Path:
    """The same layer listed so many times: 18 bytes a pixel each, from a few kB."""
    made = path.with_name("bomb.idl")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "stack.json":
                manifest = json.loads(data)
                manifest["layers"] *= times
                data = json.dumps(manifest).encode()
            target.writestr(source.getinfo(name), data)
    return made


def test_layers_beyond_this_machines_memory_are_refused_at_once(tmp_path: Path) -> None:
    path = repeated(save_stack(one_layer(), tmp_path / "a.idl"), 4000)
    assert path.stat().st_size < 3_000_000
    with pytest.raises(InputError, match=r"bomb\.idl asks for 268\.2 GiB of memory"):
        load_stack(path)


def test_the_bound_is_this_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from illustrators_depth.io.stack_file import reader

    memory = physical_memory()
    assert memory is not None
    assert 2**28 < memory < 2**50
    path = repeated(save_stack(one_layer(200), tmp_path / "a.idl"), 20)
    with pytest.raises(InputError, match="labels that are not"):  # but not for its size
        load_stack(path)
    monkeypatch.setattr(reader, "physical_memory", lambda: 10_000_000)
    with pytest.raises(InputError, match="asks for"):
        load_stack(path)
