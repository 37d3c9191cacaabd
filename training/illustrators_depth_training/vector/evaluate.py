"""Runs ways of drawing over the pictures of a split and measures what they drew."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from illustrators_depth.types import Image

from ..data.reasons import Discarded
from ..evaluation.evaluate import Evaluation, PictureResult
from ..evaluation.strata import drawing_kind
from ..samples.drawings import Drawing, DrawingSet
from .lpips import Lpips
from .methods import Method
from .metrics import index_metrics, picture_metrics
from .reading import ReadSvg, SvgReader

__all__ = ["VECTOR_METRICS", "VectorEvaluation", "evaluate_vector"]

VECTOR_METRICS = (
    "order", "foreground_order", "touching_order", "order_paper", "mae", "mse",
    "path_error", "path_excess", "rgb_mse", "ssim", "occlusion_order", "faultless",
)  # fmt: skip


@dataclass
class VectorEvaluation(Evaluation):
    """All drawings of one method; `missing` pictures have none, `failed` ones do not render."""

    missing: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        # One hairline drawing can cost hundreds of paths: the median says what is usual.
        values = {m: [p.values[m] for p in self.pictures] for m in self.metrics}
        medians = {m: _median(v) for m, v in values.items()}
        more = {"median": medians, "missing": self.missing, "failed": self.failed}
        return {**super().to_json(), **more}


def _median(values: Sequence[float]) -> float:
    finite = [value for value in values if np.isfinite(value)]
    return float(np.median(finite)) if finite else float("nan")


def evaluate_vector(
    methods: Sequence[Method],
    drawings: DrawingSet,
    numbers: Sequence[int],
    data: str,
    split: str,
    lpips: Lpips | None = None,
    progress: Callable[[int, int], None] | None = None,
    keep: Callable[[int, str, ReadSvg], None] | None = None,
) -> list[VectorEvaluation]:
    """Measure all methods side by side: each picture goes through every one before the next.

    Args:
        numbers: which drawings.
        data, split: names for the report.
        lpips: adds LPIPS when given.
        progress: called with (pictures done, all).
        keep: called with number, method and what it drew, for sheets.
    """
    height, width = drawings[numbers[0]].index.shape
    metrics = VECTOR_METRICS + (("lpips",) if lpips else ())
    evaluations = [
        VectorEvaluation(m.name, "cpu", data, split, (height, width), metrics=metrics)
        for m in methods
    ]
    with SvgReader() as reader:
        for done, number in enumerate(numbers):
            drawing = drawings[number]
            for method, evaluation in zip(methods, evaluations, strict=True):
                read = _measure(method, evaluation, drawing, number, reader, lpips)
                if read is not None and keep is not None:
                    keep(number, method.name, read)
            if progress is not None:
                progress(done + 1, len(numbers))
    return evaluations


def _measure(
    method: Method,
    evaluation: VectorEvaluation,
    drawing: Drawing,
    number: int,
    reader: SvgReader,
    lpips: Lpips | None,
) -> ReadSvg | None:
    key = str(drawing.meta["key"])
    height, width = drawing.index.shape
    opaque = np.ones((height, width, 1), np.float32)
    image = Image(np.concatenate([drawing.rgb.astype(np.float32) / 255.0, opaque], axis=2), key)
    # Processor time: rows measured in turn on a shared machine stay comparable.
    start = time.process_time()
    svg = method.draw(image)
    seconds = time.process_time() - start
    if svg is None:
        evaluation.missing += 1
        return None
    try:
        read = reader.read(svg, width, height)
    except Discarded as verdict:
        evaluation.failed[key] = str(verdict)
        return None
    layers = int(drawing.meta["layers"])
    values = index_metrics(read, drawing.index, layers, number, drawing.occlusions)
    values |= picture_metrics(read.rgb, drawing.rgb)
    if lpips is not None:
        values["lpips"] = lpips(read.rgb, drawing.rgb)
    source = str(drawing.meta.get("source", "unknown"))
    kind = drawing_kind(drawing.meta)
    evaluation.pictures.append(PictureResult(number, key, source, layers, values, seconds, kind))
    return read
