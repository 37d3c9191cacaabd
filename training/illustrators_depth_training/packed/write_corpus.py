"""Writes the packed corpus: pictures, truth, regions and their tables, occlusions.

What has a different length for every drawing stands in long tables, with the place where each
drawing's part begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ..data.executors import run_local
from ..samples.drawings import Drawing, DrawingSet
from ..samples.region_tokens import segment
from .container import ContainerWriter, Slot
from .layout import (
    CORPUS_KIND,
    CORPUS_TITLE,
    NO_REGION,
    Progress,
    block_ranges,
    stored_splits,
    table_ends,
    wrong_size,
)
from .region_table import RegionTable, region_table

__all__ = ["Block", "fill_corpus", "open_splits", "pack_corpus"]

_META_DROPPED = ("occlusions", "palette", "hash", "first_index")


def open_splits(folder: Path, splits: Sequence[str], title: str) -> dict[str, DrawingSet]:
    """The splits of a built data set that go into one file, of a kind that errors call `title`.

    Raises InputError when there is none, or their first drawings differ in size: found at once,
    instead of after hours.
    """
    sets = {split: DrawingSet(folder, split) for split in splits or stored_splits(folder)}
    sizes = {split: drawings[0].index.shape for split, drawings in sets.items()}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{split} {width}x{height}" for split, (height, width) in sizes.items())
        raise InputError(
            f"The splits of {folder} differ in size ({said}), but a {title} holds drawings of one "
            "size; choose with --split."
        )
    return sets


def pack_corpus(
    folder: Path,
    out: Path,
    workers: int | None = None,
    regions: bool = True,
    progress: Progress | None = None,
    splits: Sequence[str] = (),
) -> int:
    """Pack splits of a built data set into one file; returns its number of drawings.

    Args:
        folder: the data set.
        out: the file, replaced in one step.
        workers: processes; all cores by default.
        regions: whether pictures are segmented, which takes most of the time.
        progress: called with (drawings done, all).
        splits: which; all by default.

    Raises InputError when drawings differ in size or the set is damaged.
    """
    sets = open_splits(folder, splits, CORPUS_TITLE)
    meta = [{**m, "split": split} for split, drawings in sets.items() for m in drawings.meta]
    layers = max(int(drawings.layers.max()) for drawings in sets.values())
    first = next(iter(sets.values()))[0]
    blocks = [
        _StoredBlock(folder, split, numbers)
        for split, drawings in sets.items()
        for numbers in block_ranges(len(drawings))
    ]
    size = (first.index.shape[0], first.index.shape[1])
    fill_corpus(out, size, layers, meta, blocks, workers, regions, progress)
    return len(meta)


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
        drawings = _open_set(self.folder, self.split)
        for number in self.numbers:
            drawing = drawings[number]
            yield drawing, segment(drawing.rgb)


@lru_cache(maxsize=4)
def _open_set(folder: Path, split: str) -> DrawingSet:
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
    properties: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write a corpus of the drawings that `meta` describes and `blocks` give, in that order.

    properties: said of the whole file, beside its size and number of drawings.
    """
    count, (height, width) = len(meta), size
    with atomic_path(out, overwrite=True) as partial_path:
        writer = ContainerWriter(partial_path, CORPUS_KIND)
        try:
            index_type = np.uint8 if layers < 256 else np.uint16
            slots = {
                "rgb": writer.reserve("rgb", np.uint8, (count, height, width, 3)),
                "index": writer.reserve("index", index_type, (count, height, width)),
            }
            if regions:
                slots["regions"] = writer.reserve("regions", np.uint16, (count, height, width))
            firsts = table_ends([len(block.numbers) for block in blocks]).tolist()
            tasks = [
                _Task(block, first, partial_path, slots, regions)
                for block, first in zip(blocks, firsts, strict=False)
            ]
            tables: dict[int, list[RegionTable]] = {}
            done = 0
            for number, block_tables in run_local(_fill, _numbered(tasks), workers):
                tables[number] = block_tables
                done += len(blocks[number].numbers)
                if progress is not None:
                    progress(done, count)
            _write_tables(writer, meta, [t for s in sorted(tables) for t in tables[s]])
            writer.finish(**properties, size=[height, width], count=count, layers=layers)
        finally:
            writer.close()


def _numbered(tasks: Sequence[_Task]) -> Iterator[tuple[int, Callable[[], _Task]]]:
    for number, task in enumerate(tasks):
        yield number, partial(_identity, task)


def _identity(task: _Task) -> _Task:
    """Tasks are small: they are made before they are asked for."""
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
            raise wrong_size(drawing.meta["key"], drawing.index.shape, size, CORPUS_TITLE)
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
    writer.add("occlusion_ends", table_ends([len(p) for p in pairs]))
    writer.add("occlusions_known", has_occlusions)
    if tables:
        writer.add("region_ends", table_ends([len(t.area) for t in tables]))
        for name in ("area", "color", "box", "layer"):
            parts = [getattr(table, name) for table in tables]
            writer.add(f"region_{name}", np.concatenate(parts))
    stored_meta = [{k: v for k, v in m.items() if k not in _META_DROPPED} for m in meta]
    text = json.dumps(stored_meta, ensure_ascii=False).encode()
    writer.add("meta", np.frombuffer(text, np.uint8), compress=True)
