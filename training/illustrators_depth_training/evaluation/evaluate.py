"""Measures predictors on a split: per picture, per source, overall, with intervals."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.predictors import Predictor
from illustrators_depth.types import Image

from ..output_files import write_json
from ..samples.drawings import Drawings
from .metrics import depth_metrics
from .strata import DEPTHS, KINDS, depth_stratum, drawing_kind

__all__ = ["METRICS", "Evaluation", "PictureResult", "bootstrap_interval", "evaluate"]

METRICS = (
    "occlusion_order", "occlusion_touching", "free_order", "faultless",
    "order", "foreground_order", "touching_order", "mae", "mse", "order_paper",
)  # fmt: skip
_BOOTSTRAP_RESAMPLES = 1000


@dataclass(frozen=True)
class PictureResult:
    """Metrics of one picture: number in the set, source, layer count, values, seconds, kind."""

    number: int
    key: str
    source: str
    layers: int
    values: dict[str, float]
    seconds: float
    kind: str = "icons"


@dataclass
class Evaluation:
    """All pictures of one predictor on one split, as they are or degraded in one way."""

    predictor: str
    device: str
    data: str
    split: str
    size: tuple[int, int]
    pictures: list[PictureResult] = field(default_factory=list)
    metrics: tuple[str, ...] = METRICS
    condition: str = "clean"

    def mean(self, metric: str, source: str | None = None) -> float:
        """The mean over pictures where the metric is defined, of one source or of all."""
        pictures = [p for p in self.pictures if source is None or p.source == source]
        return _mean(_finite(pictures, metric))

    def interval(self, metric: str) -> tuple[float, float]:
        """Bootstrap 95 % interval of the mean."""
        return bootstrap_interval(_finite(self.pictures, metric))

    @property
    def sources(self) -> list[str]:
        return sorted({p.source for p in self.pictures})

    def strata(self) -> dict[str, dict[str, Any]]:
        """Means and intervals by kind and by number of layers, of the strata that occur."""
        parts = {
            "kind": (KINDS, [p.kind for p in self.pictures]),
            "layers": (DEPTHS, [depth_stratum(p.layers) for p in self.pictures]),
        }
        tables: dict[str, dict[str, Any]] = {}
        for name, (strata, belongs) in parts.items():
            tables[name] = {}
            for stratum in strata:
                chosen = [
                    p for p, own in zip(self.pictures, belongs, strict=True) if own == stratum
                ]
                if chosen:
                    tables[name][stratum] = self._summary(chosen)
        return tables

    def _summary(self, pictures: Sequence[PictureResult]) -> dict[str, Any]:
        values = {m: _finite(pictures, m) for m in self.metrics}
        return {
            "pictures": len(pictures),
            "mean": {m: _mean(v) for m, v in values.items()},
            "interval95": {m: list(bootstrap_interval(v)) for m, v in values.items()},
        }

    def worst(self, count: int = 20) -> list[PictureResult]:
        """The pictures of lowest order, worst first; those without pairs to order are left out."""
        ordered = [p for p in self.pictures if np.isfinite(p.values["order"])]
        return sorted(ordered, key=lambda p: p.values["order"])[:count]

    def to_json(self) -> dict[str, Any]:
        """Everything as plain values, for `results.json`."""
        return {
            "predictor": self.predictor,
            "device": self.device,
            "data": self.data,
            "split": self.split,
            "size": list(self.size),
            "condition": self.condition,
            **self._summary(self.pictures),
            "strata": self.strata(),
            "seconds_median": float(np.median([p.seconds for p in self.pictures])),
            "layers_median": float(np.median([p.layers for p in self.pictures])),
            "sources": {
                s: {
                    "pictures": sum(p.source == s for p in self.pictures),
                    **{m: self.mean(m, s) for m in self.metrics},
                }
                for s in self.sources
            },
            "worst": [{"key": p.key, "source": p.source, **p.values} for p in self.worst()],
        }


def _finite(pictures: Sequence[PictureResult], metric: str) -> NDArray[np.float64]:
    values = np.array([p.values[metric] for p in pictures], np.float64)
    return values[np.isfinite(values)]


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else float("nan")


def bootstrap_interval(values: NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean by resampling pictures."""
    if values.size == 0:
        return float("nan"), float("nan")
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, values.size, (_BOOTSTRAP_RESAMPLES, values.size))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def choose(
    drawings: Drawings,
    limit: int,
    min_layers: int = 2,
    seed: int = 0,
    per_group: int = 0,
    per_kind: int = 0,
) -> list[int]:
    """Numbers of at most `limit` drawings (0 = all) with enough layers, the same for a seed.

    `per_group` > 0 takes at most so many of one group (variants of one motif, such as an emoji in
    all its skin tones) from each source; `per_kind` > 0 at most so many of each kind of drawing, so
    that illustrations weigh as much as icons.

    Raises InputError when no drawing has so many layers.
    """
    rng = np.random.default_rng(seed)
    numbers = np.flatnonzero(drawings.layers >= min_layers)
    if not numbers.size:
        raise InputError(f"No drawing here has {min_layers} layers; ask for fewer.")
    if per_group:
        per_group_count: dict[tuple[str, str], int] = {}
        chosen = []
        for number in rng.permutation(numbers):
            meta = drawings.meta[number]
            group = (str(meta.get("source")), str(meta.get("group", meta["key"])))
            per_group_count[group] = per_group_count.get(group, 0) + 1
            if per_group_count[group] <= per_group:
                chosen.append(number)
        numbers = np.sort(np.array(chosen))
    if per_kind:
        by_kind: dict[str, list[int]] = {}
        for number in rng.permutation(numbers).tolist():
            by_kind.setdefault(drawing_kind(drawings.meta[number]), []).append(number)
        numbers = np.sort(np.concatenate([same[:per_kind] for same in by_kind.values()]))
    if limit and len(numbers) > limit:
        numbers = np.sort(rng.choice(numbers, limit, replace=False))
    return [int(n) for n in numbers]


def evaluate(
    predictor: Predictor,
    drawings: Drawings,
    numbers: Sequence[int],
    data: str,
    split: str,
    progress: Callable[[int, int], None] | None = None,
    keep: Callable[[int, NDArray[np.float32]], None] | None = None,
    condition: str = "clean",
) -> Evaluation:
    """Run a predictor over drawings.

    Args:
        numbers: which drawings.
        data, split: names for the report.
        progress: called with (done, all).
        keep: called with each drawing's number and predicted map, for contact sheets.
        condition: how the drawings are degraded, for the report.
    """
    height, width = drawings[numbers[0]].index.shape
    evaluation = Evaluation(predictor.name, predictor.device, data, split, (height, width))
    evaluation.condition = condition
    for done, number in enumerate(numbers):
        drawing = drawings[number]
        opaque = np.ones((*drawing.index.shape, 1), np.float32)
        rgba = np.concatenate([drawing.rgb.astype(np.float32) / 255.0, opaque], axis=2)
        start = time.perf_counter()
        depth = predictor.predict(Image(rgba, name=str(drawing.meta["key"])))
        seconds = time.perf_counter() - start
        values = depth_metrics(
            depth.values, drawing.index, seed=number, occlusions=drawing.occlusions
        ).to_dict()
        source = str(drawing.meta.get("source", "unknown"))
        layers = int(drawing.meta["layers"])
        key, kind = str(drawing.meta["key"]), drawing_kind(drawing.meta)
        evaluation.pictures.append(
            PictureResult(number, key, source, layers, values, seconds, kind)
        )
        if keep is not None:
            keep(number, depth.values)
        if progress is not None:
            progress(done + 1, len(numbers))
    return evaluation


def save(evaluation: Evaluation, path: Path) -> None:
    """Write one evaluation as JSON, atomically."""
    write_json(path, evaluation.to_json())
