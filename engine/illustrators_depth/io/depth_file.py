"""Depth maps on disk: .npy and .exr and .tif hold float32, .png holds 16-bit steps.

A 16-bit PNG carries its range in a text chunk, so that it reads back in layer units (to within
1/65535 of the range); a PNG from elsewhere reads as 0..1. Larger is always nearer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError, check_kind
from ..settings import ReadSettings
from ..types import DepthMap
from .atomic import atomic_path
from .pictures.exr import decode_exr, encode_exr
from .pictures.exr_header import is_exr, read_exr_header
from .pictures.high_bit_depth import decode_high_bit_depth
from .pictures.picture_file import check_pixels, open_pillow, read_header
from .pictures.tiff_file import TIFF_MAGICS, read_tiff_header
from .user_path import check_suffix, user_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["DEPTH_SUFFIXES", "check_depth_suffix", "read_depth", "write_depth"]

DEPTH_SUFFIXES = (".npy", ".png", ".exr", ".tif", ".tiff")

_NPY_MAGIC = b"\x93NUMPY"
_TEXT_KEY = "illustrators-depth"  # PNG text chunk with the range, as JSON


def check_depth_suffix(path: str | Path) -> str:
    """The suffix of a depth file to write, lower case; InputError when it is not supported."""
    return check_suffix(path, DEPTH_SUFFIXES, "a depth map")


def write_depth(depth: DepthMap, path: str | Path, overwrite: bool = False) -> Path:
    """Write a depth map, float32 exactly for .npy, .exr and .tif, 16-bit for .png; atomic.

    Returns the path written. Raises InputError for another suffix and as `atomic_path` does.
    """
    check_kind(depth, DepthMap, "depth")
    final = user_path(path)
    suffix = check_depth_suffix(final)
    with atomic_path(final, overwrite) as temporary:
        if suffix == ".npy":
            with temporary.open("wb") as handle:
                np.save(handle, depth.values, allow_pickle=False)
        elif suffix == ".exr":
            temporary.write_bytes(encode_exr(depth.values))
        elif suffix == ".png":
            _write_png(depth, temporary)
        else:
            from PIL import Image as PilImage

            PilImage.fromarray(depth.values).save(
                temporary, format="TIFF", compression="tiff_adobe_deflate"
            )
    return final


def _write_png(depth: DepthMap, path: Path) -> None:
    from PIL import Image as PilImage
    from PIL.PngImagePlugin import PngInfo

    low, high = float(depth.values.min()), float(depth.values.max())
    steps = np.rint(depth.normalized().astype(np.float64) * 65535.0).astype(np.uint16)
    info = PngInfo()
    facts = {"min": low, "max": high, "predictor": depth.predictor, "nearer": "larger"}
    info.add_text(_TEXT_KEY, json.dumps(facts))
    PilImage.fromarray(steps).save(path, format="PNG", pnginfo=info)


def read_depth(path: str | Path) -> DepthMap:
    """Read a depth map from .npy, .exr, .tif or .png, told apart by content.

    Colour files are accepted when their channels are equal. Integer files without a recorded range
    read as 0..1.

    Returns:
        DepthMap: predictor "precomputed".

    Raises:
        InputError: missing, damaged, too large, not one channel, or with NaN or infinite values.
    """
    file = user_path(path)
    limit = ReadSettings().max_pixels
    head = read_header(file)
    if head.startswith(_NPY_MAGIC):
        values, scale = _read_npy(file, limit), (0.0, 1.0)
    elif is_exr(head):
        header = read_exr_header(file)
        check_pixels(file.name, header.width, header.height, limit, adjustable=False)
        check_pixels(file.name, header.largest_pixels, 1, limit, adjustable=False)
        values, scale = decode_exr(file, header), (0.0, 1.0)
    elif head[:4] in TIFF_MAGICS:
        tiff = read_tiff_header(file)
        check_pixels(file.name, tiff.width, tiff.height, limit, adjustable=False)
        values, scale = decode_high_bit_depth(file), (0.0, 1.0)
    else:
        values, scale = _read_picture(file, limit)
    plane = _one_channel(values, file)
    if np.issubdtype(plane.dtype, np.integer) and not head.startswith(_NPY_MAGIC):
        unit = plane / np.float64(np.iinfo(plane.dtype).max)
        plane = scale[0] + unit * (scale[1] - scale[0])
    plane = np.ascontiguousarray(plane, np.float32)
    bad = int(plane.size - np.count_nonzero(np.isfinite(plane)))
    if bad:
        raise InputError(
            f"{file.name} holds {bad} NaN or infinite values; replace them (for example with "
            "numpy.nan_to_num) and save again."
        )
    return DepthMap(plane, "precomputed", "none")


def _read_npy(file: Path, limit: int) -> NDArray[Any]:
    try:
        mapped = np.load(file, mmap_mode="r", allow_pickle=False)
    except MemoryError:
        raise
    except Exception as error:  # a header is a Python expression: damaged, it raises many kinds
        raise InputError(
            f"{file.name} is damaged or not a plain NumPy array; save the depth with numpy.save."
        ) from error
    if mapped.ndim not in (2, 3) or 0 in mapped.shape:
        raise InputError(f"{file.name} has shape {mapped.shape}; a depth map is HxW.")
    if not (np.issubdtype(mapped.dtype, np.floating) or np.issubdtype(mapped.dtype, np.integer)):
        raise InputError(f"{file.name} is of type {mapped.dtype}; a depth map is float32 HxW.")
    check_pixels(file.name, mapped.shape[1], mapped.shape[0], limit, adjustable=False)
    return np.array(mapped)


def _read_picture(file: Path, limit: int) -> tuple[NDArray[Any], tuple[float, float]]:
    with open_pillow(file, limit, adjustable=False) as picture:
        scale = (0.0, 1.0)
        range_text = picture.info.get(_TEXT_KEY)
        if isinstance(range_text, str):
            try:
                facts = json.loads(range_text)
                scale = (float(facts["min"]), float(facts["max"]))
            except (ValueError, KeyError, TypeError):
                scale = (0.0, 1.0)
        picture.load()
        if picture.mode == "I":  # what older Pillow makes of 16-bit greyscale PNG
            return np.asarray(picture).astype(np.uint16), scale
        if picture.mode in ("P", "1", "CMYK"):
            picture = picture.convert("RGB")
        return np.asarray(picture), scale


def _one_channel(values: NDArray[Any], file: Path) -> NDArray[Any]:
    if values.ndim == 2:
        return values
    if values.shape[2] == 1:
        return values[..., 0]
    color = values[..., :1] if values.shape[2] == 2 else values[..., :3]  # alpha is left aside
    if not (color == color[..., :1]).all():
        raise InputError(
            f"{file.name} is a colour picture, not a depth map; give a greyscale file, larger = "
            "nearer."
        )
    return color[..., 0]
