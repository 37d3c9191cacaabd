"""The end of a run on a device: averaged weights as ONNX, and what they score on val."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.networks.region_stage import RegionBatch
from illustrators_depth.predictors.regional import compose_depth, prepare
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.types import DepthMap, Image

from ..evaluation.evaluate import Evaluation, choose, evaluate, save
from ..learning.time_plan import TimePlan
from ..packed import open_drawings
from .recipe import DeviceRecipe

__all__ = ["NetworkPredictor", "finish"]

_MEASURED_PICTURES = 48
_SPARE_SECONDS = 3.0

Say = Callable[[str], None]


class NetworkPredictor:
    """The compact network as a predictor, without the border network or ONNX Runtime."""

    def __init__(self, network: CompactNetwork, size: int, name: str = "compact") -> None:
        self.name, self.device = name, "cpu"
        self._network, self._size = network, size

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer."""
        prepared = prepare(image, self._size, STRIDE)
        progress("depth", 0.3)
        rgb = torch.from_numpy(prepared.fitted.rgb[None])
        with torch.inference_mode():
            if prepared.inputs is None:
                depth, values = self._network(rgb)[0].numpy(), None
            else:
                feeds = {n: torch.from_numpy(v) for n, v in prepared.inputs.feeds().items()}
                dense, of_regions = self._network.with_regions(rgb, RegionBatch(**feeds))
                depth, values = dense[0].numpy(), of_regions[0].numpy()
        result, _sure = compose_depth(prepared, depth, values)
        progress("depth", 1.0)
        return DepthMap(np.ascontiguousarray(result, np.float32), self.name, self.device)


def finish(
    recipe: DeviceRecipe,
    average: Mapping[str, Tensor],
    data: Path,
    out: Path,
    plan: TimePlan,
    say: Say,
) -> None:
    """Write the averaged weights, the compact network's ONNX file, and what it scores.

    What there is no time for is left out, and said to be.
    """
    weights = {n: v.detach().float().cpu().contiguous() for n, v in average.items()}
    with atomic_path(out / f"{recipe.network}.safetensors", overwrite=True) as partial:
        half = {n: v.to(torch.float16) for n, v in weights.items()}
        save_file(half, partial, metadata={"network": recipe.network})
    if recipe.network != "compact":
        return
    network = CompactNetwork().eval()
    network.load_state_dict(weights)
    _measure(network, recipe.size, data, out, plan, say)
    if importlib.util.find_spec("onnx") is None:
        say("onnx is not installed: compact.onnx was not written; export compact.safetensors.")
        return
    from ..export.onnx_file import export_onnx

    export_onnx(network, out / "compact.onnx", quick=True)
    say(f"Exported {out / 'compact.onnx'}.")


def _measure(
    network: CompactNetwork, size: int, data: Path, out: Path, plan: TimePlan, say: Say
) -> None:
    """Score drawings of val one by one, until half of the time that is left is over."""
    try:
        drawings = open_drawings(data, "val")
    except InputError:
        say(f"{data.name} holds no drawings of val: nothing was measured.")
        return
    numbers = choose(drawings, _MEASURED_PICTURES, per_group=1)
    predictor = NetworkPredictor(network, size)
    until = time.monotonic() + 0.5 * max(0.0, plan.seconds_left - _SPARE_SECONDS)
    evaluation: Evaluation | None = None
    for number in numbers:
        single = evaluate(predictor, drawings, [number], data.name, "val")
        if evaluation is None:
            evaluation = single
        else:
            evaluation.pictures += single.pictures
        if time.monotonic() > until:
            break
    assert evaluation is not None
    save(evaluation, out / "val.json")
    say(
        f"On {len(evaluation.pictures)} drawings of val: occlusion order "
        f"{evaluation.mean('occlusion_order'):.4f}, order {evaluation.mean('order'):.4f}."
    )
