"""Builds a data set: plan, render in blocks, then choose and pack what is kept into shards.

Stage one renders blocks of drawings to OUT/parts, each written whole or not at all. Stage two reads
only the verdicts, removes duplicates across all sources (held-out splits first, so that a twin in
train is the one that goes) and packs shards. Both stages skip what is already there, so a build
that was killed goes on where it was, and ends in the same bytes.
"""

from __future__ import annotations

import functools
import json
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError

from .blocks import BLOCK_SIZE, BlockItem, BlockResult, build_block
from .config import BuildConfig
from .duplicates import DuplicateFilter, Fingerprint
from .executors import run_local, run_on_cluster
from .plan import SPLITS, Candidate, Plan, make_plan
from .render.renderer import RenderLimits
from .reserved import load_reserved
from .sample import Recipe
from .shards import Member, tar_bytes, write_atomically

__all__ = ["BUILDER_VERSION", "BuildSummary", "Kept", "build"]

BUILDER_VERSION = 1
_STATE = "build.json"
_MANIFEST = "manifest.json"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Kept:
    """A sample that goes into a shard: where it lies in the parts."""

    part: int
    key: str
    split: str
    source: str
    layers: int


@dataclass(frozen=True)
class BuildSummary:
    """What a finished build holds, as written to OUT/manifest.json."""

    folder: Path
    counts: dict[str, int]
    manifest: dict[str, Any]


def build(
    config: BuildConfig,
    out: Path,
    *,
    width: int = 256,
    height: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    limits: RenderLimits | None = None,
    keep_parts: bool = False,
    progress: Progress | None = None,
) -> BuildSummary:
    """Build or resume the data set in `out`; the same configuration gives the same bytes.

    width, height: pixels of every sample (height: the same as width). progress is called with
    (drawings done, drawings in all). Raises InputError when `out` holds a different build.
    """
    height = height or width
    if not 16 <= width <= 4096 or not 16 <= height <= 4096:
        raise InputError(f"The size must lie between 16 and 4096 pixels, not {width}x{height}.")
    recipe = Recipe(width, height, config.cleaning, config.limits)
    reserved = load_reserved(Path(config.reserved) if config.reserved else None)
    plan = make_plan(config, reserved)
    fingerprint = _fingerprint(config, plan, recipe)
    out.mkdir(parents=True, exist_ok=True)
    _claim(out, fingerprint)
    finished = out / _MANIFEST
    if finished.is_file():
        manifest = json.loads(finished.read_text(encoding="utf-8"))
        return BuildSummary(out, manifest["samples"], manifest)
    parts = out / "parts"
    parts.mkdir(exist_ok=True)
    _render(plan, recipe, parts, workers, scheduler, limits, progress)
    verdicts = _read_verdicts(parts, _block_count(plan))
    kept, reasons = choose(verdicts, config)
    counts = _pack(kept, parts, out, config.shard_size)
    manifest = _manifest(config, plan, recipe, fingerprint, verdicts, kept, reasons, counts)
    write_atomically(finished, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    if not keep_parts:
        shutil.rmtree(parts)
    return BuildSummary(out, counts, manifest)


def _fingerprint(config: BuildConfig, plan: Plan, recipe: Recipe) -> str:
    listing = [(c.source, c.name, c.split) for c in plan.candidates]
    return config.fingerprint(builder=BUILDER_VERSION, recipe=repr(recipe), listing=listing)


def _claim(out: Path, fingerprint: str) -> None:
    """Mark the folder as this build's, or refuse it."""
    state = out / _STATE
    if state.is_file():
        if json.loads(state.read_text(encoding="utf-8")).get("fingerprint") != fingerprint:
            raise InputError(
                f"{out} holds a build of other sources, settings or size; choose another --out."
            )
        return
    if any(out.glob("*.tar")):
        raise InputError(f"{out} holds shards that no build here made; choose another --out.")
    write_atomically(state, json.dumps({"fingerprint": fingerprint}).encode())


def _block_count(plan: Plan) -> int:
    return -(-len(plan.candidates) // BLOCK_SIZE)


def _render(
    plan: Plan,
    recipe: Recipe,
    parts: Path,
    workers: int | None,
    scheduler: str | None,
    limits: RenderLimits | None,
    progress: Progress | None,
) -> None:
    """Stage one: render every block that is not there yet."""
    total = len(plan.candidates)
    missing = [n for n in range(_block_count(plan)) if not _part(parts, n, "json").is_file()]
    done = total - sum(len(_block(plan, n)) for n in missing)
    if progress:
        progress(done, total)
    work = functools.partial(build_block, recipe=recipe, limits=limits)
    tasks = ((n, functools.partial(_payload, plan, n)) for n in missing)
    results: Iterator[tuple[int, BlockResult]]
    if scheduler:
        results = run_on_cluster(work, tasks, scheduler)
    else:
        results = run_local(work, tasks, workers)
    for number, result in results:
        write_atomically(_part(parts, number, "tar"), result.tar)
        meta = json.dumps(result.meta, ensure_ascii=False).encode()
        write_atomically(_part(parts, number, "json"), meta)  # last: it marks the block as done
        done += len(result.meta)
        if progress:
            progress(done, total)


def _part(parts: Path, number: int, ending: str) -> Path:
    return parts / f"part-{number:06d}.{ending}"


def _block(plan: Plan, number: int) -> Sequence[Candidate]:
    return plan.candidates[number * BLOCK_SIZE : (number + 1) * BLOCK_SIZE]


def _payload(plan: Plan, number: int) -> list[BlockItem]:
    items = []
    for candidate in _block(plan, number):
        source = plan.sources[candidate.source]
        items.append(
            BlockItem(
                data=source.read(candidate.name),
                name=candidate.name,
                path=source.path(candidate.name),
                source=source.spec.label,
                licence=source.licence,
                author=source.author,
                group=candidate.group,
                split=candidate.split,
                frame=source.spec.frame,
            )
        )
    return items


def _read_verdicts(parts: Path, count: int) -> list[list[dict[str, Any]]]:
    return [
        json.loads(_part(parts, number, "json").read_text(encoding="utf-8"))
        for number in range(count)
    ]


def choose(
    verdicts: Sequence[Sequence[dict[str, Any]]], config: BuildConfig
) -> tuple[list[Kept], dict[str, Counter[str]]]:
    """Return the samples to pack, per split in build order, and the discard reasons per source."""
    reasons: dict[str, Counter[str]] = {spec.label: Counter() for spec in config.sources}
    seen = DuplicateFilter(near=config.cleaning.near_duplicates)
    kept: list[Kept] = []
    for split in ("unseen", "val", "train"):
        for number, block in enumerate(verdicts):
            for entry in block:
                if entry["split"] != split:
                    continue
                reason = entry.get("reason")
                if reason is None and config.cleaning.duplicates:
                    reason = seen.verdict(Fingerprint.from_json(entry["fingerprint"]))
                if reason is not None:
                    reasons[entry["source"]][reason] += 1
                else:
                    kept.append(Kept(number, entry["key"], split, entry["source"], entry["layers"]))
    return kept, reasons


def _pack(kept: Sequence[Kept], parts: Path, out: Path, shard_size: int) -> dict[str, int]:
    """Stage two: write the shards that are not there yet."""
    counts: dict[str, int] = {}
    for split in SPLITS:
        mine = [k for k in kept if k.split == split]
        counts[split] = len(mine)
        for shard, start in enumerate(range(0, len(mine), shard_size)):
            path = out / f"{split}-{shard:06d}.tar"
            if not path.is_file():
                chosen = mine[start : start + shard_size]
                write_atomically(path, tar_bytes(_members(chosen, parts)))
    return counts


def _members(chosen: Sequence[Kept], parts: Path) -> Iterator[Member]:
    """Yield the files of the chosen samples; the parts are in order, so each is opened once."""
    current = -1
    archive: tarfile.TarFile | None = None
    try:
        for sample in chosen:
            if sample.part != current or archive is None:
                if archive is not None:
                    archive.close()
                archive = tarfile.open(_part(parts, sample.part, "tar"))  # noqa: SIM115
                current = sample.part
            for ending in ("rgb.png", "index.png", "json"):
                stream = archive.extractfile(f"{sample.key}.{ending}")
                assert stream is not None
                yield f"{sample.key}.{ending}", stream.read()
    finally:
        if archive is not None:
            archive.close()


def _manifest(
    config: BuildConfig,
    plan: Plan,
    recipe: Recipe,
    fingerprint: str,
    verdicts: Sequence[Sequence[dict[str, Any]]],
    kept: Sequence[Kept],
    reasons: dict[str, Counter[str]],
    counts: dict[str, int],
) -> dict[str, Any]:
    tried = Counter(entry["source"] for block in verdicts for entry in block)
    sources = []
    for source in plan.sources:
        label = source.spec.label
        mine = [k for k in kept if k.source == label]
        sources.append(
            {
                "source": label,
                "licence": source.licence,
                "author": source.author,
                "url": source.url,
                "role": source.spec.role,
                "listed": plan.listed[label],
                "set_aside": dict(plan.set_aside[label]),
                "tried": tried[label],
                "kept": len(mine),
                "splits": dict(Counter(k.split for k in mine)),
                "discarded": dict(reasons[label].most_common()),
                "layers": dict(sorted(Counter(k.layers for k in mine).items())),
            }
        )
    return {
        "fingerprint": fingerprint,
        "builder": BUILDER_VERSION,
        "width": recipe.width,
        "height": recipe.height,
        "first_index": 1,
        "seed": config.seed,
        "samples": counts,
        "sources": sources,
    }
