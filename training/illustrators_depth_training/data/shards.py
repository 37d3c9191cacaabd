"""WebDataset shards: plain tar files of KEY.rgb.png, KEY.index.png and KEY.json.

Written so that the same samples give the same bytes: fixed times, owners, order. Read with nothing
but the standard library, so that any WebDataset reader and ours see the same thing.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from .drawing.false_color import decode_index
from .drawing.shape_packing import unpack_shapes
from .layered import LayeredImage, no_pairs

__all__ = [
    "SPLITS",
    "Pair",
    "find_shards",
    "pair_from_bytes",
    "read_shard",
    "tar_bytes",
    "write_atomically",
]

SPLITS = ("train", "val", "unseen", "test")

Member = tuple[str, bytes]


@dataclass(frozen=True)
class Pair:
    """One stored sample. rgb: uint8 (H, W, 3); index: int32 (H, W), 1 = background; meta: JSON."""

    key: str
    rgb: np.ndarray
    index: np.ndarray
    meta: dict[str, Any]
    packed_shapes: bytes | None = None

    def layered(self) -> LayeredImage:
        """Return the sample with all that is known of its layers' order."""
        hides, invisible = self.meta.get("occlusions"), self.meta.get("invisible", ())
        shapes = None
        if self.packed_shapes is not None:
            layers = int(self.meta["layers"])
            shapes = unpack_shapes(self.packed_shapes, layers, self.index.shape, self.key)
        return LayeredImage(
            self.rgb,
            self.index,
            None if hides is None else _pairs(hides),
            _pairs(invisible),
            shapes,
        )


def _pairs(rows: Sequence[Sequence[int]]) -> NDArray[np.int32]:
    """Return the first two numbers of each row: int32 (P, 2)."""
    return np.array([row[:2] for row in rows], np.int32) if rows else no_pairs()


def tar_bytes(members: Iterable[Member]) -> bytes:
    """Return a tar file with the named members, the same bytes for the same members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that it is either absent or complete, whatever interrupts the process."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def find_shards(folder: Path, split: str) -> list[Path]:
    """Return the shards of a split in order; raises InputError when the folder holds none."""
    shards = sorted(folder.glob(f"{split}-[0-9]*.tar"))
    if not shards:
        raise InputError(f"{folder} holds no {split}-*.tar shards; build the data set first.")
    return shards


def read_shard(path: Path) -> Iterator[Pair]:
    """Yield the samples of one shard in order, decoded."""
    current: dict[str, bytes] = {}
    key = ""
    with tarfile.open(path) as archive:
        for entry in archive:
            stem, _, ending = entry.name.partition(".")
            if stem != key and current:
                yield pair_from_bytes(key, current)
                current = {}
            key = stem
            stream = archive.extractfile(entry)
            assert stream is not None
            current[ending] = stream.read()
    if current:
        yield pair_from_bytes(key, current)


def pair_from_bytes(key: str, parts: dict[str, bytes]) -> Pair:
    """Decode one sample from the bytes of its files, by ending."""
    return Pair(
        key,
        _decode_png(parts["rgb.png"]),
        decode_index(_decode_png(parts["index.png"])),
        json.loads(parts["json"]),
        parts.get("shapes"),
    )


def _decode_png(data: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise InputError("A shard holds a damaged PNG; rebuild the data set.")
    return image[..., ::-1]
