"""Layer stacks on disk: `.idl`, a zip of one JSON file and PNG or NPY members.

The format is described in docs/idl-format.md. It round-trips exactly. A file from elsewhere is
untrusted: nothing is extracted to the disk, no pickle is read, and every size is bounded before
memory is taken.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..array_cache import ArrayCache
from ..errors import InputError, check_kind
from ..progress import Progress
from ..settings import ReadSettings
from ..threads import parallel_map
from ..types import Layer, LayerStack, Outline
from .array_codec import decode_plane, encode_plane
from .atomic import atomic_path
from .memory import physical_memory
from .outline_codec import decode_outline, encode_outline
from .stack_checks import (
    check_entry,
    check_labels,
    check_meta,
    check_pixels_of_layer,
    check_text,
    unique_uids,
)
from .user_path import user_path

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FORMAT_VERSION", "load_stack", "save_stack"]

FORMAT_VERSION = 1
_MANIFEST = "stack.json"
_MIMETYPE = "application/x-illustrators-depth"
_MAX_LAYERS = 4096
_MAX_MANIFEST = 16 << 20
_MAX_DECODED = 32 << 30  # bytes of arrays that one file may ask for
_BYTES_PER_PIXEL = 18  # of a layer: four floats and two masks
_ENCODERS = 4
_PLANE_HEADER = 64 << 10  # PNG or NPY overhead beyond the raw array


def save_stack(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    progress: Progress | None = None,
    planes: ArrayCache | None = None,
) -> Path:
    """Write a stack as `.idl`, atomically; `load_stack` gives back the same values.

    `planes` remembers encoded arrays, so that saving a stack again after an edit encodes only what
    the edit changed.

    Returns the path written. Raises InputError for another suffix, for a `meta` that is not
    JSON-able, and as `atomic_path` does.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    final = user_path(path)
    if final.suffix.lower() != ".idl":
        raise InputError(f"{final.name}: a layer stack is saved as .idl; choose that ending.")
    with (
        atomic_path(final, overwrite) as temporary,
        zipfile.ZipFile(temporary, "w") as archive,
    ):
        members = _Writer(archive, ArrayCache() if planes is None else planes)
        members.encode(stack.layers)
        members.write("mimetype", _MIMETYPE.encode(), zipfile.ZIP_STORED)
        entries = []
        labels = members.add("labels", stack.labels)
        for i, layer in enumerate(stack.layers):
            if progress:
                progress("save", i / len(stack.layers))
            entries.append(_layer_entry(members, i, layer))
        manifest = {
            "format": "illustrators-depth-layers",
            "version": FORMAT_VERSION,
            "name": stack.name,
            "height": stack.height,
            "width": stack.width,
            "labels": labels,
            "layers": entries,
            "meta": stack.meta,
        }
        try:
            text = json.dumps(manifest, indent=1, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"The stack's meta cannot be saved as JSON ({error}); keep plain values in it."
            ) from error
        members.write(_MANIFEST, text.encode(), zipfile.ZIP_DEFLATED)
    return final


class _Writer:
    """Puts planes into the archive under names that tell their encoding."""

    def __init__(self, archive: zipfile.ZipFile, planes: ArrayCache) -> None:
        self._archive = archive
        self._planes = planes

    def encode(self, layers: Sequence[Layer]) -> None:
        """Encode layers' planes ahead, some at a time: the encoder lets go of Python's lock."""
        pixels = sum(layer.mask_crop.size for layer in layers)
        for _ in parallel_map(self._encode_layer, layers, pixels, _ENCODERS):
            pass

    def _encode_layer(self, layer: Layer) -> None:
        for array, channels in _planes_of(layer).values():
            self._encoded(array, channels)

    def _encoded(self, array: NDArray[Any], channels: slice | int | None) -> tuple[bytes, str]:
        part = array if channels is None else array[..., channels]
        return self._planes.get(
            array, ("plane", str(channels)), lambda: encode_plane(np.ascontiguousarray(part))
        )

    def add(self, stem: str, array: NDArray[Any], channels: slice | int | None = None) -> str:
        """Write one array, or `channels` of its last axis; return its member's name."""
        data, suffix = self._encoded(array, channels)
        packed = suffix == ".png"
        self.write(stem + suffix, data, zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED)
        return stem + suffix

    def write(self, name: str, data: bytes, compression: int) -> None:
        # A fixed date: the same stack gives the same bytes.
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = compression
        self._archive.writestr(info, data, compresslevel=1)


def _planes_of(layer: Layer) -> dict[str, tuple[NDArray[Any], slice | int | None]]:
    """Arrays of a layer by their key in the manifest, with the channels that are meant."""
    return {
        "visible": (layer.visible_crop, None),
        "mask": (layer.mask_crop, None),
        "rgb": (layer.rgba_crop, slice(3)),
        "alpha": (layer.rgba_crop, 3),
    }


def _layer_entry(members: _Writer, index: int, layer: Layer) -> dict[str, Any]:
    folder = f"layers/{index + 1:04d}"
    return {
        "name": layer.name,
        "depth": float(layer.depth),
        "color": [float(c) for c in layer.color],
        "hidden": bool(layer.hidden),
        "uid": int(layer.uid),
        **({} if layer.confidence is None else {"confidence": float(layer.confidence)}),
        **({"group": list(layer.group)} if layer.group else {}),
        **({} if layer.blend == "normal" else {"blend": layer.blend}),
        "window": list(layer.window),
        **{
            key: members.add(f"{folder}/{key}", array, channels)
            for key, (array, channels) in _planes_of(layer).items()
        },
        **_outline_entry(members, folder, layer),
    }


def _outline_entry(members: _Writer, folder: str, layer: Layer) -> dict[str, Any]:
    if layer.outline is None:
        return {}
    points, entry = encode_outline(layer.outline)
    members.write(f"{folder}/outline.npy", points, zipfile.ZIP_DEFLATED)
    return {"outline": {"points": f"{folder}/outline.npy", **entry}}


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
        if len(infos) > 5 * _MAX_LAYERS + 16:
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
        most = min(_MAX_DECODED, physical_memory() or _MAX_DECODED)
        if size > most:
            raise self._refuse(
                f"asks for {size / 2**30:.1f} GiB of memory, {most / 2**30:.1f} GiB at most"
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
        data = self._read(name, size + _PLANE_HEADER)
        return decode_plane(data, Path(name).suffix, shape, dtype, self._file)

    def stack(self, limit: int, progress: Progress | None) -> LayerStack:
        manifest = json.loads(self._read(_MANIFEST, _MAX_MANIFEST).decode("utf-8"))
        if manifest["format"] != "illustrators-depth-layers":
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
        if not isinstance(entries, list) or len(entries) > _MAX_LAYERS:
            raise self._refuse(f"lists more than {_MAX_LAYERS} layers")
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
