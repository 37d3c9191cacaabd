"""Builds a data set: plan, render in blocks, then choose and pack what is kept into shards.

Stage one renders blocks of drawings to OUT/parts, each written whole or not at all. Stage two reads
only the verdicts, removes duplicates across all sources (held-out splits first, so that a twin in
train is the one that goes) and packs shards. Both stages skip what is already there, so a build
that was killed goes on where it was, and ends in the same bytes.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError

from .blocks import BLOCK_SIZE, BlockItem, BlockResult, build_block
from .config import BuildConfig
from .drawing.sample import Recipe
from .executors import run_local, run_on_cluster
from .manifest import BUILDER_VERSION, discarded_lines, make_manifest
from .packing import Kept, choose, pack
from .render.renderer import RenderLimits
from .report import write_report
from .scenes.blocks import SCENE_BLOCK, build_scene_block, scene_payload
from .selection.plan import Candidate, Plan, make_plan
from .selection.reserved import load_reserved
from .shards import SPLITS, write_atomically

__all__ = ["BuildSummary", "build"]

_STATE = "build.json"
_MANIFEST = "manifest.json"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Runner:
    """How blocks are run: see `build`."""

    workers: int | None
    scheduler: str | None
    limits: RenderLimits | None
    progress: Progress | None


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
    only: str | None = None,
    full_shapes: bool = False,
    progress: Progress | None = None,
) -> BuildSummary:
    """Build or resume the data set in `out`; the same configuration gives the same bytes.

    width, height: pixels of every sample (height: the same as width). only: "train", "val",
    "unseen" or "test" builds that split alone, the same drawings as in a whole build but for twins
    between splits. full_shapes: keep KEY.shapes, every layer's full shape, as well. progress is
    called with (drawings done, drawings in all). Raises InputError when `out` holds a different
    build or the split has no drawings.
    """
    height = height or width
    if not 16 <= width <= 4096 or not 16 <= height <= 4096:
        raise InputError(f"The size must lie between 16 and 4096 pixels, not {width}x{height}.")
    recipe = Recipe(width, height, config.cleaning, config.limits)
    reserved = load_reserved(Path(config.reserved) if config.reserved else None)
    plan = make_plan(config, reserved)
    if only is not None:
        plan = _only(plan, only)
    fingerprint = _fingerprint(config, plan, recipe, full_shapes)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _claim(out, fingerprint)
    except OSError as error:
        raise InputError(f"Cannot write to {out} ({error.strerror}); choose another.") from None
    finished = out / _MANIFEST
    if finished.is_file():
        manifest = json.loads(finished.read_text(encoding="utf-8"))
        return BuildSummary(out, manifest["samples"], manifest)
    parts = out / "parts"
    parts.mkdir(exist_ok=True)
    run = _Runner(workers, scheduler, limits, progress)
    verdicts = _render(plan, recipe, parts, run)
    kept, reasons = choose(verdicts, config.cleaning)
    if config.scenes.count:
        scenes = _compose(kept, config, recipe, parts, run)
        more, scene_reasons = choose(scenes, config.cleaning)
        kept, reasons = kept + more, reasons | scene_reasons
        verdicts |= scenes
    counts = pack(kept, parts, out, config.shard_size, full_shapes=full_shapes)
    write_atomically(out / "discarded.jsonl", discarded_lines(verdicts))
    manifest = make_manifest(config, plan, recipe, fingerprint, verdicts, kept, reasons, counts)
    write_atomically(finished, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    write_report(out)
    if not keep_parts:
        shutil.rmtree(parts)
    return BuildSummary(out, counts, manifest)


def _only(plan: Plan, split: str) -> Plan:
    """The part of a plan that belongs to one split."""
    if split not in SPLITS:
        raise InputError(f"There is no split {split!r}; choose one of {', '.join(SPLITS)}.")
    candidates = tuple(c for c in plan.candidates if c.split == split)
    if not candidates:
        raise InputError(f"The configuration's sources give no drawings to {split}.")
    return dataclasses.replace(plan, candidates=candidates)


def _fingerprint(config: BuildConfig, plan: Plan, recipe: Recipe, full_shapes: bool) -> str:
    listing = [(c.source, c.name, c.split) for c in plan.candidates]
    return config.fingerprint(
        builder=BUILDER_VERSION, recipe=repr(recipe), listing=listing, full_shapes=full_shapes
    )


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


def _render(plan: Plan, recipe: Recipe, parts: Path, run: _Runner) -> dict[str, list[Any]]:
    """Stage one: every block of drawings that is not there yet; returns all verdicts."""
    blocks = {
        f"part-{number:06d}": plan.candidates[start : start + BLOCK_SIZE]
        for number, start in enumerate(range(0, len(plan.candidates), BLOCK_SIZE))
    }
    work = functools.partial(build_block, recipe=recipe, limits=run.limits)
    sizes = {stem: len(block) for stem, block in blocks.items()}
    return _run_blocks(work, sizes, lambda stem: _payload(plan, blocks[stem]), parts, run)


def _compose(
    kept: list[Kept], config: BuildConfig, recipe: Recipe, parts: Path, run: _Runner
) -> dict[str, list[Any]]:
    """Scenes from what was kept, as further blocks; returns their verdicts."""
    if not any(sample.split == "train" for sample in kept):
        return {}
    blocks = {
        f"scenes-{number:06d}": range(start, min(start + SCENE_BLOCK, config.scenes.count))
        for number, start in enumerate(range(0, config.scenes.count, SCENE_BLOCK))
    }
    work = functools.partial(
        build_scene_block, width=recipe.width, height=recipe.height, rules=recipe.rules
    )
    sizes = {stem: len(numbers) for stem, numbers in blocks.items()}
    return _run_blocks(
        work,
        sizes,
        lambda stem: scene_payload(kept, parts, config.scenes, config.seed, blocks[stem]),
        parts,
        run,
    )


def _run_blocks(
    work: Callable[[Any], BlockResult],
    sizes: dict[str, int],
    payload: Callable[[str], Any],
    parts: Path,
    run: _Runner,
) -> dict[str, list[Any]]:
    """Run the blocks whose files are missing, each written whole; returns all verdicts."""
    stems = list(sizes)
    missing = [n for n, stem in enumerate(stems) if not (parts / f"{stem}.json").is_file()]
    total = sum(sizes.values())
    done = total - sum(sizes[stems[n]] for n in missing)
    if run.progress:
        run.progress(done, total)
    tasks = ((n, functools.partial(payload, stems[n])) for n in missing)
    results: Iterator[tuple[int, BlockResult]]
    if run.scheduler:
        results = run_on_cluster(work, tasks, run.scheduler)
    else:
        results = run_local(work, tasks, run.workers)
    for number, result in results:
        stem = stems[number]
        write_atomically(parts / f"{stem}.tar", result.tar)
        meta = json.dumps(result.meta, ensure_ascii=False).encode()
        write_atomically(parts / f"{stem}.json", meta)  # last: it marks the block as done
        done += len(result.meta)
        if run.progress:
            run.progress(done, total)
    return {stem: json.loads((parts / f"{stem}.json").read_text("utf-8")) for stem in stems}


def _payload(plan: Plan, block: Sequence[Candidate]) -> list[BlockItem]:
    items = []
    for candidate in block:
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
                kind=source.spec.stratum,
                # What is measured stays as clean as the paper's.
                invisible_boundary=(
                    source.spec.invisible_boundary if candidate.split == "train" else None
                ),
            )
        )
    return items
