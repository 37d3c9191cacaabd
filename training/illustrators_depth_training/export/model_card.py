"""The card of a model that ships: what it is, what it scored, whose work it learned from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.predictors.onnx import WORKING_SIZE

from ..output_files import output_folder, without_nan
from ..results import scores_block
from ..samples.drawings import DrawingSet
from .onnx_export import sha256
from .variant import LARGEST_FILE, Variant

__all__ = [
    "attribution",
    "markdown_card",
    "put_scores_into_card",
    "write_card",
]

_SCORE_FIELDS = (
    "predictor", "data", "split", "size", "pictures", "layers_median", "mean", "interval95",
    "strata",
)  # fmt: skip


def attribution(drawings: DrawingSet) -> list[dict[str, Any]]:
    """Every source behind a model: name, licence, authors, number of drawings."""
    counts: dict[tuple[str, str, str], int] = {}
    for meta in drawings.meta:
        key = (
            str(meta.get("source", "unknown")),
            str(meta.get("licence", "unknown")),
            str(meta.get("author", "unknown")),
        )
        counts[key] = counts.get(key, 0) + 1
    return [
        {"source": source, "licence": licence, "author": author, "drawings": count}
        for (source, licence, author), count in sorted(counts.items())
    ]


def write_card(variant: Variant, data: Path, checkpoint: Path, folder: Path, notes: str) -> None:
    """Install a variant as `compact.onnx` with its card, as JSON and as Markdown, atomically.

    The card holds the checksum that the engine verifies, what the model was trained on and what
    it scored. The model goes first: an old card refuses a new model rather than the reverse.
    """
    if variant.bytes > LARGEST_FILE:
        raise InputError(
            f"{variant.path.name} is {variant.bytes / 1e6:.1f} MB; at most 15 MB may ship."
        )
    folder = output_folder(folder)
    card = {
        "name": "compact",
        "file": "compact.onnx",
        "sha256": sha256(variant.path),
        "bytes": variant.bytes,
        "storage": variant.kind,
        "date": date.today().isoformat(),
        "checkpoint": checkpoint.name,
        "licence": "GPL-3.0-or-later; see the training data's licences below",
        "input": "rgb (1, 3, h, w), sRGB 0..1 on white, h and w multiples of 32; cover, features "
        "and pairs of R regions (illustrators_depth.regions.region_inputs)",
        "output": "depth (1, h, w) and regions (1, R), larger = nearer, arbitrary unit and offset",
        "working_size": WORKING_SIZE,
        "encoder": "EfficientNet-Lite0, public ImageNet weights (Apache-2.0), fine-tuned",
        "validation": without_nan({m: round(v, 4) for m, v in variant.means.items()}),
        "scores": [_scores(variant.report)] if variant.report else [],
        "notes": notes,
        "training_data": attribution(DrawingSet(data, "train")),
    }
    _install(folder / "compact.onnx", variant.path.read_bytes())
    _install_card(folder, card)


def put_scores_into_card(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the scores of the card in `folder` by saved evaluations of its model, atomically.

    Args:
        folder: holds compact.json.
        rows: evaluations as `Evaluation.to_json` gives them; those of other predictors are left
            out.

    Raises InputError when there is no card or none of the rows is of its model.
    """
    path = folder / "compact.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        own = [_scores(row) for row in rows if row["predictor"] == card["name"]]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path} is not a model's card ({error}).") from error
    if not own:
        raise InputError(f"None of the saved evaluations is of the model {card['name']}.")
    card["scores"] = own
    card["validation"] = own[0]["mean"]
    _install_card(folder, card)


def _scores(report: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: _rounded(report[name]) for name in _SCORE_FIELDS}
    return dict(without_nan(fields))


def _rounded(value: Any) -> Any:
    """The same values to six decimals: tables round them the same as the saved evaluation."""
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 6) if isinstance(value, float) else value


def _install_card(folder: Path, card: Mapping[str, Any]) -> None:
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    _install(folder / "compact.json", text.encode("utf-8"))
    _install(folder / "compact.md", markdown_card(card).encode("utf-8"))


def _install(path: Path, data: bytes) -> None:
    with atomic_path(path, overwrite=True) as partial:
        partial.write_bytes(data)


def markdown_card(card: Mapping[str, Any]) -> str:
    """The card for people: purpose, scores, limits, and whose work it learned from."""
    scores = scores_block(card["scores"]) if card.get("scores") else "Not measured yet."
    sources: dict[tuple[str, str], list[Any]] = {}
    for item in card["training_data"]:
        sources.setdefault((item["source"], item["licence"]), []).append(item)
    rows = []
    for (source, licence), items in sources.items():
        authors = sorted({str(item["author"]) for item in items})
        named = authors[0] if len(authors) == 1 else f"{len(authors)} authors, see compact.json"
        count = sum(item["drawings"] for item in items)
        rows.append(f"| {source} | {licence} | {named} | {count} |")
    table = "\n".join(rows)
    return f"""# The compact model

`compact.onnx` ({card["bytes"] / 1e6:.1f} MB, {card["storage"]}, {card["date"]}) predicts an
illustrator's depth: for every pixel of a flat illustration, how far up it lies in the artist's
stacking order. It is not a model of physical depth.

- Input: {card["input"]}.
- Output: {card["output"]}.
- Encoder: {card["encoder"]}.
- {card["notes"] or "No further notes."}

## Scores

Order is right where the median of the upper layer is above the lower one's; a tie is wrong. The
occlusion Order is of the pairs that hide one another. All definitions, intervals, baselines and
degraded pictures: docs/results.md. MAE and MSE are of maps normalised by median and mean deviation.

{scores}

## Limits

Made for flat vector-like art. Photographs, painterly textures and 3-D renderings are outside what
it has seen. Which of two shapes that do not touch was drawn first is often arbitrary; there it
guesses by the habits of its training data.

## Whose work it learned from

The drawings keep their licences; none of them is contained in the model.

| source | licence | author | drawings |
|---|---|---|---|
{table}
"""
