"""Composed scenes as a part of a build: blocks of scenes from kept train drawings.

Scene number n of a build depends on the seed and the kept drawings only. Its JSON names every
drawing in it, with all licences.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..blocks import BlockResult
from ..config import SceneMix
from ..drawing.cleaning import CleaningRules, invisible_boundary_fraction
from ..drawing.sample import encode_index_png, encode_png
from ..drawing.shapes import occlusions, pack_shapes
from ..layered import LayeredImage
from ..packing import ALL_ENDINGS, Kept, read_members
from ..selection.duplicates import fingerprint
from ..selection.groups import stable_hash
from ..shards import Member, pair_from_bytes, tar_bytes
from .compose import compose_scene

__all__ = ["SCENE_BLOCK", "SCENE_SOURCE", "SceneItem", "build_scene_block", "scene_payload"]

SCENE_BLOCK = 64
SCENE_SOURCE = "scenes"


@dataclass(frozen=True)
class SceneItem:
    """One scene to compose. drawings: per drawing the bytes of its files, keyed by ending."""

    name: str
    seed: int
    drawings: tuple[dict[str, bytes], ...]


def scene_payload(
    kept: Sequence[Kept], parts: Path, mix: SceneMix, seed: int, numbers: range
) -> list[SceneItem]:
    """Draw the drawings of scenes `numbers` from the kept train samples, and read them."""
    pool = [sample for sample in kept if sample.split == "train"]
    items = []
    for number in numbers:
        scene_seed = stable_hash("scene", seed, number)
        rng = np.random.default_rng(scene_seed)
        count = int(rng.integers(mix.least, mix.most + 1))
        chosen = [pool[int(i)] for i in rng.integers(0, len(pool), count)]
        files = [dict(_endings(read_members([sample], parts, ALL_ENDINGS))) for sample in chosen]
        items.append(SceneItem(f"scene-{number:06d}", scene_seed, tuple(files)))
    return items


def _endings(members: Any) -> list[tuple[str, bytes]]:
    return [(ALL_ENDINGS[i], data) for i, (_, data) in enumerate(members)]


def build_scene_block(
    items: Sequence[SceneItem], *, width: int, height: int, rules: CleaningRules
) -> BlockResult:
    """Compose every scene of a block; scenes with invisible boundaries are verdicts."""
    cv2.setNumThreads(1)
    members: list[Member] = []
    meta: list[dict[str, Any]] = []
    for item in items:
        entry: dict[str, Any] = {"source": SCENE_SOURCE, "name": item.name, "split": "train"}
        pairs = [pair_from_bytes(item.name, files) for files in item.drawings]
        rng = np.random.default_rng([item.seed, 1])
        side = max(width, height)
        scene = _cropped(compose_scene(rng, [p.layered() for p in pairs], side), width, height)
        rgb, index, shapes = scene.rgb, scene.index, scene.shapes
        assert shapes is not None
        layers = int(index.max())
        fraction = invisible_boundary_fraction(index, rgb)
        if rules.discard_invisible_boundaries and fraction > rules.invisible_boundary:
            entry["reason"] = "invisible-boundary"
        elif layers < rules.min_layers:
            entry["reason"] = "single-layer"
        else:
            described = {
                "path": f"{SCENE_SOURCE}/{item.name}",
                "source": SCENE_SOURCE,
                "name": item.name,
                "licence": " AND ".join(sorted({pair.meta["licence"] for pair in pairs})),
                "author": "; ".join(sorted({pair.meta["author"] for pair in pairs})),
                "group": item.name,
                "split": "train",
                "layers": layers,
                "flat": False,
                "palette": [None] * layers,
                "hash": "",
                "first_index": 1,
                "page": True,
                "invisible": [],
                "kind": "scenes",
                "occlusions": occlusions(shapes, index, page=True),
                "drawings": [
                    {k: pair.meta[k] for k in ("path", "source", "licence", "author", "hash")}
                    for pair in pairs
                ],
            }
            members += [
                (f"{item.name}.rgb.png", encode_png(rgb)),
                (f"{item.name}.index.png", encode_index_png(index)),
                (f"{item.name}.shapes", pack_shapes(shapes)),
                (f"{item.name}.json", json.dumps(described, ensure_ascii=False).encode()),
            ]
            entry |= {
                "key": item.name,
                "layers": layers,
                "fingerprint": fingerprint(rgb, index).to_json(),
            }
        meta.append(entry)
    return BlockResult(tar_bytes(members), meta)


def _cropped(scene: LayeredImage, width: int, height: int) -> LayeredImage:
    """Return the middle of a scene with full shapes."""
    assert scene.shapes is not None
    top, left = (scene.index.shape[0] - height) // 2, (scene.index.shape[1] - width) // 2
    rows, columns = slice(top, top + height), slice(left, left + width)
    cropped = LayeredImage(
        scene.rgb[rows, columns], scene.index[rows, columns], shapes=scene.shapes[:, rows, columns]
    )
    return cropped.renumbered()
