"""Writes a layer stack as `.idl`: a zip of one JSON file and PNG or NPY members.

In goes a LayerStack, out comes one file, whole or not at all; its bytes depend on the stack alone.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...array_cache import ArrayCache
from ...errors import InputError, check_kind
from ...progress import Progress
from ...threads import parallel_map
from ...types import Layer, LayerStack
from ..atomic import atomic_path
from ..user_path import user_path
from ..zip_writer import write_member
from .array_codec import encode_plane
from .layout import FORMAT_NAME, FORMAT_VERSION, MANIFEST_MEMBER, MIMETYPE
from .outline_codec import encode_outline

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["save_stack"]

_MAX_CONCURRENT_ENCODERS = 4


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
        members.write("mimetype", MIMETYPE.encode(), zipfile.ZIP_STORED)
        entries = []
        labels = members.add("labels", stack.labels)
        for i, layer in enumerate(stack.layers):
            if progress:
                progress("save", i / len(stack.layers))
            entries.append(_layer_entry(members, i, layer))
        manifest = {
            "format": FORMAT_NAME,
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
        members.write(MANIFEST_MEMBER, text.encode(), zipfile.ZIP_DEFLATED)
    return final


class _Writer:
    """Puts planes into the archive under names that tell their encoding."""

    def __init__(self, archive: zipfile.ZipFile, planes: ArrayCache) -> None:
        self._archive = archive
        self._planes = planes

    def encode(self, layers: Sequence[Layer]) -> None:
        """Encode layers' planes ahead, some at a time: the encoder lets go of Python's lock."""
        pixels = sum(layer.mask_crop.size for layer in layers)
        for _ in parallel_map(self._encode_layer, layers, pixels, _MAX_CONCURRENT_ENCODERS):
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
        write_member(self._archive, name, data, compression, level=1)


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
