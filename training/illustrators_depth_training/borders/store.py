"""The crops of many drawings in memory-mapped files, so that training reads nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..output_files import write_json
from ..samples.drawings import Drawing, DrawingSet
from .pairs import LabelledPairs, labelled_crops
from .scenes import composed_scenes

__all__ = ["CropStore", "degrade", "ensure_scene_store", "ensure_store", "write_store"]

_FIELDS = ("context", "ends", "features", "above", "weight")
DEGRADED_SHARE = 0.3
"""Share of the drawings whose picture is degraded before it is segmented."""
PAIRS_OF_A_SCENE = 40
"""Pairs of one composed scene at most; it is as deep as several drawings."""


@dataclass(frozen=True)
class CropStore:
    """Crops of P pairs, memory-mapped: the fields of `BorderCrops` and `LabelledPairs`.

    Attributes:
        drawing: int32 (P,), number of the drawing that each pair is of.
    """

    context: NDArray[np.uint8]
    ends: NDArray[np.uint8]
    features: NDArray[np.float32]
    above: NDArray[np.float32]
    weight: NDArray[np.float32]
    drawing: NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path) -> CropStore:
        """Map a store that `write_store` finished; raises InputError where there is none."""
        names = (*_FIELDS, "drawing")
        if not (folder / "store.json").is_file():
            raise InputError(f"{folder} holds no finished crops; run `train-border` to make them.")
        try:
            columns = {
                n: np.load(folder / f"{n}.npy", mmap_mode="r", allow_pickle=False) for n in names
            }
        except (OSError, ValueError) as error:
            raise InputError(f"The crops in {folder} are damaged ({error}); delete them.") from None
        return cls(**columns)

    @classmethod
    def join(cls, stores: Sequence[CropStore]) -> CropStore:
        """All pairs of several stores; drawings keep numbers of their own."""
        if len(stores) == 1:
            return stores[0]
        shifts = np.cumsum([0] + [int(s.drawing.max(initial=-1)) + 1 for s in stores[:-1]])
        drawing = [s.drawing + np.int32(d) for s, d in zip(stores, shifts, strict=True)]
        columns = {f: np.concatenate([getattr(s, f) for s in stores]) for f in _FIELDS}
        return cls(**columns, drawing=np.concatenate(drawing))

    def __len__(self) -> int:
        return len(self.above)


def ensure_store(
    data: Path, split: str, folder: Path, limit: int, seed: int, report: Callable[[str], None]
) -> Path:
    """The folder with the crops of one split of a data set; they are cut where it is not there yet.

    Args:
        data: the built data set. folder: where stores are kept.
        limit: pairs of one drawing at most. seed: of the choice.
    """
    target = folder / f"{data.resolve().name}-{split}-{limit}-{seed}"
    if not (target / "store.json").is_file():
        drawings = DrawingSet(data, split)
        report(f"Cutting the crops of {len(drawings)} drawings of {split} ...")
        count = write_store((drawings[n] for n in range(len(drawings))), target, seed, limit)
        report(f"{count} pairs.")
    return target


def ensure_scene_store(
    data: Path, count: int, folder: Path, seed: int, report: Callable[[str], None]
) -> Path:
    """The folder with the crops of scenes composed of a data set's training drawings.

    Args:
        data: the built data set. count: how many scenes.
        folder: where stores are kept. seed: of the scenes and of the choice.
    """
    target = folder / f"{data.resolve().name}-scenes-{count}-{seed}"
    if not (target / "store.json").is_file():
        report(f"Composing {count} scenes and cutting their crops ...")
        scenes = composed_scenes(DrawingSet(data, "train"), count, seed)
        report(f"{write_store(scenes, target, seed, PAIRS_OF_A_SCENE)} pairs.")
    return target


def write_store(drawings: Iterable[Drawing], folder: Path, seed: int, limit: int) -> int:
    """Cut the crops of all drawings into `folder`; returns the number of pairs."""
    kept: list[LabelledPairs] = []
    numbers: list[int] = []
    for number, drawing in enumerate(drawings):
        rng = np.random.default_rng([seed, number])
        rgb = degrade(drawing.rgb, rng) if rng.random() < DEGRADED_SHARE else drawing.rgb
        pairs = labelled_crops(rgb, drawing.index, drawing.meta, rng, limit)
        if pairs is not None:
            kept.append(pairs)
            numbers += [number] * len(pairs.above)
    if not kept:
        raise InputError("No two regions of these drawings touch; there is nothing to learn from.")
    columns = {
        "context": np.concatenate([k.crops.context for k in kept]),
        "ends": np.concatenate([k.crops.ends for k in kept]),
        "features": np.concatenate([k.crops.features for k in kept]),
        "above": np.concatenate([k.above for k in kept]),
        "weight": np.concatenate([k.weight for k in kept]),
        "drawing": np.array(numbers, np.int32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, column in columns.items():
        np.save(folder / f"{name}.npy", column)
    # Written last: a store without it was not finished.
    write_json(folder / "store.json", {"pairs": len(numbers), "limit": limit, "seed": seed})
    return len(numbers)


def degrade(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What pictures go through: compression, grain, blur, uneven light; uint8 (H, W, 3)."""
    kind = int(rng.integers(4))
    if kind == 0:
        quality = int(rng.integers(40, 92))
        _, data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
    work = rgb.astype(np.float32)
    height, width = rgb.shape[:2]
    if kind == 1:
        grain = rng.normal(0, rng.uniform(1, 8), (height, width, 1)).astype(np.float32)
        work += cv2.GaussianBlur(grain, (0, 0), 0.6)[..., None] * 1.5
    elif kind == 2:
        work = cv2.GaussianBlur(work, (0, 0), float(rng.uniform(0.4, 1.2)))
    else:
        angle = rng.uniform(0, 2 * np.pi)
        y, x = np.mgrid[:height, :width].astype(np.float32)
        ramp = (np.cos(angle) * x / width + np.sin(angle) * y / height) * rng.uniform(20, 70)
        work += (ramp - ramp.mean())[..., None]
    return np.clip(np.rint(work), 0, 255).astype(np.uint8)
