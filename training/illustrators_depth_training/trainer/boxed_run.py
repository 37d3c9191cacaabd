"""A training run of so many minutes, from its config to an ONNX file and what it scores."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.predictors.onnx import OnnxPredictor
from illustrators_depth.settings import DepthSettings

from ..evaluation.evaluate import choose, evaluate, save
from ..export.onnx_export import export_onnx
from ..hardware import is_out_of_device_memory, release_memory
from ..packed import open_drawings
from .config import TrainConfig
from .time_box import TimeBox
from .train import LAST, train

__all__ = ["run_boxed"]

_MEASURED_PICTURES = 48

Say = Callable[[str], None]


def run_boxed(
    config: TrainConfig, out: Path, minutes: float, quiet: bool = False, say: Say = print
) -> None:
    """Train for the minutes given, save, export `out`/compact.onnx and measure it on val.

    The time begins with the call. A batch that does not fit the device's memory is halved, and
    said to be, as often as needed. Networks other than the compact one with regions are saved only.

    Raises InputError when the minutes are not above 0 or the run cannot start.
    """
    box = TimeBox(minutes, config.batch * config.devices * config.nodes)
    while True:
        try:
            train(config, out, quiet=quiet, box=box)
            break
        except Exception as error:
            if not is_out_of_device_memory(error):
                raise
            if config.batch == 1:
                raise InputError(
                    "The device's memory is too small for batches of 1; lower --set size or "
                    "--set tokens."
                ) from error
        config = replace(config, batch=config.batch // 2)
        box.start_again(config.batch * config.devices * config.nodes)
        release_memory()
        say(f"The device's memory is too small; going on with batches of {config.batch}.")
    say(f"Trained: {box.report()}.")
    if config.network.kind == "compact" and config.tokens:
        _finish(config, out, say)


def _finish(config: TrainConfig, out: Path, say: Say) -> None:
    started = time.monotonic()
    network = CompactNetwork()
    network.load_state_dict(load_compact(out / "checkpoints" / LAST))
    network.eval()
    model = out / "compact.onnx"
    export_onnx(network, model)
    say(f"Exported {model}.")
    if config.validation.kind == "shards":
        path = Path(config.validation.path)
        drawings = open_drawings(path, "val", config.validation.exclude)
        numbers = choose(drawings, _MEASURED_PICTURES, per_group=1)
        predictor = OnnxPredictor.from_file(model, DepthSettings())
        evaluation = evaluate(predictor, drawings, numbers, path.name, "val")
        save(evaluation, out / "val.json")
        say(
            f"On {len(numbers)} drawings of val: occlusion order "
            f"{evaluation.mean('occlusion_order'):.4f}, order {evaluation.mean('order'):.4f}."
        )
    say(f"Saving, exporting and measuring took {time.monotonic() - started:.0f} s.")
