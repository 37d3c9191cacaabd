"""Measures the automatic number of layers, and the order of layers, against a built data set.

    python -m benchmarks layer_count --data DATA [--split val] [--limit 250] [--out layers.json]

DATA is what `illustrators-depth-training data build` made. Besides the predicted depth, the true
index goes through the same steps: what is left then is not the network's doing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from illustrators_depth_training.evaluation.metrics import DepthMetrics

LAYER_BANDS = ((2, 3), (3, 5), (5, 8), (8, 13), (13, 10_000))


def measure(data: Path, split: str, limit: int, model: str) -> list[dict[str, Any]]:
    """One entry per drawing: its true and measured numbers of layers, and orders of both kinds."""
    import numpy as np

    from illustrators_depth import decompose
    from illustrators_depth.types import DepthMap, Image
    from illustrators_depth_training.evaluation.evaluate import choose
    from illustrators_depth_training.evaluation.metrics import depth_metrics
    from illustrators_depth_training.evaluation.table_rows import named_predictor
    from illustrators_depth_training.samples.drawings import DrawingSet

    drawings = DrawingSet(data, split)
    predictor = named_predictor(model)
    entries = []
    for number in choose(drawings, limit, per_group=1):
        drawing = drawings[number]
        alpha = np.ones((*drawing.index.shape, 1), np.float32)
        image = Image(np.concatenate([drawing.rgb.astype(np.float32) / 255.0, alpha], axis=2))
        depth = predictor.predict(image)
        entry = {"key": drawing.meta["key"], "true": int(drawing.meta["layers"])}
        _add_orders(entry, "continuous", depth_metrics(depth.values, drawing.index, seed=number))
        for name, used in (
            ("predicted", depth),
            ("truth", DepthMap(drawing.index.astype(np.float32))),
        ):
            stack = decompose(image, used)
            entry[f"{name} layers"] = len(stack)
            labels = stack.discrete_depth()
            _add_orders(entry, name, depth_metrics(labels, drawing.index, seed=number))
        entries.append(entry)
    return entries


def _add_orders(entry: dict[str, Any], name: str, metrics: DepthMetrics) -> None:
    entry[f"{name} order"], entry[f"{name} order_paper"] = metrics.order, metrics.order_paper


def summary(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Name and value of every line of the report."""
    import numpy as np

    true = np.array([e["true"] for e in entries])
    lines: dict[str, str] = {"drawings": str(len(entries))}
    for name in ("predicted", "truth"):
        error = np.abs(np.array([e[f"{name} layers"] for e in entries]) - true) / true
        lines[f"relative error of N, {name} depth"] = (
            f"mean {error.mean():.3f}, median {np.median(error):.3f}"
        )
        for low, high in LAYER_BANDS:
            own = error[(true >= low) & (true < high)]
            if len(own):
                to = f"{low} to {high - 1}" if high < 1000 else f"{low} and more"
                lines[f"{name} depth, {to} layers"] = (
                    f"mean {own.mean():.3f}, median {np.median(own):.3f} ({len(own)} drawings)"
                )
    for name, title in (
        ("continuous", "continuous prediction"),
        ("predicted", "layers made from it"),
        ("truth", "layers made from the true index"),
    ):
        strict = float(np.nanmean([e[f"{name} order"] for e in entries]))
        paper = float(np.nanmean([e[f"{name} order_paper"] for e in entries]))
        lines[f"Order of the {title}"] = (
            f"{strict:.4f}; {paper:.4f} with ties right, as in the paper's tool: "
            f"{1 - paper:.4f} of pairs inverted, {paper - strict:.4f} tied"
        )
    return lines


def main() -> int:
    """Measure, print, save; returns the exit code, 2 without a data set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("ILLDEPTH_DATA"))
    parser.add_argument("--split", default="val")
    parser.add_argument("--limit", type=int, default=250)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.data is None:
        print("layer_count needs a built data set: give --data or set ILLDEPTH_DATA.")
        return 2
    entries = measure(Path(options.data), options.split, options.limit, options.model)
    lines = summary(entries)
    for name, value in lines.items():
        print(f"{name}: {value}")
    if options.out:
        text = json.dumps({f"{options.data.name}, {options.split}": "", **lines}, indent=1)
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
