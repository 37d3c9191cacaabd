"""Writes an evaluation for people: a Markdown table, plots, and the pictures it did worst on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .contact_sheet import contact_sheet
from .drawings import DrawingSet
from .evaluate import Evaluation
from .table_rows import PAPER_ROWS

__all__ = ["depth_table", "plot_by_layers", "source_table", "worst_sheet"]

_HEADER = (
    "| predictor | Order | foreground | touching | MAE | MSE | Order (ties kept) | ms / picture |\n"
    "|---|---|---|---|---|---|---|---|"
)


def depth_table(found: Sequence[Mapping[str, object]], not_run: Mapping[str, str]) -> str:
    """The depth table in Markdown.

    Args:
        found: evaluations as `Evaluation.to_json` gives them.
        not_run: rows that could not be measured here, with the reason.
    """
    lines = [_HEADER]
    for item in found:
        mean, interval = item["mean"], item["interval95"]
        assert isinstance(mean, Mapping) and isinstance(interval, Mapping)
        cells = [str(item["predictor"])]
        for metric in ("order", "foreground_order", "touching_order"):
            low, high = interval[metric]
            cells.append(f"**{mean[metric]:.3f}** ({low:.3f} to {high:.3f})")
        low, high = interval["mae"]
        cells.append(f"{mean['mae']:.2f} ({low:.2f} to {high:.2f})")
        cells.append(f"{mean['mse']:.2f}")
        cells.append(f"{mean['order_paper']:.3f}")
        cells.append(f"{float(str(item['seconds_median'])) * 1e3:.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    for name, reason in not_run.items():
        lines.append(f"| {name} | not run: {reason} | | | | | | |")
    for name, order, mae, mse in PAPER_ROWS:
        lines.append(f"| {name} | | | | {mae:.2f} | {mse:.2f} | {order:.3f} | |")
    return "\n".join(lines)


def source_table(item: Mapping[str, object]) -> str:
    """One predictor by source, in Markdown."""
    sources = item["sources"]
    assert isinstance(sources, Mapping)
    lines = [
        "| source | pictures | Order | foreground | touching | MAE |",
        "|---|---|---|---|---|---|",
    ]
    for name, values in sources.items():
        lines.append(
            f"| {name} | {values['pictures']} | {values['order']:.3f} | "
            f"{values['foreground_order']:.3f} | {values['touching_order']:.3f} | "
            f"{values['mae']:.2f} |"
        )
    return "\n".join(lines)


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
    drawings: DrawingSet,
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
