"""PNG files made by hand, after the specification: what no library writes, and known pixels."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def rows(samples: np.ndarray, bits: int) -> bytes:
    """Samples (H, W, C), packed and deflated, without filters."""
    height = samples.shape[0]
    if bits == 16:
        lines = [line.astype(">u2").tobytes() for line in samples]
    else:
        unpacked = (
            (samples.reshape(height, -1)[..., None].astype(int) >> np.arange(bits - 1, -1, -1)) & 1
        ).astype(np.uint8)
        lines = [np.packbits(line.ravel()).tobytes() for line in unpacked]
    return zlib.compress(b"".join(b"\0" + line for line in lines))


def write_png(
    path: Path,
    samples: np.ndarray,
    bits: int,
    color_type: int,
    *before: tuple[bytes, bytes],
    animated: bool = False,
) -> Path:
    """Write samples (H, W, C) with more chunks before the pixels; animated ones get two frames."""
    height, width = samples.shape[:2]
    packed = rows(samples, bits)
    parts = [b"\x89PNG\r\n\x1a\n",
             chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)),
             *(chunk(kind, data) for kind, data in before)]  # fmt: skip
    control = struct.pack(">IIIIHHBB", width, height, 0, 0, 1, 10, 0, 0)
    if animated:
        parts += [chunk(b"acTL", struct.pack(">II", 2, 0))]
        parts += [chunk(b"fcTL", struct.pack(">I", 0) + control)]
    parts += [chunk(b"IDAT", packed)]
    if animated:
        parts += [chunk(b"fcTL", struct.pack(">I", 1) + control)]
        parts += [chunk(b"fdAT", struct.pack(">I", 2) + rows(samples[::-1], bits))]
    path.write_bytes(b"".join([*parts, chunk(b"IEND", b"")]))
    return path
