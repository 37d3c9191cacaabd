"""Photoshop files: every layer a real, named layer.

After Adobe's "Photoshop File Formats Specification" (November 2019). Written here because
psd-tools, which reads them well (and checks these in the tests), can neither store names outside
Mac Roman nor the merged picture without a good deal more packages.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ...io.atomic import atomic_path
from ...io.user_path import user_path
from ...layering.layer_tree import LayerGroup, layer_tree
from ...progress import Progress, no_progress
from ...raster.tiling import strips
from ...types import Layer, LayerStack
from .layer_images import layer_bytes, to_bytes
from .packbits import pack_rows
from .psd_resources import image_resources

__all__ = ["write_psd"]

_MAX_SIDE_PX = 30_000  # pixels on a side; beyond that it takes the PSB format
_MAX_BYTES = 2**31
_RLE = 1
_COLOR_CHANNELS = (0, 1, 2)
_ALPHA_CHANNEL = -1
_HIDDEN_FLAG = 0x02
_BLEND_KEYS = {"normal": b"norm", "multiply": b"mul ", "screen": b"scrn", "overlay": b"over"}
_OPEN_GROUP, _GROUP_END = 1, 3
_GROUP_END_NAME = "</Layer group>"
_NO_PIXELS = struct.pack(">H", 0)


def write_psd(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write a stack as 8-bit sRGB PSD, atomically: all layers with name, group,
    place, visibility and blend mode.

    Hidden layers are kept, switched off. The merged picture is what the shown ones give.

    Returns the path written. Raises InputError above 30,000 pixels on a side or 2 GB, for an empty
    stack, and as `atomic_path` does.
    """
    from ...editing.flatten import flatten_rows

    report = progress or no_progress
    final = user_path(path)
    if max(stack.width, stack.height) > _MAX_SIDE_PX:
        raise InputError(
            f"{final.name}: a PSD file holds at most {_MAX_SIDE_PX} pixels on a side, not "
            f"{stack.width}x{stack.height}; write .ora instead."
        )
    if not stack.layers:
        raise InputError(f"The stack {stack.name!r} has no layers to write to {final.name}.")
    entries = _LayerRecords(stack, report)
    entries.add(layer_tree([layer.group for layer in stack]))
    info = [struct.pack(">h", -len(entries.records)), *entries.records, *entries.pixels]
    size = sum(map(len, info))
    info.append(bytes(size % 2))  # padded to even
    size += size % 2
    section = [struct.pack(">I", size), *info, struct.pack(">I", 0)]
    size += 8
    if size >= _MAX_BYTES:
        raise InputError(f"{final.name} would pass 2 GB, the most a PSD file holds; write .ora.")
    merged = np.empty((stack.height, stack.width, 4), np.uint8)
    for rows in strips(stack.height, stack.width):
        merged[rows] = _matted(to_bytes(flatten_rows(stack, rows)))
    with atomic_path(final, overwrite) as temporary, temporary.open("wb") as out:
        # Four channels, 8 bits, RGB.
        out.write(struct.pack(">4sH6xHIIHH", b"8BPS", 1, 4, stack.height, stack.width, 8, 3))
        resources = image_resources(stack.meta.get("dpi"))
        out.write(struct.pack(">II", 0, len(resources)) + resources)  # no colour table
        out.write(struct.pack(">I", size))
        out.writelines(section)
        out.write(_merged_image(merged))
    return final


class _LayerRecords:
    """Layer records and their pixels, bottom to top; a group lies between two without pixels."""

    def __init__(self, stack: LayerStack, report: Progress) -> None:
        self._stack, self._report = stack, report
        self.records: list[bytes] = []
        self.pixels: list[bytes] = []

    def add(self, nodes: Sequence[int | LayerGroup]) -> None:
        for node in nodes:
            if isinstance(node, LayerGroup):
                self._divider(_GROUP_END, _GROUP_END_NAME)
                self.add(node.members)
                self._divider(_OPEN_GROUP, node.name)
            else:
                self._report("write layers", node / (len(self._stack) + 1))
                channels = _channels(self._stack.layers[node])
                sizes = [len(data) for data in channels]
                self.records.append(_record(self._stack.layers[node], sizes))
                self.pixels += channels

    def _divider(self, kind: int, name: str) -> None:
        numbers = (_ALPHA_CHANNEL, *_COLOR_CHANNELS)
        head = struct.pack(">4iH", 0, 0, 0, 0, len(numbers))
        head += b"".join(struct.pack(">hI", n, len(_NO_PIXELS)) for n in numbers)
        head += b"8BIM" + (b"pass" if kind == _OPEN_GROUP else b"norm")
        head += struct.pack(">BBBx", 255, 0, 0)
        section = b"8BIMlsct" + struct.pack(">II", 12, kind) + head[-12:-4]
        extra = struct.pack(">II", 0, 0) + _pascal(name) + _unicode_name(name) + section
        self.records.append(head + struct.pack(">I", len(extra)) + extra)
        self.pixels += [_NO_PIXELS] * len(numbers)


def _channels(layer: Layer) -> list[bytes]:
    """Alpha, red, green, blue of a layer's window, each packed on its own."""
    rgba = layer_bytes(layer)
    packed = []
    for channel in (3, 0, 1, 2):
        counts, data = pack_rows(rgba[..., channel])
        packed.append(struct.pack(">H", _RLE) + counts.astype(">u2").tobytes() + data)
    return packed


def _record(layer: Layer, sizes: Sequence[int]) -> bytes:
    """A layer record; its channels are alpha, red, green, blue."""
    top, left, bottom, right = layer.window
    numbers = (_ALPHA_CHANNEL, *_COLOR_CHANNELS)
    head = struct.pack(">4iH", top, left, bottom, right, len(numbers))
    head += b"".join(struct.pack(">hI", n, s) for n, s in zip(numbers, sizes, strict=True))
    flags = _HIDDEN_FLAG if layer.hidden else 0
    head += b"8BIM" + _BLEND_KEYS[layer.blend] + struct.pack(">BBBx", 255, 0, flags)
    extra = struct.pack(">II", 0, 0)  # no mask, no blending ranges
    extra += _pascal(layer.name) + _unicode_name(layer.name)
    return head + struct.pack(">I", len(extra)) + extra


def _pascal(name: str) -> bytes:
    """The name for old readers: Mac Roman, question marks for what it lacks; padded to four."""
    data = name.encode("mac_roman", "replace")[:255]
    data = bytes([len(data)]) + data
    return data + bytes(-len(data) % 4)


def _unicode_name(name: str) -> bytes:
    """The name in full, as the additional information "luni"."""
    text = name.encode("utf-16-be")
    data = struct.pack(">I", len(text) // 2) + text
    data += bytes(-len(data) % 4)
    return b"8BIMluni" + struct.pack(">I", len(data)) + data


def _matted(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours matted with white, uint8 (h, w, 4), as Photoshop writes them and readers undo it."""
    alpha = rgba[..., 3:].astype(np.uint16)
    matted = (rgba[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255
    return np.concatenate([matted.astype(np.uint8), rgba[..., 3:]], axis=2)


def _merged_image(rgba: NDArray[np.uint8]) -> bytes:
    """The flattened picture for readers that know no layers: all row sizes, then all rows."""
    planes = [pack_rows(rgba[..., channel]) for channel in range(4)]
    counts = b"".join(sizes.astype(">u2").tobytes() for sizes, _ in planes)
    return struct.pack(">H", _RLE) + counts + b"".join(data for _, data in planes)
