"""The corpus as one memory-mapped file: pictures, truth, regions and their tables, occlusions.

Training reads it without decoding anything. What has a different length for every drawing stands in
long tables, with the place where each drawing's part begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ..data.executors import run_local
from ..data.shards import SPLITS
from ..samples.drawings import Drawing, Drawings, DrawingSet
from ..samples.region_tokens import segment
from .container import Container, ContainerWriter, Slot, open_container

__all__ = [
    "Block",
    "PackedDrawings",
    "RegionTable",
    "ends_of",
    "fill_corpus",
    "open_drawings",
    "pack_corpus",
    "ranges_of",
    "read_meta",
    "region_table",
    "stored_splits",
]

KIND, CALLED = "corp", "packed corpus"
NO_REGION = 0xFFFF
_DRAWINGS_PER_TASK = 64
_META_DROPPED = ("occlusions", "palette", "hash", "first_index")

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RegionTable:
    """The regions of one drawing, by number.

    Attributes:
        area: uint32 (R,), pixels.
        color: uint8 (R, 3), mean.
        box: uint16 (R, 4): top, left, bottom, right, half open.
        layer: uint16 (R,), the layer that most of its pixels belong to.
    """

    area: NDArray[np.uint32]
    color: NDArray[np.uint8]
    box: NDArray[np.uint16]
    layer: NDArray[np.uint16]


def region_table(
    rgb: NDArray[np.uint8], index: NDArray[np.int32], labels: NDArray[np.int32]
) -> RegionTable:
    """Measure the regions of a label map, int32 (H, W), -1 = none."""
    count = int(labels.max()) + 1
    places = np.add(labels, 1, dtype=np.intp)  # the first one is for what is no region
    area = np.bincount(places.ravel(), minlength=count + 1)[1:]
    sums = [np.bincount(places.ravel(), rgb[..., c].ravel(), count + 1)[1:] for c in range(3)]
    width = int(index.max()) + 1
    votes = np.bincount((places * width + index).ravel(), minlength=(count + 1) * width)
    # Of layers with as many pixels the highest.
    by_layer = votes.reshape(count + 1, width)[1:, ::-1]
    owner = np.where(area > 0, width - 1 - by_layer.argmax(axis=1), 0)
    return RegionTable(
        area.astype(np.uint32),
        np.round(np.stack(sums, axis=1) / np.maximum(area, 1)[:, None]).astype(np.uint8),
        _boxes(places, count),
        owner.astype(np.uint16),
    )


def _boxes(places: NDArray[np.intp], count: int) -> NDArray[np.uint16]:
    """Top, left, bottom and right of each region 1 to `count`: uint16 (count, 4)."""
    box = np.zeros((count, 4), np.uint16)
    for axis, size in enumerate(places.shape):
        steps = np.arange(size)
        along = steps[:, None] if axis == 0 else steps[None, :]
        codes = (places * size + along).ravel()
        here = np.bincount(codes, minlength=(count + 1) * size).reshape(count + 1, size)[1:] > 0
        shown = here.any(axis=1)
        box[shown, axis] = here[shown].argmax(axis=1)
        box[shown, axis + 2] = size - here[shown, ::-1].argmax(axis=1)
    return box


def stored_splits(folder: Path) -> list[str]:
    """The splits whose shards a folder holds; InputError when there are none."""
    splits = [split for split in SPLITS if any(folder.glob(f"{split}-[0-9]*.tar"))]
    if not splits:
        raise InputError(f"{folder} holds no shards; build the data set first.")
    return splits


def ends_of(counts: Sequence[int]) -> NDArray[np.int64]:
    """Where each part of a long table begins, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def pack_corpus(
    folder: Path,
    out: Path,
    workers: int | None = None,
    regions: bool = True,
    progress: Progress | None = None,
) -> int:
    """Pack every split of a built data set into one file; returns its number of drawings.

    Args:
        folder: the data set.
        out: the file, replaced in one step.
        workers: processes; all cores by default.
        regions: whether pictures are segmented, which takes most of the time.
        progress: called with (drawings done, all).

    Raises InputError when drawings differ in size or the set is damaged.
    """
    sets = {split: DrawingSet(folder, split) for split in stored_splits(folder)}
    meta = [{**m, "split": split} for split, drawings in sets.items() for m in drawings.meta]
    layers = max(int(drawings.layers.max()) for drawings in sets.values())
    first = next(iter(sets.values()))[0]
    blocks = [
        _StoredBlock(folder, split, numbers)
        for split, drawings in sets.items()
        for numbers in ranges_of(len(drawings))
    ]
    size = (first.index.shape[0], first.index.shape[1])
    fill_corpus(out, size, layers, meta, blocks, workers, regions, progress)
    return len(meta)


def ranges_of(count: int) -> list[range]:
    """0 to `count` in blocks, each packed in one go by one process."""
    starts = range(0, count, _DRAWINGS_PER_TASK)
    return [range(start, min(start + _DRAWINGS_PER_TASK, count)) for start in starts]


class Block(Protocol):
    """Some drawings, read or made in the process that packs them."""

    @property
    def numbers(self) -> range: ...

    def drawings(self) -> Iterator[tuple[Drawing, NDArray[np.int32]]]:
        """Each drawing and the labels of its regions, int32 (H, W), -1 = none."""
        ...


@dataclass(frozen=True)
class _StoredBlock:
    """Some drawings of a data set's split; regions as the predictor finds them."""

    folder: Path
    split: str
    numbers: range

    def drawings(self) -> Iterator[tuple[Drawing, NDArray[np.int32]]]:
        """Each drawing and the labels of its regions."""
        held = _opened(self.folder, self.split)
        for number in self.numbers:
            drawing = held[number]
            yield drawing, segment(drawing.rgb)


@lru_cache(maxsize=4)
def _opened(folder: Path, split: str) -> DrawingSet:
    return DrawingSet(folder, split)


@dataclass(frozen=True)
class _Task:
    """A block of drawings and the rows of the file that they fill."""

    block: Block
    first: int
    path: Path
    slots: dict[str, Slot]
    regions: bool


def fill_corpus(
    out: Path,
    size: tuple[int, int],
    layers: int,
    meta: Sequence[dict[str, Any]],
    blocks: Sequence[Block],
    workers: int | None,
    regions: bool,
    progress: Progress | None,
) -> None:
    """Write a corpus of the drawings that `meta` describes and `blocks` give, in that order."""
    count, (height, width) = len(meta), size
    with atomic_path(out, overwrite=True) as partial_path:
        writer = ContainerWriter(partial_path, KIND)
        try:
            index_type = np.uint8 if layers < 256 else np.uint16
            slots = {
                "rgb": writer.reserve("rgb", np.uint8, (count, height, width, 3)),
                "index": writer.reserve("index", index_type, (count, height, width)),
            }
            if regions:
                slots["regions"] = writer.reserve("regions", np.uint16, (count, height, width))
            firsts = ends_of([len(block.numbers) for block in blocks]).tolist()
            tasks = [
                _Task(block, first, partial_path, slots, regions)
                for block, first in zip(blocks, firsts, strict=False)
            ]
            tables: dict[int, list[RegionTable]] = {}
            done = 0
            for number, found in run_local(_fill, _numbered(tasks), workers):
                tables[number] = found
                done += len(blocks[number].numbers)
                if progress is not None:
                    progress(done, count)
            _write_tables(writer, meta, [t for s in sorted(tables) for t in tables[s]])
            writer.finish(size=[height, width], count=count, layers=layers)
        finally:
            writer.close()


def _numbered(tasks: Sequence[_Task]) -> Iterator[tuple[int, Callable[[], _Task]]]:
    for number, task in enumerate(tasks):
        yield number, partial(_itself, task)


def _itself(task: _Task) -> _Task:
    return task


def _fill(task: _Task) -> list[RegionTable]:
    """Write a block's rows; returns the tables of their regions."""
    cv2.setNumThreads(1)
    arrays = {name: slot.memory_map(task.path, "r+") for name, slot in task.slots.items()}
    size = arrays["index"].shape[1:]
    tables = []
    row = task.first
    for drawing, labels in task.block.drawings():
        if drawing.index.shape != size:
            height, width = drawing.index.shape
            raise InputError(
                f"Sample {drawing.meta['key']} is {width}x{height}, but a packed corpus holds "
                f"drawings of one size, here {size[1]}x{size[0]}."
            )
        arrays["rgb"][row], arrays["index"][row] = drawing.rgb, drawing.index
        if task.regions:
            arrays["regions"][row] = np.where(labels < 0, NO_REGION, labels)
            tables.append(region_table(drawing.rgb, drawing.index, labels))
        row += 1
    return tables


def _write_tables(
    writer: ContainerWriter, meta: Sequence[dict[str, Any]], tables: Sequence[RegionTable]
) -> None:
    pairs = [np.asarray(m.get("occlusions", []), np.int32).reshape(-1, 4) for m in meta]
    has_occlusions = np.array(["occlusions" in m for m in meta], np.uint8)
    writer.add("occlusions", np.concatenate(pairs))
    writer.add("occlusion_ends", ends_of([len(p) for p in pairs]))
    writer.add("occlusions_known", has_occlusions)
    if tables:
        writer.add("region_ends", ends_of([len(t.area) for t in tables]))
        for name in ("area", "color", "box", "layer"):
            parts = [getattr(table, name) for table in tables]
            writer.add(f"region_{name}", np.concatenate(parts))
    stored_meta = [{k: v for k, v in m.items() if k not in _META_DROPPED} for m in meta]
    text = json.dumps(stored_meta, ensure_ascii=False).encode()
    writer.add("meta", np.frombuffer(text, np.uint8), compress=True)


class PackedDrawings:
    """The drawings of one split of a packed corpus, by number; safe to use after a fork."""

    def __init__(self, path: Path, split: str, exclude: Sequence[str] = ()) -> None:
        """Open a file that `pack_corpus` wrote.

        Args:
            path: the file.
            split: "train", "val", "unseen" or "test".
            exclude: sources whose name contains one of these words are left out.

        Raises InputError when it is no such file, cut short, or has no such drawings.
        """
        self._held = open_container(path, KIND, CALLED)
        every = read_meta(self._held)
        self.rows = np.array(
            [
                row
                for row, m in enumerate(every)
                if m["split"] == split and not any(w in str(m.get("source", "")) for w in exclude)
            ],
            np.int64,
        )
        if not self.rows.size:
            raise InputError(f"{path} holds no drawings of the split {split}.")
        self.size = _checked_size(self._held)
        self._rgb, self._index = self._held.array("rgb"), self._held.array("index")
        self.meta = [every[row] for row in self.rows.tolist()]
        self._restore_occlusions()
        self.layers = np.array([int(m["layers"]) for m in self.meta])
        self.sources = [str(m.get("source", "unknown")) for m in self.meta]
        self.kinds = [str(m.get("kind", "")) for m in self.meta]

    def _restore_occlusions(self) -> None:
        pairs, ends = self._held.array("occlusions"), self._held.array("occlusion_ends")
        has_occlusions = self._held.array("occlusions_known")
        for row, meta in zip(self.rows.tolist(), self.meta, strict=True):
            if has_occlusions[row]:
                meta["occlusions"] = pairs[ends[row] : ends[row + 1]].tolist()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Drawing:
        row = self.rows[number]
        return Drawing(
            np.array(self._rgb[row]), self._index[row].astype(np.int32), self.meta[number]
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The whole file's `rgb`, `index` and `regions`, mapped; `rows` tells this split's.

        uint8 (M, H, W, 3), uint8 or uint16 (M, H, W), uint16 (M, H, W). Raises InputError when the
        corpus was packed without regions.
        """
        names = ("rgb", "index", "regions")
        if "regions" not in self._held.slots:
            raise InputError(
                f"{self._held.path} was packed without regions; leave --no-regions out."
            )
        return {name: self._held.slots[name].memory_map(self._held.path, "c") for name in names}

    def regions(self, number: int) -> tuple[NDArray[np.int32], RegionTable]:
        """A drawing's regions as stored: labels int32 (H, W), -1 = none, and their table.

        Raises InputError when the corpus was packed without.
        """
        row = int(self.rows[number])
        stored = self._held.array("regions")[row]
        start, end = self._held.array("region_ends")[row : row + 2].tolist()
        parts = {n: self._held.array(f"region_{n}")[start:end] for n in RegionTable.__annotations__}
        return np.where(stored == NO_REGION, -1, stored.astype(np.int32)), RegionTable(**parts)


def read_meta(held: Container) -> list[dict[str, Any]]:
    """What a packed file says of each of its drawings."""
    try:
        meta: list[dict[str, Any]] = json.loads(held.array("meta").tobytes())
    except ValueError as error:
        raise InputError(f"{held.path} is damaged at meta; pack it again.") from error
    return meta


def _checked_size(held: Container) -> tuple[int, int]:
    height, width = held.facts["size"]
    count = held.facts["count"]
    shapes = {"rgb": (count, height, width, 3), "index": (count, height, width)}
    for name, shape in shapes.items():
        if held.slots[name].shape != shape:
            raise InputError(
                f"{held.path} says that its drawings are {width}x{height}, but holds {name} of "
                f"{held.slots[name].shape}; pack it again."
            )
    return height, width


def open_drawings(path: Path, split: str, exclude: Sequence[str] = ()) -> Drawings:
    """The drawings of a built data set's folder, or of a packed corpus."""
    if path.is_file():
        return PackedDrawings(path, split, exclude)
    return DrawingSet(path, split, exclude)
