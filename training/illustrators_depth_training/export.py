"""Turns a checkpoint into what ships: ONNX variants, measured, and a card that says what it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.networks.region_inputs import RegionInputs
from illustrators_depth.predictors.onnx import WORKING_SIZE, OnnxPredictor
from illustrators_depth.predictors.regional import prepare
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image

from .drawings import DrawingSet
from .evaluate import METRICS, choose, evaluate
from .onnx_export import export_onnx, half_weights, integer_weights, largest_difference, sha256
from .output_files import output_folder

__all__ = ["LARGEST_FILE", "Variant", "attribution", "export", "markdown_card", "write_card"]

TOLERANCE = 1e-3
LARGEST_FILE = 15 * 1024 * 1024
_CHECKED_PICTURES, _CALIBRATION_PICTURES = 20, 48
_ORDER_TO_GIVE_UP = 0.001  # a smaller or faster variant may cost this much order at most


@dataclass(frozen=True)
class Variant:
    """One way of storing the network: file, size, metrics on the split, seconds per 256x256."""

    kind: str
    path: Path
    bytes: int
    means: dict[str, float]
    seconds: float


def export(
    checkpoint: Path,
    data: Path,
    out: Path,
    limit: int = 200,
    say: Callable[[str], None] = print,
) -> list[Variant]:
    """Write and measure float32, float16-weight and int8 variants; the best first.

    Raises InputError when ONNX and torch disagree by more than 1e-3 of the map's spread on any of
    20 pictures.
    """
    network = CompactNetwork()
    network.load_state_dict(load_compact(checkpoint))
    network.eval()
    held_out = DrawingSet(data, "val")
    pictures = [_input(held_out, n) for n in choose(held_out, _CHECKED_PICTURES, seed=1)]
    out = output_folder(out)
    exact = out / "compact-fp32.onnx"
    export_onnx(network, exact)
    difference = largest_difference(network, exact, pictures)
    say(f"ONNX against torch on {len(pictures)} pictures: {difference:.1e} of the spread at most.")
    if not difference <= TOLERANCE:
        raise InputError(
            f"{exact.name} differs from torch by {difference:.1e} of the map's spread; "
            f"at most {TOLERANCE:.0e} is accepted."
        )
    half = out / "compact-fp16.onnx"
    half_weights(exact, half)
    integer = out / "compact-int8.onnx"
    training = DrawingSet(data, "train")
    integer_weights(
        exact, integer, [_input(training, n) for n in choose(training, _CALIBRATION_PICTURES)]
    )
    numbers = choose(held_out, limit)
    variants = []
    for kind, path in (("float16 weights", half), ("int8", integer), ("float32", exact)):
        predictor = OnnxPredictor.from_file(path, DepthSettings())
        found = evaluate(predictor, held_out, numbers, str(data), "val")
        means = {m: found.mean(m) for m in METRICS}
        variant = Variant(kind, path, path.stat().st_size, means, _seconds(predictor))
        variants.append(variant)
        say(
            f"{kind}: {variant.bytes / 1e6:.1f} MB, order {means['order']:.4f}, foreground "
            f"{means['foreground_order']:.4f}, MAE {means['mae']:.3f}, network alone at "
            f"{WORKING_SIZE} px {variant.seconds * 1e3:.0f} ms"
        )
    return sorted(variants, key=_preference(variants))


def _preference(variants: list[Variant]) -> Callable[[Variant], tuple[bool, float]]:
    """What fits goes before what does not; among those, float16 weights unless int8 is worth it.

    Eight bits must be a quarter faster without costing order: processors without VNNI saturate in
    8-bit products, so that what is measured here need not hold elsewhere.
    """
    reference = next(v for v in variants if v.kind == "float32")
    rank = {"float16 weights": 1.0, "float32": 2.0, "int8": 3.0}

    def key(variant: Variant) -> tuple[bool, float]:
        lost = reference.means["order"] - variant.means["order"]
        unfit = variant.bytes > LARGEST_FILE or lost > _ORDER_TO_GIVE_UP
        worth = variant.kind == "int8" and variant.seconds < 0.75 * reference.seconds
        return unfit, 0.0 if worth else rank[variant.kind]

    return key


def _input(drawings: DrawingSet, number: int) -> dict[str, NDArray[np.float32]]:
    """What the exported network is given for a drawing."""
    rgb = drawings[number].rgb.astype(np.float32) / 255.0
    opaque = np.ones((*rgb.shape[:2], 1), np.float32)
    prepared = prepare(Image(np.concatenate([rgb, opaque], axis=2)), WORKING_SIZE, STRIDE)
    inputs = prepared.inputs or RegionInputs.empty(*prepared.fitted.rgb.shape[1:])
    return {"rgb": prepared.fitted.rgb[None], **inputs.feeds()}


def _seconds(predictor: OnnxPredictor) -> float:
    """Fastest of several runs of the network alone on a picture of the working size."""
    stripes = np.ones((WORKING_SIZE, WORKING_SIZE, 4), np.float32)
    stripes[:, ::32, :3] = np.linspace(0.0, 0.9, WORKING_SIZE // 32)[:, None]
    prepared = prepare(Image(stripes), WORKING_SIZE, STRIDE)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        predictor.run(prepared)
        times.append(time.perf_counter() - start)
    return min(times)


def attribution(drawings: DrawingSet) -> list[dict[str, Any]]:
    """Every source behind a model: name, licence, authors, number of drawings."""
    found: dict[tuple[str, str, str], int] = {}
    for meta in drawings.meta:
        key = (
            str(meta.get("source", "unknown")),
            str(meta.get("licence", "unknown")),
            str(meta.get("author", "unknown")),
        )
        found[key] = found.get(key, 0) + 1
    return [
        {"source": source, "licence": licence, "author": author, "drawings": count}
        for (source, licence, author), count in sorted(found.items())
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
        "and pairs of R regions (illustrators_depth.networks.region_inputs)",
        "output": "depth (1, h, w) and regions (1, R), larger = nearer, arbitrary unit and offset",
        "working_size": WORKING_SIZE,
        "encoder": "EfficientNet-Lite0, public ImageNet weights (Apache-2.0), fine-tuned",
        "validation": {m: round(v, 4) for m, v in variant.means.items()},
        "notes": notes,
        "training_data": attribution(DrawingSet(data, "train")),
    }
    _install(folder / "compact.onnx", variant.path.read_bytes())
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    _install(folder / "compact.json", text.encode("utf-8"))
    _install(folder / "compact.md", markdown_card(card).encode("utf-8"))


def _install(path: Path, data: bytes) -> None:
    with atomic_path(path, overwrite=True) as partial:
        partial.write_bytes(data)


def markdown_card(card: Mapping[str, Any]) -> str:
    """The card for people: purpose, scores, limits, and whose work it learned from."""
    score = {m: f"{card['validation'].get(m, float('nan')):.3f}" for m in METRICS}
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

## Scores on the validation split

Order (ties wrong) **{score["order"]}**, within the foreground {score["foreground_order"]},
touching layers {score["touching_order"]}, MAE {score["mae"]}. Intervals, baselines and styles never
seen: docs/results.md.

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
