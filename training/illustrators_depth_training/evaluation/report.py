"""Writes an evaluation for people: Markdown tables, plots, and the pictures it did worst on.

One table of scores is the same wherever scores are shown: rows by kind, illustration first, and by
number of layers; the mean over everything, which shallow icons and assembled avatars flatter, is
its last row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..samples.drawings import Drawings
from .contact_sheet import contact_sheet
from .evaluate import Evaluation
from .strata import DEPTHS, KINDS
from .table_rows import PAPER_ROWS

__all__ = [
    "degraded_table",
    "depth_table",
    "number_text",
    "plot_by_layers",
    "scores_table",
    "source_table",
    "worst_sheet",
]

# Metric, heading, decimals.
_COLUMNS = (
    ("occlusion_order", "occlusion Order", 3),
    ("occlusion_touching", "its touching part", 3),
    ("faultless", "faultless", 2),
    ("free_order", "free Order", 3),
    ("order", "Order", 3),
    ("foreground_order", "foreground", 3),
    ("touching_order", "touching", 3),
    ("mae", "MAE", 2),
    ("mse", "MSE", 2),
)
_WITH_INTERVAL = {"occlusion_order", "order", "foreground_order", "touching_order", "mae"}
_NOT_STORED = "not stored"


def depth_table(rows: Sequence[Mapping[str, Any]], not_run: Mapping[str, str]) -> str:
    """Predictors side by side, in Markdown.

    Args:
        rows: evaluations as `Evaluation.to_json` gives them.
        not_run: rows that could not be measured here, with the reason.
    """
    headings = [heading for _, heading, _ in _COLUMNS]
    lines = _header(
        "predictor", "occlusion Order, illustration", *headings, "Order (ties kept)", "ms / picture"
    )
    for row in rows:
        illustration = _stratum(row, "kind", "illustration")
        cells = [str(row["predictor"]), _cell(illustration, "occlusion_order", 3, True)]
        cells += [_cell(row, m, digits, m in _WITH_INTERVAL) for m, _, digits in _COLUMNS]
        seconds = row["seconds_median"]
        cells += [
            _cell(row, "order_paper", 3),
            number_text(None if seconds is None else 1e3 * seconds, 0),
        ]
        lines.append(_line(cells))
    blank = [""] * (len(_COLUMNS) + 3)
    for name, reason in not_run.items():
        lines.append(_line([name, f"not run: {reason}", *blank[1:]]))
    for name, order, mae, mse in PAPER_ROWS:
        cells = [name, *blank]
        cells[len(_COLUMNS) : len(_COLUMNS) + 3] = f"{mae:.2f}", f"{mse:.2f}", f"{order:.3f}"
        lines.append(_line(cells))
    return "\n".join(lines)


def scores_table(row: Mapping[str, Any]) -> str:
    """One predictor by kind and by number of layers, the mean over all last, in Markdown."""
    lines = _header("drawings", "pictures", *(heading for _, heading, _ in _COLUMNS))
    strata = [("kind", kind, kind) for kind in KINDS]
    strata += [("layers", depth, f"{depth} layers") for depth in DEPTHS]
    for group, stratum, label in strata:
        part = _stratum(row, group, stratum)
        if part is not None:
            lines.append(_scores_line(label, part))
    lines.append(_scores_line("all of them", row))
    return "\n".join(lines)


def degraded_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One predictor on the same drawings, clean and degraded, in Markdown."""
    lines = _header("pictures are", "occlusion Order, illustration", *(h for _, h, _ in _COLUMNS))
    for row in rows:
        illustration = _cell(_stratum(row, "kind", "illustration"), "occlusion_order", 3)
        cells = [_cell(row, metric, digits) for metric, _, digits in _COLUMNS]
        lines.append(_line([str(row["condition"]), illustration, *cells]))
    return "\n".join(lines)


def source_table(row: Mapping[str, Any]) -> str:
    """One predictor by source, in Markdown."""
    metrics = [c for c in _COLUMNS if c[0] not in ("occlusion_touching", "free_order", "mse")]
    lines = _header("source", "pictures", *(heading for _, heading, _ in metrics))
    for name, values in row["sources"].items():
        cells = [number_text(values.get(metric), digits) for metric, _, digits in metrics]
        lines.append(_line([name, str(values["pictures"]), *cells]))
    return "\n".join(lines)


def _header(*headings: str) -> list[str]:
    return [_line(headings), "|" + "---|" * len(headings)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _scores_line(label: str, part: Mapping[str, Any]) -> str:
    cells = [_cell(part, m, digits, m == "occlusion_order") for m, _, digits in _COLUMNS]
    return _line([label, str(part["pictures"]), *cells])


def _stratum(row: Mapping[str, Any], group: str, stratum: str) -> Mapping[str, Any] | None:
    part: Mapping[str, Any] | None = row.get("strata", {}).get(group, {}).get(stratum)
    return part


def _cell(part: Mapping[str, Any] | None, metric: str, digits: int, interval: bool = False) -> str:
    if part is None:
        return ""
    if metric not in part["mean"]:
        return _NOT_STORED
    text = number_text(part["mean"][metric], digits)
    if not interval or not text[0].isdigit():
        return text
    low, high = part["interval95"][metric]
    return f"**{text}** ({low:.{digits}f} to {high:.{digits}f})"


def number_text(value: float | None, digits: int) -> str:
    """A number, or a dash where there was nothing to compare."""
    return "-" if value is None or not np.isfinite(value) else f"{value:.{digits}f}"


def plot_by_layers(evaluations: Sequence[Evaluation], path: Path) -> None:
    """Order against the number of layers, one line per predictor, as a PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    edges = np.array([2, 3, 4, 6, 9, 13, 20, 40, 10_000])
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for evaluation in evaluations:
        layers = np.array([p.layers for p in evaluation.pictures])
        order = np.array([p.values["order"] for p in evaluation.pictures])
        middles, means = [], []
        for low, high in pairwise(edges):
            chosen = (layers >= low) & (layers < high) & np.isfinite(order)
            if chosen.sum() >= 5:
                middles.append(float(np.median(layers[chosen])))
                means.append(float(order[chosen].mean()))
        axes.plot(middles, means, marker="o", label=evaluation.predictor)
    axes.set(xscale="log", xlabel="layers in the drawing", ylabel="Order (ties wrong)")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def worst_sheet(
    evaluation: Evaluation,
    drawings: Drawings,
    maps: Mapping[int, NDArray[np.float32]],
    path: Path,
    count: int = 20,
) -> None:
    """Picture, truth and prediction of the drawings of lowest Order."""
    rows, captions = [], []
    for picture in evaluation.worst(count):
        drawing = drawings[picture.number]
        rows.append((drawing.rgb, drawing.index, maps[picture.number]))
        name = str(drawing.meta.get("name", picture.key))[-28:]
        captions.append(f"{picture.values['order']:.2f} {name}")
    if rows:
        cv2.imwrite(str(path), contact_sheet(rows, captions=captions)[..., ::-1])
