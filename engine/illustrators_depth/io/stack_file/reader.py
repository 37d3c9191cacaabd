"""Reads `.idl` files, which may come from strangers, into layer stacks.

Nothing is extracted to the disk, no pickle is read, and every size is bounded before memory is
taken. What a file must keep to besides is in `checks`.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ...progress import Progress
from ...settings import ReadSettings
from ...types import Layer, LayerStack, Outline
from ..memory import physical_memory
from ..user_path import user_path
from .array_codec import decode_plane
from .checks import (
    check_entry,
    check_labels,
    check_meta,
    check_pixels_of_layer,
    check_text,
    unique_uids,
)
from .layout import FORMAT_NAME, FORMAT_VERSION, MANIFEST_MEMBER, MAX_LAYERS
from .outline_codec import decode_outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["load_stack"]

_MAX_MANIFEST_BYTES = 16 << 20
_MAX_DECODED_BYTES = 32 << 30  # of all arrays of one file
_BYTES_PER_PIXEL = 18  # of a layer: four floats and two masks
_MAX_PLANE_OVERHEAD_BYTES = 64 << 10  # of PNG or NPY beyond the raw array
# Members of one layer: two masks, colour, alpha, outline; and a few for the whole file.
_MAX_MEMBERS = 5 * MAX_LAYERS + 16


def load_stack(
    path: str | Path, max_pixels: int | None = None, progress: Progress | None = None
) -> LayerStack:
    """Read an `.idl` file.

    Args:
        path: the file.
        max_pixels: pictures with more pixels are refused; ReadSettings' limit by default.
        progress: called with ("load", fraction).

    Raises:
        InputError: missing, damaged, of a newer version, or larger than it may be.
    """
    file = user_path(path)
    limit = max_pixels or ReadSettings().max_pixels
    if not file.is_file():
        raise InputError(f"There is no layer file {file}; check the path.")
    try:
        with zipfile.ZipFile(file) as archive:
            return _Reader(archive, file.name).stack(limit, progress)
    except InputError:
        raise
    except PermissionError as error:
        raise InputError(f"{file} cannot be read; check its permissions and try again.") from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,  # a wrong password flag; RecursionError of nested JSON
    ) as error:
        raise InputError(
            f"{file.name} is damaged or not a layer file (.idl); save the layers again."
        ) from error
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"{file.name} is damaged: its list of contents makes no sense; save the layers again."
        ) from error


class _Reader:
    """Reads members of an untrusted archive within the bounds that the manifest implies."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._archive = archive
        self._file = name
        infos = archive.infolist()
        if len(infos) > _MAX_MEMBERS:
            raise self._refuse(f"holds {len(infos)} members")
        self._infos: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            if info.filename in self._infos:
                raise self._refuse(f"holds {info.filename!r} twice")
            if info.flag_bits & 0x1:
                raise self._refuse("is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refuse("uses an unexpected compression")
            parts = info.filename.replace("\\", "/").split("/")
            if ".." in parts or parts[0] == "" or ":" in info.filename:
                raise self._refuse(f"holds a member called {info.filename[:60]!r}")
            self._infos[info.filename] = info

    def _refuse(self, why: str) -> InputError:
        return InputError(f"{self._file} {why}: this is not a layer file (.idl) to be trusted.")

    def _read(self, name: str, limit: int) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise self._refuse(f"lacks its member {name[:60]!r}")
        if info.file_size > limit:
            raise self._refuse(f"holds {name[:60]!r} of {info.file_size} bytes, {limit} at most")
        with self._archive.open(info) as handle:
            data = handle.read(limit + 1)
        if len(data) > limit:
            raise self._refuse(f"holds {name[:60]!r} that is larger than it says")
        return data

    def _check_memory(self, size: int) -> None:
        """Refuse a file that asks for more memory than there is, before any of it is taken."""
        limit = min(_MAX_DECODED_BYTES, physical_memory() or _MAX_DECODED_BYTES)
        if size > limit:
            raise self._refuse(
                f"asks for {size / 2**30:.1f} GiB of memory, {limit / 2**30:.1f} GiB at most"
            )

    def _window(self, entry: dict[str, Any], height: int, width: int) -> tuple[int, int, int, int]:
        top, left, bottom, right = (int(v) for v in entry["window"])
        if not (0 <= top < bottom <= height and 0 <= left < right <= width):
            raise self._refuse("has a layer outside its picture")
        return top, left, bottom, right

    def _plane(self, name: Any, shape: tuple[int, ...], dtype: type[np.generic]) -> NDArray[Any]:
        if not isinstance(name, str):
            raise TypeError("member name")
        size = math.prod(shape) * np.dtype(dtype).itemsize
        data = self._read(name, size + _MAX_PLANE_OVERHEAD_BYTES)
        return decode_plane(data, Path(name).suffix, shape, dtype, self._file)

    def stack(self, limit: int, progress: Progress | None) -> LayerStack:
        manifest = json.loads(self._read(MANIFEST_MEMBER, _MAX_MANIFEST_BYTES).decode("utf-8"))
        if manifest["format"] != FORMAT_NAME:
            raise self._refuse("is of another kind")
        if manifest["version"] != FORMAT_VERSION:
            raise InputError(
                f"{self._file} is of format version {manifest['version']}, this program reads "
                f"version {FORMAT_VERSION}; update it."
            )
        height, width = manifest["height"], manifest["width"]
        if not (isinstance(height, int) and isinstance(width, int)):
            raise TypeError("size")
        if height < 1 or width < 1 or height * width > limit:
            raise self._refuse(f"claims a picture of {width}x{height} pixels")
        entries = manifest["layers"]
        if not isinstance(entries, list) or len(entries) > MAX_LAYERS:
            raise self._refuse(f"lists more than {MAX_LAYERS} layers")
        windows = [self._window(entry, height, width) for entry in entries]
        pixels = sum((bottom - top) * (right - left) for top, left, bottom, right in windows)
        self._check_memory(_BYTES_PER_PIXEL * pixels + 4 * height * width)
        labels = self._plane(manifest["labels"], (height, width), np.int32)
        if labels.min() < -1 or labels.max() >= len(entries):
            raise self._refuse("has labels without a layer")
        try:
            return self._checked_stack(manifest, labels, progress)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise self._refuse(str(error)) from error

    def _checked_stack(
        self, manifest: dict[str, Any], labels: NDArray[np.int32], progress: Progress | None
    ) -> LayerStack:
        """Everything but sizes, against the format's page; raises ValueError."""
        entries, name = manifest["layers"], manifest["name"]
        check_text(name, "a name")
        meta = check_meta(manifest["meta"])
        for entry in entries:
            check_entry(entry)
        uids = unique_uids([entry.get("uid", 0) for entry in entries])
        layers = []
        for i, (entry, uid) in enumerate(zip(entries, uids, strict=True)):
            if progress:
                progress("load", i / len(entries))
            layers.append(self._layer(entry, uid, labels.shape))
        check_labels(labels, layers)
        return LayerStack(labels, tuple(layers), name, meta)

    def _layer(self, entry: dict[str, Any], uid: int, frame: tuple[int, ...]) -> Layer:
        red, green, blue = (float(c) for c in entry["color"])
        height, width = frame
        top, left, bottom, right = self._window(entry, height, width)
        size = (bottom - top, right - left)
        rgb = self._plane(entry["rgb"], (*size, 3), np.float32)
        alpha = self._plane(entry["alpha"], size, np.float32)
        rgba = np.concatenate([rgb, alpha[..., None]], axis=2)
        check_pixels_of_layer(rgba)
        return Layer(
            name=entry["name"],
            depth=float(entry["depth"]),
            color=(red, green, blue),
            frame=(height, width),
            window=(top, left, bottom, right),
            visible_crop=self._plane(entry["visible"], size, np.bool_),
            mask_crop=self._plane(entry["mask"], size, np.bool_),
            rgba_crop=rgba,
            hidden=entry["hidden"],
            uid=uid,
            confidence=self._confidence(entry.get("confidence")),
            group=tuple(entry.get("group", ())),
            blend=entry.get("blend", "normal"),
            outline=self._outline(entry.get("outline"), (height, width)),
        )

    def _outline(self, entry: Any, frame: tuple[int, int]) -> Outline | None:
        if entry is None:
            return None
        return decode_outline(
            entry, frame, lambda name, shape: self._plane(name, shape, np.float32)
        )

    def _confidence(self, value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise self._refuse("holds a confidence that is no number from 0 to 1")
        return float(value)
