"""Measures ways of continuing layers over the drawings of a split."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.predictors import Predictor
from illustrators_depth.types import Image

from ..evaluation.evaluate import Evaluation, PictureResult
from ..evaluation.strata import drawing_kind
from ..samples.drawings import Drawing, DrawingSet
from .completion import completed_mask, ordered_labels
from .measure import HiddenPart, is_measured, measure_part

__all__ = ["HIDDEN_METRICS", "HiddenEvaluation", "evaluate_hidden", "full_shapes"]

HIDDEN_METRICS = ("iou", "partial_iou", "outline", "partial_outline")
GIVEN_ORDER = "given"


@dataclass
class HiddenEvaluation(Evaluation):
    """All drawings of one method, under the given or a predicted order.

    `parts` holds what was measured of every layer: the drawing's number and the part.
    """

    order: str = GIVEN_ORDER
    parts: list[tuple[int, HiddenPart]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """As an Evaluation, with the means over all layers, each counting once, beside it."""
        by_layer = _values([part for _, part in self.parts])
        report = {**super().to_json(), "order": self.order, "parts": len(self.parts)}
        return {**report, "mean_over_layers": by_layer}

    def worst(self, count: int = 20) -> list[PictureResult]:
        """The drawings of lowest IoU, worst first."""
        return sorted(self.pictures, key=lambda p: p.values["iou"])[:count]


def full_shapes(drawings: DrawingSet, numbers: Sequence[int]) -> None:
    """Raise InputError when the first of these drawings has no full shapes."""
    if drawings[numbers[0]].packed_shapes is None:
        raise InputError(
            "This data set was built without full shapes, which hidden parts are measured against; "
            "build it again with --full-shapes."
        )


def evaluate_hidden(
    methods: Sequence[str],
    drawings: DrawingSet,
    numbers: Sequence[int],
    data: str,
    split: str,
    predictor: Predictor | None = None,
    given: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> list[HiddenEvaluation]:
    """Measure all methods side by side.

    Args:
        methods: of `completion.METHODS`.
        numbers: which drawings; those where nothing is hidden are passed over.
        data, split: names for the report.
        predictor: adds rows under the order that it predicts.
        given: whether there are rows under the true order.
        progress: called with (done, all).

    Raises InputError when the set has no full shapes or the engine lacks a method.
    """
    full_shapes(drawings, numbers)
    height, width = drawings[numbers[0]].index.shape
    orders = ([GIVEN_ORDER] if given else []) + ([predictor.name] if predictor else [])
    rows = {
        (order, method): HiddenEvaluation(
            method, "cpu", data, split, (height, width), metrics=HIDDEN_METRICS, order=order
        )
        for order in orders
        for method in methods
    }
    for done, number in enumerate(numbers):
        drawing = drawings[number]
        layers = hidden_layers(drawing)
        for order in orders if layers else ():
            prediction = None
            if order != GIVEN_ORDER and predictor is not None:
                prediction = predictor.predict(_picture(drawing)).values
            _measure(drawing, number, layers, prediction, {m: rows[order, m] for m in methods})
        if progress is not None:
            progress(done + 1, len(numbers))
    return list(rows.values())


def hidden_layers(drawing: Drawing) -> list[int]:
    """Indices of the layers above the background that show enough and hide enough."""
    shapes = drawing.shapes
    assert shapes is not None
    index = drawing.index
    return [
        layer
        for layer in np.unique(index[index > 1]).tolist()
        if is_measured(index == layer, shapes[layer - 1] & (index > layer))
    ]


def _picture(drawing: Drawing) -> Image:
    opaque = np.ones((*drawing.index.shape, 1), np.float32)
    rgba = np.concatenate([drawing.rgb.astype(np.float32) / 255.0, opaque], axis=2)
    return Image(rgba, name=str(drawing.meta["key"]))


def _measure(
    drawing: Drawing,
    number: int,
    layers: Sequence[int],
    prediction: NDArray[np.float32] | None,
    rows: dict[str, HiddenEvaluation],
) -> None:
    shapes = drawing.shapes
    assert shapes is not None
    labels, label_of = ordered_labels(drawing.index, prediction)
    for method, row in rows.items():
        start = time.process_time()
        visibility = VisibilityIndex(labels)
        masks = [completed_mask(visibility, int(label_of[layer]), method) for layer in layers]
        seconds = time.process_time() - start
        parts = [
            measure_part(layer, drawing.index, shapes[layer - 1], mask)
            for layer, mask in zip(layers, masks, strict=True)
        ]
        row.parts += [(number, part) for part in parts]
        meta = drawing.meta
        row.pictures.append(
            PictureResult(
                number,
                str(meta["key"]),
                str(meta.get("source", "unknown")),
                int(meta["layers"]),
                _values(parts),
                seconds,
                drawing_kind(meta),
            )
        )


def _values(parts: Sequence[HiddenPart]) -> dict[str, float]:
    partial = [part for part in parts if part.partial]
    return {
        "iou": _mean([p.iou for p in parts]),
        "partial_iou": _mean([p.iou for p in partial]),
        "outline": _mean([p.outline for p in parts]),
        "partial_outline": _mean([p.outline for p in partial]),
    }


def _mean(values: Sequence[float]) -> float:
    finite = [value for value in values if np.isfinite(value)]
    return float(np.mean(finite)) if finite else float("nan")
