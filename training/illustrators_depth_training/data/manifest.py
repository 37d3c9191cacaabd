"""What a finished build says of itself: manifest.json, and the drawings that were left out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .config import BuildConfig
from .drawing.sample import Recipe
from .packing import Kept
from .scenes.blocks import SCENE_SOURCE
from .selection.plan import Plan

__all__ = ["BUILDER_VERSION", "discarded_lines", "make_manifest"]

BUILDER_VERSION = 2


def discarded_lines(verdicts: dict[str, list[dict[str, Any]]]) -> bytes:
    """Return one JSON line per drawing that was left out: source, name, reason, detail."""
    lines = [
        json.dumps({k: v for k, v in entry.items() if k != "fingerprint"}, ensure_ascii=False)
        for block in verdicts.values()
        for entry in block
        if "reason" in entry
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def make_manifest(
    config: BuildConfig,
    plan: Plan,
    recipe: Recipe,
    fingerprint: str,
    verdicts: dict[str, list[dict[str, Any]]],
    kept: Sequence[Kept],
    reasons: dict[str, Counter[str]],
    counts: dict[str, int],
) -> dict[str, Any]:
    """What a finished build says of itself, JSON-ready: each source's drawings and their fate.

    Args:
        verdicts: per block, what became of each drawing.
        kept: the samples that were packed; reasons: per source, how often each reason.
        counts: samples per split.
    """
    tried = Counter(entry["source"] for block in verdicts.values() for entry in block)
    entries = _source_entries(config, plan)
    for entry in entries:
        label = entry["source"]
        samples = [sample for sample in kept if sample.source == label]
        entry |= {
            "tried": tried[label],
            "kept": len(samples),
            "splits": dict(Counter(sample.split for sample in samples)),
            "discarded": dict(reasons.get(label, Counter()).most_common()),
            "layers": dict(sorted(Counter(sample.layers for sample in samples).items())),
        }
    return {
        "fingerprint": fingerprint,
        "builder": BUILDER_VERSION,
        "width": recipe.width,
        "height": recipe.height,
        "first_index": 1,
        "seed": config.seed,
        "samples": counts,
        "sources": entries,
    }


def _source_entries(config: BuildConfig, plan: Plan) -> list[dict[str, Any]]:
    """What is known of each source before anything was rendered."""
    entries: list[dict[str, Any]] = []
    for source in plan.sources:
        spec = source.spec
        entries.append(
            {
                "source": spec.label,
                "licence": source.licence,
                "author": source.author,
                "url": source.url,
                "role": spec.role,
                "listed": plan.listed[spec.label],
                "set_aside": dict(plan.set_aside[spec.label]),
            }
        )
    if config.scenes.count:
        entries.append(
            {
                "source": SCENE_SOURCE,
                "licence": "those of the drawings in it, see each sample's JSON",
                "author": "composed from the drawings of the other sources",
                "url": "",
                "role": "train",
                "listed": config.scenes.count,
                "set_aside": {},
            }
        )
    return entries
