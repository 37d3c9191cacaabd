"""Builds one block of drawings: a pure function from bytes to bytes, run by any kind of worker.

A block is the unit of work and of resuming. It needs nothing but its payload (and the renderer), so
it runs the same in this process, in a pool, or on a cluster that shares no disk.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import cv2

from .drawing.sample import Recipe, Sample, encode_index_png, encode_png, make_sample
from .drawing.shapes import pack_shapes
from .reasons import Discarded
from .render.renderer import Renderer, RenderLimits
from .selection.duplicates import fingerprint
from .shards import Member, tar_bytes

__all__ = ["BLOCK_SIZE", "BlockItem", "BlockResult", "build_block"]

BLOCK_SIZE = 128
_CREATOR = b"<dc:creator>"
_TITLE = re.compile(rb"<dc:title>([^<]*)</dc:title>")
_renderer: Renderer | None = None


@dataclass(frozen=True)
class BlockItem:
    """One drawing's bytes and what goes into its JSON."""

    data: bytes
    name: str
    path: str
    source: str
    licence: str
    author: str
    group: str
    split: str
    frame: str
    kind: str = ""
    invisible_boundary: float | None = None


@dataclass(frozen=True)
class BlockResult:
    """tar: the samples that were kept; meta: per drawing, the verdict (JSON-ready)."""

    tar: bytes
    meta: list[dict[str, Any]]


def build_block(
    items: Sequence[BlockItem], recipe: Recipe, limits: RenderLimits | None = None
) -> BlockResult:
    """Build every drawing of a block; a drawing that fails is a verdict, never an exception."""
    cv2.setNumThreads(1)
    renderer = _shared_renderer(limits or RenderLimits())
    members: list[Member] = []
    meta: list[dict[str, Any]] = []
    for item in items:
        entry: dict[str, Any] = {"source": item.source, "name": item.name, "split": item.split}
        try:
            sample = make_sample(renderer, item.data, recipe, item.frame, item.invisible_boundary)
        except Discarded as verdict:
            entry["reason"] = verdict.reason
            if verdict.detail:
                entry["detail"] = verdict.detail
        else:
            key = hashlib.sha256(f"{item.source}\0{item.name}".encode()).hexdigest()[:16]
            described = describe(item, sample)
            members += [
                (f"{key}.rgb.png", encode_png(sample.rgb)),
                (f"{key}.index.png", encode_index_png(sample.index)),
                (f"{key}.shapes", pack_shapes(sample.shapes)),
                (f"{key}.json", json.dumps(described, ensure_ascii=False).encode()),
            ]
            entry["key"] = key
            entry["layers"] = sample.layers
            entry["fingerprint"] = fingerprint(sample.rgb, sample.index).to_json()
        meta.append(entry)
    return BlockResult(tar_bytes(members), meta)


def describe(item: BlockItem, sample: Sample) -> dict[str, Any]:
    """Return what the sample's JSON says."""
    return {
        "path": item.path,
        "source": item.source,
        "name": item.name,
        "licence": item.licence,
        "author": find_author(item.data) or item.author,
        "kind": item.kind,
        "group": item.group,
        "split": item.split,
        "layers": sample.layers,
        "flat": sample.flat,
        "palette": [None if c is None else "#%02x%02x%02x" % c for c in sample.palette],  # noqa: UP031
        "hash": sample.digest,
        "first_index": 1,
        "page": sample.page,
        "occlusions": sample.occlusions,
        "invisible": sample.invisible,
    }


def find_author(data: bytes) -> str | None:
    """Return the author that a drawing's own metadata names (dc:creator), if any."""
    start = data.find(_CREATOR)
    match = _TITLE.search(data[start : start + 2000]) if start >= 0 else None
    if match is None:
        return None
    name = " ".join(unescape(match.group(1).decode("utf-8", "replace")).split())
    return name[:120] or None


def _shared_renderer(limits: RenderLimits) -> Renderer:
    """Return this process's renderer; its child ends when this process does (stdin closes)."""
    global _renderer
    if _renderer is None or _renderer.limits != limits:
        if _renderer is not None:
            _renderer.close()
        _renderer = Renderer(limits)
    return _renderer
