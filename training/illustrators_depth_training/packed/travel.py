"""A corpus small enough to send: index maps and the colours of their layers, no pictures.

Pictures are drawn again when it is unpacked: each layer in its own colour, gradients from the plane
that fits them best (`paints`). Index maps are stored as events (`index_codec`), a block of drawings
compressed together; why so is in docs/decisions/004-travel-pack.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ..samples.drawings import Drawing
from ..samples.targets import connected_regions
from .container import Container, ContainerWriter, is_kind, open_container
from .index_codec import decode_index, encode_index
from .layout import (
    CORPUS_KIND,
    CORPUS_TITLE,
    TRAVEL_KIND,
    TRAVEL_TITLE,
    Progress,
    block_ranges,
    read_meta,
    table_ends,
    wrong_size,
)
from .paints import fit_planes, paint, paint_numbers
from .write_corpus import fill_corpus, open_splits

__all__ = ["is_drawn_from", "is_travel_pack", "pack_travel", "unpack_travel"]

_META_KEPT = (
    "key", "source", "name", "licence", "author", "kind", "group", "split", "layers", "flat",
    "page", "invisible",
)  # fmt: skip

_DRAWN_FROM = "drawn_from"  # a packed corpus' property: the checksum of its travel pack


def is_travel_pack(path: Path) -> bool:
    """Whether a file says of itself that it is a travel pack."""
    return is_kind(path, TRAVEL_KIND)


def is_drawn_from(corpus: Path, travel: Path) -> bool:
    """Whether a file is the packed corpus, whole, that this travel pack was unpacked into."""
    try:
        drawn = open_container(corpus, CORPUS_KIND, CORPUS_TITLE)
    except InputError:
        return False
    return bool(drawn.properties.get(_DRAWN_FROM) == _checksum(travel))


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def pack_travel(
    folder: Path,
    out: Path,
    progress: Progress | None = None,
    splits: Sequence[str] = (),
) -> int:
    """Write splits of a built data set, or all, as a travel pack; returns its number of drawings.

    Raises InputError when drawings differ in size or the set is damaged.
    """
    sets = open_splits(folder, splits, TRAVEL_TITLE)
    total = sum(map(len, sets.values()))
    meta: list[dict[str, Any]] = []
    events: list[NDArray[np.unsignedinteger]] = []
    planes: list[NDArray[np.float16]] = []
    size: tuple[int, ...] = ()
    for split, drawings in sets.items():
        for number in range(len(drawings)):
            drawing = drawings[number]
            size = size or drawing.index.shape
            if drawing.index.shape != size:
                raise wrong_size(drawing.meta["key"], drawing.index.shape, size, TRAVEL_TITLE)
            events.append(encode_index(drawing.index))
            planes.append(fit_planes(drawing))
            meta.append({**drawing.meta, "split": split})
            if progress is not None:
                progress(len(meta), total)
    with atomic_path(out, overwrite=True) as partial:
        writer = ContainerWriter(partial, TRAVEL_KIND)
        try:
            _write(writer, size, meta, events, planes)
        finally:
            writer.close()
    return len(meta)


def _write(
    writer: ContainerWriter,
    size: tuple[int, ...],
    meta: Sequence[dict[str, Any]],
    events: Sequence[NDArray[np.unsignedinteger]],
    planes: Sequence[NDArray[np.float16]],
) -> None:
    for numbers in block_ranges(len(meta)):
        block = np.concatenate(events[numbers.start : numbers.stop])
        writer.add(_block_name(numbers), block, compress=True)
    writer.add("event_counts", np.array([len(e) for e in events], np.uint32), compress=True)
    # Columns beside one another compress better than rows.
    all_planes = np.concatenate(planes)
    writer.add("planes", all_planes.reshape(len(all_planes), 9).T, compress=True)
    pairs = [np.asarray(m.get("occlusions", []), np.int32).reshape(-1, 4) for m in meta]
    counts = [len(p) if "occlusions" in m else -1 for p, m in zip(pairs, meta, strict=True)]
    writer.add("occlusion_counts", np.array(counts, np.int32), compress=True)
    writer.add("occlusions", np.concatenate(pairs).T, compress=True)
    stored_meta = [{name: m[name] for name in _META_KEPT if name in m} for m in meta]
    text = json.dumps(stored_meta, ensure_ascii=False, separators=(",", ":")).encode()
    writer.add("meta", np.frombuffer(text, np.uint8), compress=True)
    writer.finish(size=list(size), count=len(meta), layers=max(int(m["layers"]) for m in meta))


def _block_name(numbers: range) -> str:
    return f"events_{numbers.start}"


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
    container = open_container(path, TRAVEL_KIND, TRAVEL_TITLE)
    meta = read_meta(container)
    counts, pairs = container.array("occlusion_counts"), container.array("occlusions").T
    ends = table_ends(np.maximum(counts, 0).tolist())
    for number, entry in enumerate(meta):
        if counts[number] >= 0:
            entry["occlusions"] = pairs[ends[number] : ends[number + 1]].tolist()
    height, width = container.properties["size"]
    layers = int(container.properties["layers"])
    blocks = [_TravelBlock(path, numbers) for numbers in block_ranges(len(meta))]
    drawn_from = {_DRAWN_FROM: _checksum(path)}
    fill_corpus(out, (height, width), layers, meta, blocks, workers, regions, progress, drawn_from)
    return len(meta)


@dataclass(frozen=True)
class _TravelBlock:
    """Some drawings of a travel pack, drawn in the process that packs them."""

    path: Path
    numbers: range

    def drawings(self) -> Iterator[tuple[Drawing, NDArray[np.int32]]]:
        """Each drawing and the labels of its regions."""
        pack = _open_pack(self.path)
        events = self._events(pack.container)
        first = pack.event_ends[self.numbers.start]
        height, width = pack.container.properties["size"]
        for number in self.numbers:
            begin, end = pack.event_ends[number : number + 2] - first
            index = decode_index(events[begin:end], (height, width))
            paints = pack.planes[pack.plane_ends[number] : pack.plane_ends[number + 1]]
            if index is None or not 1 <= index.min() <= index.max() <= len(paints):
                raise self._damaged(number)
            drawing = Drawing(
                paint(index, paints), index, {"key": pack.keys[number], "layers": len(paints)}
            )
            yield drawing, connected_regions(paint_numbers(index, paints))[0]

    def _events(self, container: Container) -> NDArray[np.unsignedinteger]:
        try:
            return container.array(_block_name(self.numbers))
        except InputError:
            raise self._damaged(self.numbers.start) from None

    def _damaged(self, number: int) -> InputError:
        return InputError(f"{self.path} is damaged at drawing {number}; pack it again.")


@dataclass(frozen=True)
class _OpenPack:
    """A travel pack's tables: where each drawing's events and paints end, and its key."""

    container: Container
    event_ends: NDArray[np.int64]
    plane_ends: NDArray[np.int64]
    planes: NDArray[np.float16]
    keys: list[str]


@lru_cache(maxsize=2)
def _open_pack(path: Path) -> _OpenPack:
    container = open_container(path, TRAVEL_KIND, TRAVEL_TITLE)
    meta = read_meta(container)
    return _OpenPack(
        container,
        table_ends(container.array("event_counts").tolist()),
        table_ends([int(m["layers"]) for m in meta]),
        np.ascontiguousarray(container.array("planes").T).reshape(-1, 3, 3),
        [str(m["key"]) for m in meta],
    )
