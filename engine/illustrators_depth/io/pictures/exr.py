"""OpenEXR pixels: decoded by the OpenEXR library, encoded by OpenCV.

OpenCV's own decoder ends the process on some valid files, so it is never given one.
Formats: openexr.com, "Technical Introduction" (channels, luminance/chroma images, chromaticities).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...errors import InputError, UnavailableError, is_out_of_memory
from ..color.primaries import REC_709, conversion_matrix, luminance_weights
from ..suppress_output import quiet_libraries, quiet_opencv
from .exr_header import ExrChannel, ExrHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_exr", "encode_exr"]

_ENABLE = "OPENCV_IO_ENABLE_OPENEXR"  # OpenCV keeps EXR switched off unless this is set
_COLOR, _CHROMA = ("R", "G", "B"), ("RY", "BY")


def decode_exr(path: Path, header: ExrHeader) -> NDArray[np.float32]:
    """Decode to float32 in file values: (H, W) for luminance alone, else (H, W, 3 or 4) RGB(A).

    Unsigned integers are read as the numbers they are; what is full for them no file says.
    Luminance/chroma images become RGB, and colours of other chromaticities those of Rec. 709 (as
    sRGB has them). The result covers the display window; what the file does not hold there is 0.

    Raises InputError when the pixels cannot be decoded, UnavailableError without the library.
    """
    names = set(header.channels)
    if header.deep:
        raise InputError(
            f"{path.name} is a deep EXR, with many samples at each pixel; flatten it and save it "
            "as a plain EXR or as PNG."
        )
    if not {"Y", *_COLOR} & names:
        listed = ", ".join(header.channels[:4]) or "none"
        raise InputError(
            f"{path.name} has no plain R, G, B or Y channels (it has {listed}); save the picture "
            "itself as a single-layer EXR or as PNG."
        )
    color = [name for name in _COLOR if name in names]
    names_to_read = color or ["Y", *(name for name in _CHROMA if set(_CHROMA) <= names)]
    if "A" in names:
        names_to_read = [*names_to_read, "A"]
    planes = _read_channels(path, header, names_to_read)
    if list(planes) == ["Y"]:
        return _in_display_window(planes["Y"], header)
    return _in_display_window(_to_rgba(planes, header), header)


def _read_channels(
    path: Path, header: ExrHeader, names: list[str]
) -> dict[str, NDArray[np.float32]]:
    """Channels by name, float32 of the data window's size."""
    try:
        import OpenEXR
    except ImportError as error:
        raise UnavailableError(
            f"{path.name} is an EXR file, and reading one needs the package OpenEXR, which cannot "
            f"be loaded here ({error}); save the picture as PNG, or run `pip install openexr`."
        ) from error
    layout = {channel.name: channel for channel in header.layout}
    try:
        with quiet_libraries():
            file = OpenEXR.InputFile(str(path))
            try:
                return {name: _plane(file.channel(name), layout[name], header) for name in names}
            finally:
                file.close()
    except MemoryError:
        raise
    except Exception as error:  # the library raises many kinds
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise InputError(
            f"{path.name} is damaged or truncated, or uses an unsupported kind of EXR; export it "
            "again as a single-layer scan-line EXR."
        ) from error


def _plane(data: bytes, channel: ExrChannel, header: ExrHeader) -> NDArray[np.float32]:
    """One channel as float32 of the data window's size; samples left out are interpolated.

    Args:
        data: its samples in rows, as the library gives them.
        channel: their type, and which rows and columns have one.
        header: of the file.
    """
    x0, y0, x1, y1 = header.data_window
    columns = _sampled(x0, x1, channel.x_sampling)
    rows = _sampled(y0, y1, channel.y_sampling)
    samples = np.frombuffer(data, channel.sample_type).reshape(len(rows), len(columns))
    samples = samples.astype(np.float32)
    if channel.x_sampling > 1:
        samples = _interpolated(samples, columns, np.arange(x0, x1 + 1), 1)
    if channel.y_sampling > 1:
        samples = _interpolated(samples, rows, np.arange(y0, y1 + 1), 0)
    return samples


def _sampled(first: int, last: int, sampling: int) -> NDArray[np.int64]:
    """Coordinates from `first` to `last` that have samples: the multiples of `sampling`."""
    return np.arange(-(-first // sampling) * sampling, last + 1, sampling)


def _interpolated(
    samples: NDArray[np.float32], sampled: NDArray[np.int64], targets: NDArray[np.int64], axis: int
) -> NDArray[np.float32]:
    """Samples at coordinates `targets` along an axis, linear between those at `sampled`.

    Args:
        samples: float32 (rows, columns), of which `axis` has one for each of `sampled`.
        sampled, targets: rising; a target outside of all samples takes the nearest one.
        axis: 0 or 1.
    """
    place = np.interp(targets, sampled, np.arange(len(sampled)))
    low = np.minimum(place.astype(np.int64), len(sampled) - 1)
    high = np.minimum(low + 1, len(sampled) - 1)
    weight = (place - low).astype(np.float32)
    weight = weight[None, :] if axis == 1 else weight[:, None]
    return samples.take(low, axis) * (1 - weight) + samples.take(high, axis) * weight


def _to_rgba(planes: dict[str, NDArray[np.float32]], header: ExrHeader) -> NDArray[np.float32]:
    """RGB or RGBA from colour, luminance or luminance/chroma planes; a lacking colour is 0."""
    primaries = header.chromaticities or REC_709
    height, width = header.data_size
    pixels = np.zeros((height, width, 4 if "A" in planes else 3), np.float32)
    if "RY" in planes:
        luma = planes["Y"]
        red, green, blue = luminance_weights(primaries)
        pixels[..., 0] = (planes["RY"] + 1.0) * luma
        pixels[..., 2] = (planes["BY"] + 1.0) * luma
        pixels[..., 1] = (luma - red * pixels[..., 0] - blue * pixels[..., 2]) / green
    elif "Y" in planes:
        pixels[..., :3] = planes["Y"][..., None]
    else:
        for number, name in enumerate(_COLOR):
            if name in planes:
                pixels[..., number] = planes[name]
    if "A" in planes:
        pixels[..., 3] = planes["A"]
    matrix = None if "Y" in planes and "RY" not in planes else conversion_matrix(primaries)
    if matrix is not None:
        pixels[..., :3] = pixels[..., :3] @ matrix.T
    return pixels


def _in_display_window(pixels: NDArray[np.float32], header: ExrHeader) -> NDArray[np.float32]:
    """Pixels (h, w) or (h, w, n) of the data window in the display window; 0 elsewhere."""
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
