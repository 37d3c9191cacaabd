"""Decides, before anything is rendered, which drawings are built, in what order and for what split.

The plan depends only on the sources, the configuration and hashes: the same on every machine, and
independent of the number of workers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..config import BuildConfig
from ..sources import Source, open_source
from .groups import group_keys, split_of, stable_hash
from .reserved import Reserved

__all__ = ["Candidate", "Plan", "make_plan"]


@dataclass(frozen=True)
class Candidate:
    """A drawing to build: the position of its source, its name, group and split."""

    source: int
    name: str
    group: str
    split: str


@dataclass(frozen=True)
class Plan:
    """All candidates in build order, the open sources, and what was set aside, per source label.

    set_aside counts "reserved", "reserved-twin" and "over-cap".
    """

    sources: tuple[Source, ...]
    candidates: tuple[Candidate, ...]
    listed: dict[str, int]
    set_aside: dict[str, Counter[str]] = field(default_factory=dict)


def make_plan(config: BuildConfig, reserved: Reserved) -> Plan:
    """Open all sources and lay out the build; raises InputError or UnavailableError."""
    sources = tuple(open_source(spec) for spec in config.sources)
    ordered: list[tuple[int, Candidate]] = []
    listed: dict[str, int] = {}
    set_aside: dict[str, Counter[str]] = {}
    for position, source in enumerate(sources):
        spec = source.spec
        names = source.names()
        aliases = source.aliases()
        groups = (
            group_keys(names, spec.name)
            if spec.grouping == "name"
            else {n: f"{spec.label}/{n}" for n in names}
        )
        listed[spec.label] = len(names)
        counts: Counter[str] = Counter()
        of_source: list[tuple[int, Candidate]] = []
        for name in names:
            if reserved.holds(spec, name, aliases.get(name, ())):
                counts["reserved"] += 1
            elif reserved.is_twin(spec, groups[name], name):
                counts["reserved-twin"] += 1
            else:
                group = groups[name]
                if spec.role != "train":
                    split = spec.role
                else:
                    split = split_of(group, config.seed, config.val_fraction)
                order = stable_hash("order", config.seed, spec.label, name)
                of_source.append((order, Candidate(position, name, group, split)))
        of_source.sort(key=lambda pair: (pair[0], pair[1].name))
        if spec.cap is not None and len(of_source) > spec.cap:
            counts["over-cap"] = len(of_source) - spec.cap
            of_source = of_source[: spec.cap]
        set_aside[spec.label] = counts
        ordered.extend(of_source)
    ordered.sort(key=lambda pair: (pair[0], pair[1].source, pair[1].name))
    return Plan(sources, tuple(c for _, c in ordered), listed, set_aside)
