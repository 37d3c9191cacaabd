"""Random access to the drawings of a built data set, straight from its tar shards.

Only the offsets of the members are held in memory; pictures are read and decoded when asked for
(2 ms each), so that forty thousand drawings cost a few megabytes in every process.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..data.drawing.false_color import decode_index
from ..data.drawing.shape_packing import pack_shapes, unpack_shapes
from ..data.layered import LayeredImage
from ..data.shards import find_shards

__all__ = ["Drawing", "DrawingSet", "Drawings", "pack_shapes", "unpack_shapes"]

Place = tuple[int, int, int]  # shard number, offset, size


@dataclass(frozen=True)
class Drawing:
    """One picture with its truth.

    Attributes:
        rgb: uint8 (H, W, 3), on white.
        index: int32 (H, W), 1 = background ... N = top.
        meta: the shard's JSON: key, source, licence, path, layers, occlusions, ...
        packed_shapes: what the set stores of the full shapes; None if it was built without them.
    """

    rgb: NDArray[np.uint8]
    index: NDArray[np.int32]
    meta: dict[str, Any]
    packed_shapes: bytes | None = None

    @property
    def shapes(self) -> NDArray[np.bool_] | None:
        """Each layer drawn alone, bool (N, H, W), bottom to top; None if the set has none.

        Entry i is the full shape of layer i + 1 of the index, hidden parts included. Unpacked at
        every call. Raises InputError when it does not fit the index.
        """
        if self.packed_shapes is None:
            return None
        return unpack_shapes(
            self.packed_shapes, int(self.meta["layers"]), self.index.shape, str(self.meta["key"])
        )

    @property
    def layered(self) -> LayeredImage:
        """The picture with what is known of its layers' order, without full shapes."""
        pairs, invisible = self.occlusions, self.meta.get("invisible", [])
        return LayeredImage(
            self.rgb,
            self.index,
            None if pairs is None else pairs[:, :2].astype(np.int32),
            np.asarray(invisible, np.int32).reshape(-1, 2),
        )

    @property
    def occlusions(self) -> NDArray[np.int64] | None:
        """Which layer hides part of which, int (P, 4); None if the set was built without.

        Columns: index of the lower and of the upper layer, pixels hidden, pixels of border that
        both show.
        """
        pairs = self.meta.get("occlusions")
        return None if pairs is None else np.asarray(pairs, np.int64).reshape(-1, 4)


class Drawings(Protocol):
    """Drawings by number, as a DrawingSet has them."""

    meta: list[dict[str, Any]]
    layers: NDArray[np.int64]
    sources: list[str]
    kinds: list[str]

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Drawing: ...


class DrawingSet:
    """The drawings of one split, by number; safe to use after a fork.

    Args:
        folder: of the built data set.
        split: "train", "val", "unseen" or "test".
        exclude: sources whose name contains one of these words are left out.

    Raises InputError when the folder holds no such shards or a shard is damaged.
    """

    def __init__(self, folder: Path, split: str, exclude: Sequence[str] = ()) -> None:
        self._shards = find_shards(folder, split)
        self._files: dict[tuple[int, int], int] = {}
        self._places: list[tuple[Place, Place, Place | None]] = []
        self.meta: list[dict[str, Any]] = []
        for number, shard in enumerate(self._shards):
            self._scan(number, shard, exclude)
        if not self.meta:
            raise InputError(f"The {split} shards in {folder} hold no drawings.")
        self.layers = np.array([int(m["layers"]) for m in self.meta])
        self.sources = [str(m.get("source", "unknown")) for m in self.meta]
        self.kinds = [str(m.get("kind", "")) for m in self.meta]

    def _scan(self, number: int, shard: Path, exclude: Sequence[str]) -> None:
        files: dict[str, dict[str, Place]] = {}
        metas: dict[str, dict[str, Any]] = {}
        try:
            with tarfile.open(shard) as archive:
                for entry in archive:
                    stem, _, ending = entry.name.partition(".")
                    if ending == "json":
                        stream = archive.extractfile(entry)
                        assert stream is not None
                        metas[stem] = json.loads(stream.read())
                    else:
                        place = (number, entry.offset_data, entry.size)
                        files.setdefault(stem, {})[ending] = place
        except (tarfile.TarError, ValueError, OSError) as error:
            raise InputError(
                f"The shard {shard.name} is damaged ({error}); rebuild the data set."
            ) from error
        for stem in sorted(metas):
            meta = {**metas[stem], "key": stem}
            if any(word in str(meta.get("source", "")) for word in exclude):
                continue
            parts = files.get(stem, {})
            if "rgb.png" not in parts or "index.png" not in parts:
                raise InputError(f"The shard {shard.name} lacks a picture of sample {stem}.")
            self.meta.append(meta)
            self._places.append((parts["rgb.png"], parts["index.png"], parts.get("shapes")))

    def __len__(self) -> int:
        return len(self.meta)

    def __getitem__(self, number: int) -> Drawing:
        picture, index, shapes = self._places[number]
        return Drawing(
            self._decode(picture),
            decode_index(self._decode(index)).astype(np.int32),
            self.meta[number],
            None if shapes is None else self._read(shapes),
        )

    def _read(self, place: Place) -> bytes:
        number, offset, size = place
        # One descriptor per process: a forked worker must not share a file position.
        key = (os.getpid(), number)
        if key not in self._files:
            self._files[key] = os.open(self._shards[number], os.O_RDONLY)
        return os.pread(self._files[key], size, offset)

    def _decode(self, place: Place) -> NDArray[np.uint8]:
        image = cv2.imdecode(np.frombuffer(self._read(place), np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            name = self._shards[place[0]].name
            raise InputError(f"The shard {name} holds a damaged picture; rebuild it.")
        return np.ascontiguousarray(image[..., ::-1])
