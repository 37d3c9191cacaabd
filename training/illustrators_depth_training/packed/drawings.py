"""Reads the drawings of a packed corpus, by number, without decoding anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..samples.drawings import Drawing, Drawings, DrawingSet
from .container import Container, open_container
from .layout import CORPUS_KIND, CORPUS_TITLE, NO_REGION, read_meta
from .region_table import RegionTable

__all__ = ["PackedDrawings", "open_drawings"]


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
        self._container = open_container(path, CORPUS_KIND, CORPUS_TITLE)
        all_meta = read_meta(self._container)
        self.rows = np.array(
            [
                row
                for row, meta in enumerate(all_meta)
                if meta["split"] == split
                and not any(word in str(meta.get("source", "")) for word in exclude)
            ],
            np.int64,
        )
        if not self.rows.size:
            raise InputError(f"{path} holds no drawings of the split {split}.")
        self.size = _checked_size(self._container)
        self._rgb, self._index = self._container.array("rgb"), self._container.array("index")
        self.meta = [all_meta[row] for row in self.rows.tolist()]
        self._restore_occlusions()
        self.layers = np.array([int(m["layers"]) for m in self.meta])
        self.sources = [str(m.get("source", "unknown")) for m in self.meta]
        self.kinds = [str(m.get("kind", "")) for m in self.meta]

    def _restore_occlusions(self) -> None:
        pairs, ends = self._container.array("occlusions"), self._container.array("occlusion_ends")
        has_occlusions = self._container.array("occlusions_known")
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
        if "regions" not in self._container.slots:
            raise InputError(
                f"{self._container.path} was packed without regions; leave --no-regions out."
            )
        return {
            name: self._container.slots[name].memory_map(self._container.path, "c")
            for name in names
        }

    def regions(self, number: int) -> tuple[NDArray[np.int32], RegionTable]:
        """A drawing's regions as stored: labels int32 (H, W), -1 = none, and their table.

        Raises InputError when the corpus was packed without.
        """
        row = int(self.rows[number])
        stored = self._container.array("regions")[row]
        start, end = self._container.array("region_ends")[row : row + 2].tolist()
        parts = {
            n: self._container.array(f"region_{n}")[start:end] for n in RegionTable.__annotations__
        }
        return np.where(stored == NO_REGION, -1, stored.astype(np.int32)), RegionTable(**parts)


def _checked_size(container: Container) -> tuple[int, int]:
    height, width = container.properties["size"]
    count = container.properties["count"]
    shapes = {"rgb": (count, height, width, 3), "index": (count, height, width)}
    for name, shape in shapes.items():
        if container.slots[name].shape != shape:
            raise InputError(
                f"{container.path} says that its drawings are {width}x{height}, but holds {name} "
                f"of {container.slots[name].shape}; pack it again."
            )
    return height, width


def open_drawings(path: Path, split: str, exclude: Sequence[str] = ()) -> Drawings:
    """The drawings of a built data set's folder, or of a packed corpus."""
    if path.is_file():
        return PackedDrawings(path, split, exclude)
    return DrawingSet(path, split, exclude)
