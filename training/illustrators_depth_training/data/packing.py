"""Chooses what is kept of the rendered blocks, and packs it into shards."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .drawing.cleaning import CleaningRules
from .selection.duplicates import DuplicateFilter, Fingerprint
from .shards import SPLITS, Member, tar_bytes, write_atomically

__all__ = ["ALL_ENDINGS", "ENDINGS", "Kept", "choose", "pack", "read_members"]

ENDINGS = ("rgb.png", "index.png", "json")
ALL_ENDINGS = ("rgb.png", "index.png", "shapes", "json")


@dataclass(frozen=True)
class Kept:
    """A sample that goes into a shard. part: the stem of the block's file in OUT/parts."""

    part: str
    key: str
    split: str
    source: str
    layers: int


def choose(
    verdicts: dict[str, list[dict[str, Any]]], rules: CleaningRules
) -> tuple[list[Kept], dict[str, Counter[str]]]:
    """Return the samples to pack, per split in build order, and the discard reasons per source.

    verdicts: per block, in build order. Held-out splits are looked at first: of two duplicates the
    one in train goes. Entries get their final "reason".
    """
    reasons: dict[str, Counter[str]] = {}
    duplicates = DuplicateFilter(near=rules.near_duplicates)
    kept: list[Kept] = []
    for split in ("test", "unseen", "val", "train"):
        for part, block in verdicts.items():
            for entry in block:
                if entry["split"] != split:
                    continue
                if "reason" not in entry and rules.duplicates:
                    verdict = duplicates.verdict(Fingerprint.from_json(entry["fingerprint"]))
                    if verdict is not None:
                        entry["reason"] = verdict
                if "reason" in entry:
                    reasons.setdefault(entry["source"], Counter())[entry["reason"]] += 1
                else:
                    kept.append(Kept(part, entry["key"], split, entry["source"], entry["layers"]))
    return kept, reasons


def pack(
    kept: Sequence[Kept], parts: Path, out: Path, shard_size: int, *, full_shapes: bool = False
) -> dict[str, int]:
    """Write the shards that are not there yet; returns the number of samples per split.

    full_shapes: with KEY.shapes for every sample.
    """
    endings = ALL_ENDINGS if full_shapes else ENDINGS
    counts: dict[str, int] = {}
    for split in SPLITS:
        samples = [sample for sample in kept if sample.split == split]
        counts[split] = len(samples)
        for shard, start in enumerate(range(0, len(samples), shard_size)):
            path = out / f"{split}-{shard:06d}.tar"
            if not path.is_file():
                chosen = samples[start : start + shard_size]
                write_atomically(path, tar_bytes(read_members(chosen, parts, endings)))
    return counts


def read_members(
    chosen: Sequence[Kept], parts: Path, endings: Sequence[str] = ENDINGS
) -> Iterator[Member]:
    """Yield the files of samples; neighbours from one block cost one opening of its file."""
    current = ""
    archive: tarfile.TarFile | None = None
    try:
        for sample in chosen:
            if sample.part != current or archive is None:
                if archive is not None:
                    archive.close()
                archive = tarfile.open(parts / f"{sample.part}.tar")  # noqa: SIM115
                current = sample.part
            for ending in endings:
                stream = archive.extractfile(f"{sample.key}.{ending}")
                assert stream is not None
                yield f"{sample.key}.{ending}", stream.read()
    finally:
        if archive is not None:
            archive.close()
