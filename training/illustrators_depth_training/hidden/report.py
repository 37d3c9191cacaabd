"""The table of hidden parts in Markdown, and the sheets of what each method made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.layering.visibility import VisibilityIndex

from ..evaluation.report import number_text
from ..evaluation.strata import DEPTHS, KINDS
from ..samples.drawings import Drawing, DrawingSet
from .completion import completed_mask, ordered_labels
from .evaluate import HiddenEvaluation
from .measure import HiddenPart

__all__ = ["hidden_sheet", "hidden_strata_table", "hidden_table", "random_parts", "worst_parts"]

_SIDE_PX = 150
_CAPTION_PX = 16
_PAPER_GREY, _SHAPE_COLOR, _HIDDEN_COLOR = 235, (70, 110, 190), (240, 150, 40)
# Metrics of the table: of all measured layers, and of those that show at least what they hide.
_COLUMNS = ("iou", "partial_iou", "outline", "partial_outline")


def hidden_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One row for each order and method; `rows` as `HiddenEvaluation.to_json` gives them."""
    lines = [
        "| order | method | drawings | layers | IoU | IoU, partial | outline px | "
        "outline px, partial | CPU ms / drawing |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row["order"], row["predictor"], str(row["pictures"]), str(row["parts"])]
        cells += [_with_interval(row, metric) for metric in _COLUMNS]
        cells.append(f"{row['seconds_median'] * 1e3:.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def hidden_strata_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Partial IoU and outline by stratum, a row for each order and method."""
    present = [
        (group, stratum)
        for group, strata in (("kind", KINDS), ("layers", DEPTHS))
        for stratum in strata
        if any(stratum in row["strata"][group] for row in rows)
    ]
    lines = [
        "| order | method | " + " | ".join(stratum for _, stratum in present) + " |",
        "|---|---|" + "---|" * len(present),
    ]
    for row in rows:
        cells = [row["order"], row["predictor"]]
        for group, stratum in present:
            values = row["strata"][group].get(stratum)
            mean = values["mean"] if values else None
            pair = (
                (number_text(mean["partial_iou"], 2), number_text(mean["partial_outline"], 1))
                if mean
                else ()
            )
            cells.append(" / ".join(pair))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _with_interval(row: Mapping[str, Any], metric: str) -> str:
    """Mean of a metric with its 95 % interval."""
    digits = 3 if metric.endswith("iou") else 1
    numbers = (row["mean"][metric], *row["interval95"][metric])
    return "{} ({} to {})".format(*(number_text(number, digits) for number in numbers))


def worst_parts(evaluation: HiddenEvaluation, count: int = 24) -> list[tuple[int, HiddenPart]]:
    """The layers of lowest IoU, those first whose hidden part is no larger than what shows.

    Pairs of a drawing's number in its set and a layer of it.
    """
    return sorted(evaluation.parts, key=lambda part: (not part[1].partial, part[1].iou))[:count]


def random_parts(
    evaluation: HiddenEvaluation, count: int = 24, seed: int = 0
) -> list[tuple[int, HiddenPart]]:
    """Layers drawn at random, the same ones for a seed, in the order of the set.

    Pairs as of `worst_parts`.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(evaluation.parts))[:count]
    return [evaluation.parts[i] for i in sorted(chosen.tolist())]


def hidden_sheet(
    drawings: DrawingSet,
    parts: Sequence[tuple[int, HiddenPart]],
    method: str,
    columns: int = 3,
) -> NDArray[np.uint8]:
    """Picture, what shows of the layer, ours under the true order, and the true shape, in crops.

    Args:
        drawings: a set with full shapes.
        parts: pairs of a drawing's number and a layer of it, at least one.
        method: one of `completion.METHODS`.
        columns: layers side by side, each of four crops.

    Returns:
        RGB, uint8 (H, W, 3). Blue is what shows, orange what is hidden. Captions: IoU, distance of
        the outlines in pixels of 512, name of the drawing, index of the layer.
    """
    cells = [_cell(drawings[number], part, method) for number, part in parts]
    blank = np.full_like(cells[0], _PAPER_GREY)
    cells += [blank] * (-len(cells) % columns)
    bands = [np.concatenate(cells[i : i + columns], axis=1) for i in range(0, len(cells), columns)]
    return np.concatenate(bands, axis=0)


def _cell(drawing: Drawing, part: HiddenPart, method: str) -> NDArray[np.uint8]:
    """The four crops of one layer in a row, with a caption."""
    shapes = drawing.shapes
    assert shapes is not None
    index, layer = drawing.index, part.layer
    labels, label_of = ordered_labels(index)
    ours = completed_mask(VisibilityIndex(labels), int(label_of[layer]), method)
    visible, above = index == layer, index > layer
    box = _square_around(shapes[layer - 1] | visible)
    panels = [
        drawing.rgb[box],
        _paint(visible, np.zeros_like(visible))[box],
        _paint(visible, ours & above)[box],
        _paint(visible, shapes[layer - 1] & above)[box],
    ]
    size = (_SIDE_PX, _SIDE_PX)
    strip = np.concatenate(
        [
            cv2.copyMakeBorder(
                cv2.resize(np.ascontiguousarray(panel), size, interpolation=cv2.INTER_AREA),
                1,
                1,
                1,
                1,
                cv2.BORDER_CONSTANT,
                value=(140, 140, 140),
            )
            for panel in panels
        ],
        axis=1,
    )
    strip = cv2.copyMakeBorder(
        strip, 0, _CAPTION_PX, 0, 6, cv2.BORDER_CONSTANT, value=(_PAPER_GREY,) * 3
    )
    name = str(drawing.meta.get("name", ""))[-30:]
    text = f"{part.iou:.2f} {number_text(part.outline, 1)}px {name} {layer}"
    place = (3, strip.shape[0] - 4)
    cv2.putText(strip, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.38, (20, 20, 20), 1, cv2.LINE_AA)
    return np.asarray(strip, np.uint8)


def _paint(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """What shows and what is hidden of a layer, (H, W) each, in two colours on grey."""
    out = np.full((*visible.shape, 3), _PAPER_GREY, np.uint8)
    out[hidden] = _HIDDEN_COLOR
    out[visible] = _SHAPE_COLOR
    return out


def _square_around(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """A square window around a mask with a tenth of its side to spare, inside the frame."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    side = min(max(round(1.2 * max(width, height)), 24), *mask.shape)
    starts = [
        min(max(round(start + length / 2 - side / 2), 0), limit - side)
        for start, length, limit in zip((top, left), (height, width), mask.shape, strict=True)
    ]
    return slice(starts[0], starts[0] + side), slice(starts[1], starts[1] + side)
