"""A corpus small enough to send: index maps and the colours of their layers, no pictures.

Pictures are drawn again when it is unpacked: each layer in its own colour, gradients from the plane
that fits them best. A flat drawing comes back as exactly the palette of its index, without blended
edges. Index maps are lossless WebP, half the size of PNG.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ..samples.drawings import Drawing, DrawingSet
from ..samples.targets import connected_regions
from .container import Container, ContainerWriter, is_kind, open_container
from .corpus import ends_of, fill_corpus, ranges_of, read_meta, stored_splits

__all__ = [
    "decode_index_webp",
    "encode_index_webp",
    "is_travel_pack",
    "pack_travel",
    "paint",
    "unpack_travel",
]

KIND, CALLED = "trvl", "travel pack"
_META_KEPT = (
    "key", "source", "name", "licence", "author", "kind", "group", "split", "layers", "flat",
    "page", "invisible",
)  # fmt: skip
_LOSSLESS = [cv2.IMWRITE_WEBP_QUALITY, 101]
_INNER = np.ones((3, 3), np.uint8)
# Layers of fewer pixels get their mean colour.
_MIN_FITTED_PX = 24
_SMALLEST_SINGULAR_SHARE = 1e-3
# Float16 holds whole numbers up to this.
_MAX_PLANE = 2048.0

Progress = Callable[[int, int], None]


def encode_index_webp(index: NDArray[np.int32]) -> bytes:
    """An index map below 65536 as lossless WebP: the low byte in green, the high one in red."""
    if int(index.max()) > 0xFFFF:
        raise InputError("A drawing of more than 65535 layers does not fit a travel pack.")
    planes = np.zeros((*index.shape, 3), np.uint8)
    planes[..., 1], planes[..., 2] = index & 255, index >> 8
    return bytes(cv2.imencode(".webp", planes, _LOSSLESS)[1])


def decode_index_webp(data: NDArray[np.uint8]) -> NDArray[np.int32] | None:
    """The index map, int32 (H, W); None when the bytes are no picture."""
    planes = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if planes is None:
        return None
    return planes[..., 1].astype(np.int32) | planes[..., 2].astype(np.int32) << 8


def is_travel_pack(path: Path) -> bool:
    """Whether a file says of itself that it is a travel pack."""
    return is_kind(path, KIND)


def fit_planes(drawing: Drawing) -> NDArray[np.float16]:
    """What each layer is painted with: float16 (N, 3 of RGB, 3).

    Colour at the picture's middle, and its change along x and along y over half of the longer side.
    Layers that the palette knows to be flat have their exact colour and no change.
    """
    index = drawing.index
    planes = np.zeros((int(drawing.meta["layers"]), 3, 3), np.float16)
    palette = drawing.meta.get("palette") or [None] * len(planes)
    for layer in np.unique(index).tolist():
        color = palette[layer - 1] if layer <= len(palette) else None
        if color is not None:
            planes[layer - 1, :, 0] = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        else:
            planes[layer - 1] = _fitted(drawing.rgb, index == layer)
    return planes


def _fitted(rgb: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The plane through a layer's colours, away from its blended edges where there is room."""
    inner = cv2.erode(mask.view(np.uint8), _INNER) > 0
    where = np.nonzero(inner if inner.any() else mask)
    x, y = _coordinates(mask.shape)
    ones = np.ones(len(where[0]))
    design = np.stack([ones, x[where[1]], y[where[0]]], axis=1)
    colors = rgb[where].astype(np.float64)
    if len(ones) < _MIN_FITTED_PX:
        design[:, 1:] = 0.0
    # A layer that is as thin as a line says nothing of the change across it.
    solution = np.linalg.lstsq(design, colors, rcond=_SMALLEST_SINGULAR_SHARE)[0]
    return np.asarray(np.clip(solution.T, -_MAX_PLANE, _MAX_PLANE))


def _coordinates(frame: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = frame
    half = max(height, width) / 2
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / half
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) / half
    return x.astype(np.float32), y.astype(np.float32)


def paint(index: NDArray[np.int32], planes: NDArray[np.float16]) -> NDArray[np.uint8]:
    """The picture of an index map and its layers' paints: uint8 (H, W, 3)."""
    wide = planes.astype(np.float32)
    if not wide[:, :, 1:].any():
        return np.clip(np.round(wide[:, :, 0]), 0, 255).astype(np.uint8)[index - 1]
    picture = wide[:, :, 0][index - 1]
    x, y = _coordinates(index.shape)
    picture = picture + wide[:, :, 1][index - 1] * x[None, :, None]
    picture += wide[:, :, 2][index - 1] * y[:, None, None]
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def pack_travel(folder: Path, out: Path, progress: Progress | None = None) -> int:
    """Write every split of a built data set as a travel pack; returns its number of drawings.

    Raises InputError when drawings differ in size or the set is damaged.
    """
    sets = {split: DrawingSet(folder, split) for split in stored_splits(folder)}
    total, done = sum(map(len, sets.values())), 0
    meta: list[dict[str, Any]] = []
    blobs: list[bytes] = []
    planes: list[NDArray[np.float16]] = []
    size: tuple[int, ...] = ()
    for split, held in sets.items():
        for number in range(len(held)):
            drawing = held[number]
            size = size or drawing.index.shape
            if drawing.index.shape != size:
                raise InputError(
                    f"Sample {drawing.meta['key']} is {drawing.index.shape[1]}x"
                    f"{drawing.index.shape[0]}, but a travel pack holds drawings of one size, here "
                    f"{size[1]}x{size[0]}."
                )
            blobs.append(encode_index_webp(drawing.index))
            planes.append(fit_planes(drawing))
            meta.append({**drawing.meta, "split": split})
            done += 1
            if progress is not None:
                progress(done, total)
    with atomic_path(out, overwrite=True) as partial:
        writer = ContainerWriter(partial, KIND)
        try:
            _write(writer, size, meta, blobs, planes)
        finally:
            writer.close()
    return len(meta)


def _write(
    writer: ContainerWriter,
    size: tuple[int, ...],
    meta: Sequence[dict[str, Any]],
    blobs: Sequence[bytes],
    planes: Sequence[NDArray[np.float16]],
) -> None:
    writer.add("index", np.frombuffer(b"".join(blobs), np.uint8))
    writer.add("index_bytes", np.array([len(b) for b in blobs], np.uint32), compress=True)
    # Columns beside one another compress better than rows.
    every = np.concatenate(planes)
    writer.add("planes", every.reshape(len(every), 9).T, compress=True)
    pairs = [np.asarray(m.get("occlusions", []), np.int32).reshape(-1, 4) for m in meta]
    has_occlusions = ["occlusions" in m for m in meta]
    counts = np.array(
        [len(p) if k else -1 for p, k in zip(pairs, has_occlusions, strict=True)], np.int32
    )
    writer.add("occlusion_counts", counts, compress=True)
    writer.add("occlusions", np.concatenate(pairs).T, compress=True)
    stored_meta = [{name: m[name] for name in _META_KEPT if name in m} for m in meta]
    text = json.dumps(stored_meta, ensure_ascii=False, separators=(",", ":")).encode()
    writer.add("meta", np.frombuffer(text, np.uint8), compress=True)
    writer.finish(size=list(size), count=len(meta), layers=max(int(m["layers"]) for m in meta))


def unpack_travel(
    path: Path,
    out: Path,
    workers: int | None = None,
    regions: bool = True,
    progress: Progress | None = None,
) -> int:
    """Draw a travel pack's drawings again, into a packed corpus; returns their number.

    Regions are the connected areas of one paint: what segmentation finds in a picture without
    blended edges.

    Args:
        path: the travel pack.
        out: the packed corpus, replaced in one step.
        workers: processes; all cores by default.
        regions: whether regions are stored.
        progress: called with (drawings done, all).

    Raises InputError when the file is no travel pack, cut short, damaged or of another version.
    """
    container = open_container(path, KIND, CALLED)
    meta = read_meta(container)
    counts, pairs = container.array("occlusion_counts"), container.array("occlusions").T
    ends = ends_of(np.maximum(counts, 0).tolist())
    for number, entry in enumerate(meta):
        if counts[number] >= 0:
            entry["occlusions"] = pairs[ends[number] : ends[number + 1]].tolist()
    size, layers = container.facts["size"], int(container.facts["layers"])
    blocks = [_TravelBlock(path, numbers) for numbers in ranges_of(len(meta))]
    fill_corpus(out, (size[0], size[1]), layers, meta, blocks, workers, regions, progress)
    return len(meta)


@dataclass(frozen=True)
class _TravelBlock:
    """Some drawings of a travel pack, drawn in the process that packs them."""

    path: Path
    numbers: range

    def drawings(self) -> Iterator[tuple[Drawing, NDArray[np.int32]]]:
        """Each drawing and the labels of its regions."""
        container, ends, plane_ends, planes, keys = _opened(self.path)
        blobs = container.array("index")
        for number in self.numbers:
            index = decode_index_webp(np.array(blobs[ends[number] : ends[number + 1]]))
            if index is None:
                raise InputError(f"{self.path} is damaged at drawing {number}; pack it again.")
            paints = planes[plane_ends[number] : plane_ends[number + 1]]
            rgb = paint(index, paints)
            drawing = Drawing(rgb, index, {"key": keys[number], "layers": len(paints)})
            yield drawing, connected_regions(_paint_numbers(index, paints))[0]


@lru_cache(maxsize=2)
def _opened(
    path: Path,
) -> tuple[Container, NDArray[np.int64], NDArray[np.int64], NDArray[np.float16], list[str]]:
    container = open_container(path, KIND, CALLED)
    meta = read_meta(container)
    planes = np.ascontiguousarray(container.array("planes").T).reshape(-1, 3, 3)
    layers = ends_of([int(m["layers"]) for m in meta])
    return (
        container,
        ends_of(container.array("index_bytes").tolist()),
        layers,
        planes,
        [str(m["key"]) for m in meta],
    )


def _paint_numbers(index: NDArray[np.int32], planes: NDArray[np.float16]) -> NDArray[np.int32]:
    """The index map with layers of the same paint as one."""
    alike = np.unique(planes.reshape(len(planes), 9), axis=0, return_inverse=True)[1]
    return alike.reshape(-1).astype(np.int32)[index - 1]
