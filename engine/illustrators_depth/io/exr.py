"""OpenEXR through OpenCV, behind a look at the header.

OpenCV decodes the pixels; the header is read here first because OpenCV tells neither the size
before it allocates nor the display window. Format: openexr.com, "OpenEXR File Layout".
"""

from __future__ import annotations

import os
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .suppress_output import decode_quietly, quiet_opencv

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["EXR_MAGIC", "ExrHeader", "decode_exr", "encode_exr", "is_exr", "read_exr_header"]

EXR_MAGIC = b"\x76\x2f\x31\x01"
_MAX_HEADER = 1 << 20
_ENABLE = "OPENCV_IO_ENABLE_OPENEXR"  # OpenCV keeps EXR switched off unless this is set


@dataclass(frozen=True)
class ExrHeader:
    """What must be known before decoding: windows as (x0, y0, x1, y1), inclusive; channels."""

    data_window: tuple[int, int, int, int]
    display_window: tuple[int, int, int, int]
    channels: tuple[str, ...]

    @property
    def width(self) -> int:
        return self.display_window[2] - self.display_window[0] + 1

    @property
    def height(self) -> int:
        return self.display_window[3] - self.display_window[1] + 1

    @property
    def largest_pixels(self) -> int:
        """Pixels of the larger of the two windows: what decoding may have to hold."""
        x0, y0, x1, y1 = self.data_window
        return max((x1 - x0 + 1) * (y1 - y0 + 1), self.width * self.height)


def is_exr(head: bytes) -> bool:
    """Whether a file's first bytes are OpenEXR's."""
    return head[:4] == EXR_MAGIC


def read_exr_header(path: Path) -> ExrHeader:
    """Read the first header of an EXR file; InputError when it is broken."""
    with path.open("rb") as handle:
        data = handle.read(_MAX_HEADER)
    broken = InputError(f"{path.name} is truncated or not a valid OpenEXR file; export it again.")
    if data[:4] != EXR_MAGIC or len(data) < 8:
        raise broken
    attributes: dict[str, bytes] = {}
    at = 8
    try:
        while data[at] != 0:
            name_end = data.index(b"\0", at)
            type_end = data.index(b"\0", name_end + 1)
            (size,) = struct.unpack_from("<I", data, type_end + 1)
            value_at = type_end + 5
            if value_at + size > len(data):
                raise broken
            name = data[at:name_end].decode("latin-1")
            attributes[name] = data[value_at : value_at + size]
            at = value_at + size
        data_window = struct.unpack("<4i", attributes["dataWindow"])
        display_window = struct.unpack("<4i", attributes["displayWindow"])
        channels = _channel_names(attributes["channels"])
    except (IndexError, ValueError, KeyError, struct.error) as error:
        raise broken from error
    for x0, y0, x1, y1 in (data_window, display_window):
        if x1 < x0 or y1 < y0:
            raise InputError(f"{path.name} has no pixels; export it again.")
    return ExrHeader(data_window, display_window, channels)


def _channel_names(chlist: bytes) -> tuple[str, ...]:
    names = []
    at = 0
    while chlist[at] != 0:
        end = chlist.index(b"\0", at)
        names.append(chlist[at:end].decode("latin-1"))
        at = end + 1 + 16  # pixel type, linearity and reserved, x and y sampling
    return tuple(names)


def decode_exr(path: Path, header: ExrHeader) -> NDArray[np.float32]:
    """Decode to float32, (H, W) for one channel, (H, W, 3) RGB or (H, W, 4) RGBA, in file values.

    The result covers the display window; what the file does not hold there is 0.
    Raises InputError when the pixels cannot be decoded.
    """

    if not {"Y", "R", "G", "B"} & set(header.channels):
        some = ", ".join(header.channels[:4]) or "none"
        raise InputError(
            f"{path.name} has no plain R, G, B or Y channels (it has {some}); save the picture "
            "itself as a single-layer EXR or as PNG."
        )
    os.environ[_ENABLE] = "1"
    pixels = decode_quietly(path)
    if pixels is None:
        raise InputError(
            f"{path.name} is damaged or truncated, or uses an unsupported kind of EXR; export it "
            "again as a single-layer scan-line EXR."
        )
    values: NDArray[np.float32] = np.asarray(pixels, np.float32)
    if values.ndim == 3:
        values = values[..., [2, 1, 0, 3] if values.shape[2] == 4 else [2, 1, 0]]
    return _in_display_window(values, header)


def _in_display_window(pixels: NDArray[np.float32], header: ExrHeader) -> NDArray[np.float32]:
    if header.data_window == header.display_window:
        return np.ascontiguousarray(pixels)
    x0, y0, x1, y1 = header.data_window
    left, top, right, bottom = header.display_window
    frame = np.zeros((header.height, header.width, *pixels.shape[2:]), np.float32)
    # The overlap of both windows, in absolute coordinates.
    ax, ay, bx, by = max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)
    if ax <= bx and ay <= by:
        frame[ay - top : by - top + 1, ax - left : bx - left + 1] = pixels[
            ay - y0 : by - y0 + 1, ax - x0 : bx - x0 + 1
        ]
    return frame


def encode_exr(values: NDArray[np.float32]) -> bytes:
    """Encode float32 (H, W) as channel Y, or (H, W, 3 or 4) RGB(A), as 32-bit float EXR.

    Raises InputError when the disk that OpenCV encodes on has no room.
    """
    import cv2

    os.environ[_ENABLE] = "1"
    pixels = values
    if values.ndim == 3:
        pixels = values[..., [2, 1, 0, 3]] if values.shape[2] == 4 else values[..., ::-1]
    kind = [cv2.IMWRITE_EXR_TYPE, cv2.IMWRITE_EXR_TYPE_FLOAT]
    with quiet_opencv():
        done, data = cv2.imencode(".exr", np.ascontiguousarray(pixels), kind)
    if not done:
        raise InputError(  # OpenCV goes through a temporary file
            "The EXR file could not be encoded; see that the disk is not full that holds "
            f"the temporary folder {tempfile.gettempdir()}, and try again."
        )
    return data.tobytes()
