"""Turns a checkpoint into what ships: ONNX variants, each checked against torch and measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.predictors.onnx import WORKING_SIZE, OnnxPredictor
from illustrators_depth.predictors.regional import prepare
from illustrators_depth.regions.region_inputs import RegionInputs
from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image

from ..evaluation.evaluate import METRICS, choose, evaluate
from ..output_files import output_folder
from ..samples.drawings import DrawingSet
from .onnx_export import export_onnx, half_weights, integer_weights, largest_difference
from .variant import CARD_NAME, LARGEST_FILE, Variant

__all__ = ["export"]

TOLERANCE = 1e-3
_CHECKED_PICTURE_COUNT, _CALIBRATION_PICTURE_COUNT = 20, 48
_MAX_ORDER_LOSS = 0.001  # a smaller or faster variant may cost this much order at most


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
    pictures = [_input(held_out, n) for n in choose(held_out, _CHECKED_PICTURE_COUNT, seed=1)]
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
        exact, integer, [_input(training, n) for n in choose(training, _CALIBRATION_PICTURE_COUNT)]
    )
    numbers = choose(held_out, limit)
    variants = []
    for kind, path in (("float16 weights", half), ("int8", integer), ("float32", exact)):
        predictor = OnnxPredictor.from_file(path, DepthSettings())
        evaluation = evaluate(predictor, held_out, numbers, data.name, "val")
        means = {m: evaluation.mean(m) for m in METRICS}
        evaluation.predictor = CARD_NAME
        variant = Variant(
            kind, path, path.stat().st_size, means, _seconds(predictor), evaluation.to_json()
        )
        variants.append(variant)
        say(
            f"{kind}: {variant.bytes / 1e6:.1f} MB, occlusion order "
            f"{means['occlusion_order']:.4f}, order {means['order']:.4f}, network alone at "
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
        unfit = variant.bytes > LARGEST_FILE or lost > _MAX_ORDER_LOSS
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
