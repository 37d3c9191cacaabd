"""Composed scenes as a part of a build: blocks of scenes from kept train drawings.

Scene number n of a build depends on the seed, the kept drawings, the mix, the size and the cleaning
rules only. Its JSON names every drawing in it, with all licences.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..blocks import BlockResult
from ..config import SceneMix
from ..drawing.cleaning import CleaningRules, invisible_boundary_fraction
from ..drawing.sample import encode_index_png, encode_png
from ..drawing.shapes import occlusions, pack_shapes
from ..layered import LayeredImage
from ..packing import ALL_ENDINGS, Kept, read_members
from ..selection.duplicates import fingerprint
from ..selection.groups import stable_hash
from ..shards import Member, Pair, pair_from_bytes, tar_bytes
from .compose import compose_scene

__all__ = ["SCENE_BLOCK", "SCENE_SOURCE", "SceneItem", "build_scene_block", "scene_payload"]

SCENE_BLOCK = 64
SCENE_SOURCE = "scenes"


@dataclass(frozen=True)
class SceneItem:
    """One scene to compose.

    Attributes:
        name: "scene-" and six digits, the key of its files.
        seed: of the scene's own random choices.
        drawings: per drawing the bytes of its files, by their ending in `ALL_ENDINGS`.
    """

    name: str
    seed: int
    drawings: tuple[dict[str, bytes], ...]


def scene_payload(
    kept: Sequence[Kept], parts: Path, mix: SceneMix, seed: int, numbers: range
) -> list[SceneItem]:
    """Choose the drawings of scenes `numbers` at random, with repeats, and read their files.

    Args:
        kept: all kept samples, of which those of split "train" are chosen from.
        parts: the folder OUT/parts with the tars of the build's blocks.
        numbers: of the scenes, counted from 0 over the whole build.

    Raises ValueError when no sample is of split "train".
    """
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


def _endings(members: Iterable[Member]) -> list[tuple[str, bytes]]:
    """Files of one sample, in the order of `ALL_ENDINGS`, by that ending in place of their name."""
    return [(ALL_ENDINGS[i], data) for i, (_, data) in enumerate(members)]


def build_scene_block(
    items: Sequence[SceneItem], *, width: int, height: int, rules: CleaningRules
) -> BlockResult:
    """Compose every scene of a block: its tar, and an entry in `meta` for each scene.

    A scene with too much invisible boundary or too few layers has no files; its entry says so under
    "reason" (see `data.reasons`), where that of the others has the fingerprint.

    Args:
        width, height: of the scenes, in pixels.
    """
    cv2.setNumThreads(1)  # blocks run in a process per core already
    members: list[Member] = []
    meta: list[dict[str, Any]] = []
    for item in items:
        entry: dict[str, Any] = {"source": SCENE_SOURCE, "name": item.name, "split": "train"}
        pairs = [pair_from_bytes(item.name, files) for files in item.drawings]
        # A stream of its own: `scene_payload` has drawn from that of the bare seed.
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
            entry["reason"] = "single-layer"  # the documented name for fewer than `min_layers`
        else:
            described = _describe(item.name, pairs, shapes, index)
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


def _describe(
    name: str, pairs: Sequence[Pair], shapes: NDArray[np.bool_], index: NDArray[np.int32]
) -> dict[str, Any]:
    """A scene's JSON: all fields that a drawing's has; what a scene has no value for is empty."""
    layers = int(index.max())
    return {
        "path": f"{SCENE_SOURCE}/{name}",
        "source": SCENE_SOURCE,
        "name": name,
        "licence": " AND ".join(sorted({pair.meta["licence"] for pair in pairs})),
        "author": "; ".join(sorted({pair.meta["author"] for pair in pairs})),
        "group": name,
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


def _cropped(scene: LayeredImage, width: int, height: int) -> LayeredImage:
    """Return the middle of a scene with full shapes."""
    assert scene.shapes is not None
    top, left = (scene.index.shape[0] - height) // 2, (scene.index.shape[1] - width) // 2
    rows, columns = slice(top, top + height), slice(left, left + width)
    cropped = LayeredImage(
        scene.rgb[rows, columns], scene.index[rows, columns], shapes=scene.shapes[:, rows, columns]
    )
    return cropped.renumbered()
